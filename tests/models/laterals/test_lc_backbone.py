import copy
import pickle

import pytest
import torch
from torch import nn

from kss_mm.errors import InputError
from kss_mm.models import InceptionI3d, LCBackbone, LCInceptionI3d, inject

K = 5
TAPS = ('Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f')


def small(**kwargs) -> LCInceptionI3d:
    return LCInceptionI3d(K, width=.125, **kwargs).eval()


def embeddings(net) -> list[torch.Tensor]:
    return [torch.randn(K, lateral.channels) for lateral in net.laterals]


def test_zero_init_equals_the_plain_backbone_bit_for_bit():
    plain, net = InceptionI3d(width=.125).eval(), small()
    missing = net.load_state_dict(plain.state_dict(), strict=False)
    assert not missing.unexpected_keys
    assert all(key.startswith('laterals.') for key in missing.missing_keys)
    net.laterals.feed(embeddings(net))
    x = torch.randn(2, 3, 8, 32, 32)
    assert torch.equal(net(x), plain(x))


@pytest.mark.parametrize('tap', TAPS)
def test_a_lateral_rewrites_the_output_of_its_tap(tap):
    """Inject after one stage by hand, and run the rest on it."""
    net = small(taps=(tap,), zero_init=False)
    (embedding,) = embeddings(net)
    net.laterals.feed([embedding])
    x = torch.randn(1, 3, 8, 32, 32)
    expected = x
    plain = InceptionI3d(width=.125).eval()
    plain.load_state_dict({k: v for k, v in net.state_dict().items() if not k.startswith('laterals')})
    for name in plain.stages:
        expected = getattr(plain, name)(expected)
        if name == tap:
            expected = net.laterals[0](expected, embedding)
    torch.testing.assert_close(net(x), expected)


def test_a_backbone_that_was_not_fed_says_so():
    with pytest.raises(InputError, match='label embeddings'):
        small()(torch.randn(1, 3, 8, 32, 32))


def test_as_many_embeddings_as_laterals():
    with pytest.raises(InputError, match='3 lateral connections'):
        small().laterals.feed([torch.randn(K, 24)])


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_injects_by_its_own_laterals(copied):
    """EMA copies models; a hook that leads back to the original would train the copy on stale weights."""
    net = small(zero_init=False)
    fed = [e.requires_grad_() * 1 for e in embeddings(net)]  # not leaves: these could not be copied
    net.laterals.feed(fed)
    twin = copied(net)
    assert twin.laterals.embeddings is None
    for lateral in twin.laterals:
        nn.init.zeros_(lateral.g.weight)
    twin.laterals.feed(fed)
    x = torch.randn(1, 3, 8, 32, 32)
    plain = InceptionI3d(width=.125).eval()
    plain.load_state_dict({k: v for k, v in net.state_dict().items() if not k.startswith('laterals')})
    assert torch.equal(twin(x), plain(x))
    assert not torch.equal(net(x), plain(x))


def test_gradient_checkpointing_recomputes_with_the_same_embeddings():
    from torch.utils.checkpoint import checkpoint

    net = nn.Sequential()
    net.add_module('stem', nn.Conv2d(3, 4, 1))
    net.add_module('stage', nn.Conv2d(4, 4, 1))
    inject(net, ('stage',), (4,), K, zero_init=False)
    net.laterals.feed([torch.randn(K, 4)])
    x = torch.randn(1, 3, 2, 2)
    grads = []
    for run in (net.stage, lambda y: checkpoint(net.stage, y, use_reentrant=False)):
        net.zero_grad()
        run(net.stem(x)).square().sum().backward()
        grads.append(net.laterals[0].g.weight.grad.clone())
    torch.testing.assert_close(*grads)


def test_lc_backbone_taps_any_registered_backbone():
    built = LCBackbone(dict(type='kss_mm.InceptionI3d', width=.125), ('Mixed_3b', 'Mixed_4b'), num_classes=K)
    assert type(built) is InceptionI3d and [lateral.channels for lateral in built.laterals] == [32, 64]


def test_impossible_taps_are_named():
    with pytest.raises(InputError, match="'Mixed_9z' is not a stage of Inception-I3D"):
        small(taps=('Mixed_9z',))
    with pytest.raises(InputError, match='same length'):
        inject(nn.Sequential(nn.Identity()), ('0',), (), K)


REVERSIBLE = dict(type='mmpretrain.RevVisionTransformer', arch='deit-tiny', img_size=32, patch_size=16)


@pytest.mark.parametrize(('backbone', 'options', 'message'), [
    (dict(type='kss_mm.InceptionI3d', width=.1), dict(taps='Mixed_3c'), "taps='Mixed_3c', .* must be sequences"),
    (dict(type='kss_mm.InceptionI3d', width=.1), dict(taps=['Mixed_3c'], channels=8), 'channels=8: must be sequences'),
    (dict(type='kss_mm.LCInceptionI3d', width=.1, num_classes=K), dict(taps=['Mixed_3c']), 'has .* laterals already'),
    (REVERSIBLE, dict(taps=['layers.0']), 'computes its backward pass itself.* set no_custom_backward=True'),
])
def test_what_cannot_be_built_is_named(backbone, options, message):
    pytest.importorskip(backbone['type'].partition('.')[0])
    with pytest.raises(InputError, match=message):
        LCBackbone(backbone, num_classes=K, **options)
