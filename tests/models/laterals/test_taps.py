from collections import namedtuple

import pytest
import torch
from torch import nn

from kss_mm.errors import InputError
from kss_mm.models import LCBackbone
from kss_mm.models.laterals.lateral import feature_of, with_feature
from kss_mm.models.laterals.taps import find_channels, layout_of
from kss_mm.registry import MODELS

Pair = namedtuple('Pair', 'feature size')


@MODELS.register_module(name='test_taps.ToyNet')
class ToyNet(nn.Module):
    """A stem, and stages whose outputs have every form that backbones return."""

    def __init__(self, size=None, dim=2):
        super().__init__()
        conv = {2: nn.Conv2d, 3: nn.Conv3d}[dim]
        self.size = size
        self.stem = nn.Sequential(conv(3, 6, 1), {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[dim](6), nn.Dropout(.5))
        self.first, self.last, self.tokens = nn.Identity(), nn.Identity(), nn.Identity()
        self.pair, self.vector, self.text, self.unused = nn.Identity(), nn.Identity(), nn.Identity(), nn.Identity()
        self.register_buffer('seen', torch.zeros(1))

    def forward(self, x):
        if self.size and x.shape[-1] != self.size:
            raise ValueError(f'made for {self.size} pixels')
        self.seen = torch.full((x.shape[-1],), 1.)  # as SwinV2 and EVA02 fit their buffers to the input
        x = self.first(self.stem(x))
        y = self.last(x.movedim(1, -1))
        z = self.tokens(y.flatten(1, -2))
        pair = self.pair((z, y.shape))
        self.vector(z.mean(1)), self.text('text')
        return x, y, z, pair


ALL = ('first', 'last', 'tokens', 'pair')


@pytest.mark.parametrize('dim', [2, 3])
@pytest.mark.parametrize('size', [None, 224])
def test_channels_and_layouts_are_found(dim, size):
    net = ToyNet(size, dim)
    assert find_channels(net, ALL, [None] * 4) == [(6, 'channels_first'), *[(6, 'channels_last')] * 3]


def test_a_layout_that_is_given_wins():
    assert find_channels(ToyNet(), ('tokens',), ['channels_first'], input_shape=(2, 3, 8, 8)) == [
        (64, 'channels_first')]


@pytest.mark.parametrize(('shape', 'square', 'layout'), [
    ((1, 49, 96), True, 'channels_last'), ((1, 96, 7, 7), True, 'channels_first'),
    ((1, 7, 7, 96), True, 'channels_last'), ((1, 96, 8, 7, 7), True, 'channels_first'),
    ((1, 8, 7, 7, 96), True, 'channels_last'),
    ((1, 7, 7, 7), True, 'channels_first'), ((1, 7, 7, 7, 7), True, 'channels_first'),
    ((1, 64, 64, 17), False, 'channels_first')])
def test_layouts_of_shapes(shape, square, layout):
    assert layout_of(shape, square) == layout


def test_the_backbone_and_random_states_stay_as_they_are():
    net = ToyNet().train()
    net.stem[1].eval()
    state = {name: value.clone() for name, value in net.state_dict().items()}
    before = torch.get_rng_state()
    find_channels(net, ('tokens',), [None])
    assert torch.equal(torch.get_rng_state(), before)
    assert net.state_dict().keys() == state.keys()
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())
    assert net.training and net.stem[0].training and not net.stem[1].training
    assert not any(module._forward_hooks for module in net.modules())


@pytest.mark.parametrize(('tap', 'message'), [
    ('unused', "'unused' of ToyNet is not called"), ('text', "'text' of ToyNet returns str"),
    ('vector', r"'vector' of ToyNet returns a tensor of shape \(1, 6\)"),
    ('none', "'none' is not a submodule of ToyNet"),
    ('', "'' is not a submodule"), ('stem.1', 'SyncBN')])
def test_impossible_taps_are_named(tap, message):
    with pytest.raises(InputError, match=message):
        LCBackbone(dict(type=ToyNet), (tap,), num_classes=5)


def test_where_no_input_runs_the_remedy_is_named():
    with pytest.raises(InputError, match=r'ToyNet: .* at first.*made for 48 pixels.*give channels=.*input_shape='):
        LCBackbone(dict(type=ToyNet, size=48), ('first',), num_classes=5)
    for remedy in (dict(input_shape=(1, 3, 48, 48)), dict(channels=(6,))):
        assert LCBackbone(dict(type=ToyNet, size=48), ('first',), num_classes=5, **remedy).laterals[0].channels == 6


@pytest.mark.parametrize('output', [torch.ones(2), (torch.ones(2), 'rest'), [torch.ones(2), 1], Pair(torch.ones(2), 7)])
def test_a_feature_is_replaced_in_its_place(output):
    replaced = with_feature(output, feature_of(output) + 1)
    assert type(replaced) is type(output) and torch.equal(feature_of(replaced), torch.full((2,), 2.))
    if not isinstance(output, torch.Tensor):
        assert replaced[1:] == output[1:]


@pytest.mark.parametrize('output', [None, 'text', (), {}, [None, torch.ones(2)]])
def test_outputs_without_a_feature(output):
    assert feature_of(output) is None


def test_what_a_given_number_of_channels_leaves_unchecked_fails_when_it_runs():
    net = LCBackbone(dict(type=ToyNet), ('text',), num_classes=5, channels=(6,))
    net.laterals.feed([torch.randn(5, 6)])
    with pytest.raises(InputError, match='tap 0 .*, a Identity, returns str'):
        net(torch.randn(2, 3, 4, 4))


def test_connections_are_attached_once():
    with pytest.raises(InputError, match='laterals already'):
        LCBackbone(dict(type='kss_mm.LCInceptionI3d', num_classes=5, width=.125), ('Mixed_3b',), num_classes=5,
                   channels=(32,))


def test_every_form_is_rewritten_alike():
    net = LCBackbone(dict(type=ToyNet), ('first',), num_classes=5, zero_init=False).eval()
    embedding, x, state = torch.randn(5, 6), torch.randn(2, 3, 4, 4), net.state_dict()
    net.laterals.feed([embedding])
    expected = net(x)[0].movedim(1, -1)  # (B, H, W, C)
    for tap in ALL[1:]:
        other = LCBackbone(dict(type=ToyNet), (tap,), num_classes=5, zero_init=False).eval()
        other.load_state_dict(state)
        other.laterals.feed([embedding])
        index = ALL.index(tap)
        found = feature_of(other(x)[index])
        torch.testing.assert_close(found, expected.reshape(found.shape))
    assert other(x)[3][1] == (2, 4, 4, 6)


def test_layout_is_checked_and_one_for_each_tap():
    net = LCBackbone(dict(type=ToyNet), ('first', 'last'), num_classes=5, channels=(6, 6),
                     layout=(None, 'channels_last'))
    assert [lateral.layout for lateral in net.laterals] == [None, 'channels_last']
    with pytest.raises(InputError, match='layout must be None'):
        LCBackbone(dict(type=ToyNet), ('first',), num_classes=5, layout='NCHW')
    with pytest.raises(InputError, match='layout.* must have the same length'):
        LCBackbone(dict(type=ToyNet), ('first',), num_classes=5, layout=(None, None))
    net = LCBackbone(dict(type=ToyNet), ('last',), num_classes=5, channels=(6,))
    net.laterals.feed([torch.randn(5, 6)])
    with pytest.raises(InputError, match=r'6 channels, channels first, got features of shape \(2, 4, 4, 6\)'):
        net(torch.randn(2, 3, 4, 4))
