"""Modules that may be folded: networks of a few layers, each with one reason for or against it."""

import pytest
import torch
from torch import nn

from kss_mm.models import inject
from kss_mm.models.deploy.fold import fold_batch_norms, fold_laterals
from kss_mm.models.deploy.foldable import find_foldable

C, K = 4, 3
X = (2, C, 9, 8)


class Net(nn.Module):
    """A tapped layer, and what ``forward`` makes of its output."""

    def __init__(self, forward=lambda net, y: net.conv(y), **layers: nn.Module):
        super().__init__()
        self.tap = nn.Conv2d(C, C, 1)
        self.conv = nn.Conv2d(C, 5, 3, padding=1, stride=2)
        for name, layer in layers.items():
            self.add_module(name, layer)
        self.rest = forward

    def forward(self, x):
        return self.rest(self, self.tap(x))


def norm(channels: int = 5) -> nn.BatchNorm2d:
    layer = nn.BatchNorm2d(channels)
    for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
        nn.init.uniform_(tensor, .5, 2)
    return layer


@pytest.mark.parametrize(('forward', 'layers'), [
    (lambda net, y: net.bn(net.conv(y)), {}),
    (lambda net, y: net.bn(net.conv(y)).relu_(), {}),
    (lambda net, y: net.bn(net.conv(y).contiguous(memory_format=torch.channels_last)), {}),
    (lambda net, y: net.bn(net.conv(y)), dict(conv=nn.Conv2d(C, 6, 3, groups=2, bias=False), bn=norm(6))),
    (lambda net, y: net.bn(net.conv(y)), dict(bn=nn.SyncBatchNorm(5))),
    (lambda net, y: net.bn(net.conv(y)), dict(bn=nn.BatchNorm2d(5, affine=False))),
])
def test_batch_norms_that_fold(forward, layers):
    net = Net(forward, **{'bn': norm(), **layers}).eval()
    x = torch.randn(X)
    expected, (foldable, _) = net(x), find_foldable(net, x)
    assert foldable.normalised == {'bn': 'conv'}
    fold_batch_norms(net, foldable.normalised)
    assert isinstance(net.bn, nn.Identity)
    torch.testing.assert_close(net(x), expected)


def test_a_batch_norm_with_its_activation_leaves_the_activation():
    timm = pytest.importorskip('timm')
    layer = timm.layers.BatchNormAct2d(5, act_layer=nn.ReLU6)
    layer.load_state_dict(norm().state_dict())
    net = Net(lambda net, y: net.bn(net.conv(y)), bn=layer).eval()
    x = 9 * torch.randn(X)
    expected = net(x)
    fold_batch_norms(net, find_foldable(net, x)[0].normalised)
    assert not isinstance(net.bn, timm.layers.BatchNormAct2d) and (expected == 0).any() and (expected == 6).any()
    torch.testing.assert_close(net(x), expected)


class Doubled(nn.BatchNorm2d):
    def forward(self, x):
        return 2 * super().forward(x)


@pytest.mark.parametrize(('forward', 'layers'), [
    (lambda net, y: net.bn(net.conv(y)), dict(bn=Doubled(5))),
    (lambda net, y: net.bn(net.conv(y).relu_()), {}),  # an activation between them, in place
    (lambda net, y: (z := net.conv(y), net.bn(z) + z)[1], {}),  # another reader
    (lambda net, y: (z := net.conv(y), net.bn(z.clone()) + z)[1], {}),
    (lambda net, y: (z := net.conv(y), (net.bn(z), z))[1], {}),  # returned as well
    (lambda net, y: net.bn(net.conv(y)) + net.conv(y), {}),  # a convolution that works twice
    (lambda net, y: net.bn(net.conv(y)) + net.bn(y[:, :1].expand(-1, 5, -1, -1)[:, :, ::2, ::2]), {}),  # a norm too
    (lambda net, y: net.bn(net.conv(y)), dict(bn=nn.BatchNorm2d(5, track_running_stats=False))),
    (lambda net, y: net.bn(net.conv(y)), dict(conv=nn.ConvTranspose2d(C, 5, 3))),
    (lambda net, y: net.bn(y), dict(tap=nn.Identity(), bn=norm(C))),
    (lambda net, y: net.bn(net.conv(y)), dict(bn=nn.GroupNorm(1, 5))),
])
def test_batch_norms_that_stay(forward, layers):
    net = Net(forward, **{'bn': norm(), **layers})
    foldable, _ = find_foldable(net, torch.randn(X))
    assert foldable.normalised == {}


def with_lateral(net: Net) -> Net:
    inject(net, ['tap'], [C], K, zero_init=False)
    net.laterals.feed([torch.randn(K, C)])
    return net.eval()


@pytest.mark.parametrize(('forward', 'layers', 'absorbing'), [
    (lambda net, y: net.conv(y), {}, ('conv',)),
    (lambda net, y: net.conv(y), dict(conv=nn.Conv2d(C, 5, 3, padding=1, padding_mode='zeros', dilation=2)), ('conv',)),
    (lambda net, y: net.conv(y) + net.other(nn.functional.avg_pool2d(y, 2, 2, ceil_mode=True, count_include_pad=False)),
     dict(other=nn.Conv2d(C, 5, 1)), ('conv', 'other')),
    (lambda net, y: net.conv(nn.functional.pad(y, (1, 2, 0, 1))), {}, ('conv',)),
])
def test_laterals_that_fold(forward, layers, absorbing):
    net = with_lateral(Net(forward, **layers))
    x = torch.randn(X)
    expected, (foldable, _) = net(x), find_foldable(net, x)
    assert foldable.absorbing == {0: absorbing}
    fold_laterals(net, foldable.absorbing)
    assert not hasattr(net, 'laterals')
    torch.testing.assert_close(net(x), expected)


@pytest.mark.parametrize(('forward', 'layers'), [
    (lambda net, y: net.conv(nn.functional.max_pool2d(y, 2)), {}),
    (lambda net, y: net.conv(y.relu()), {}),
    (lambda net, y: net.conv(y.relu_()), {}),
    (lambda net, y: (net.conv(y), y), {}),
    (lambda net, y: (net.conv(y), {'deep': [y.flatten(1)]}), {}),
    (lambda net, y: net.other(y) + y, dict(other=nn.Conv2d(C, C, 1))),  # a residual connection
    (lambda net, y: net.conv(y), dict(conv=nn.Conv2d(C, C, 3, groups=2))),
    (lambda net, y: net.conv(y), dict(conv=nn.ConvTranspose2d(C, 5, 3))),
    (lambda net, y: net.conv(nn.functional.pad(y, (1, 1), value=1.)), {}),
    (lambda net, y: net.conv(nn.functional.pad(y, (0, 0, 0, 0, 1, 0))[:, 1:]), {}),  # channels
    (lambda net, y: net.conv(y) + net.conv(y * 0), {}),  # the convolution has another input as well
    (lambda net, y: net.conv(torch.cat([y[:, 1:], y[:, :1]], 1)), {}),  # a shift of channels, as TSM's
    (lambda net, y: net.conv(net.tap(y)), {}),  # tapped twice
    (lambda net, y: nn.functional.conv2d(y, 2 * net.conv.weight), {}),
    (lambda net, y: y.sum(1), {}),
])
def test_laterals_that_stay(forward, layers):
    net = with_lateral(Net(forward, **layers))
    x = torch.randn(X)
    expected, (foldable, _) = net(x), find_foldable(net, x)
    assert foldable.absorbing == {}
    fold_laterals(net, foldable.absorbing)
    assert len(net.laterals) == 1
    torch.testing.assert_close(net(x), expected)


def test_watching_leaves_the_network_as_it_is():
    net = with_lateral(Net(bn=norm(), forward=lambda net, y: net.bn(net.conv(y)))).train()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    find_foldable(net, torch.randn(X))
    assert net.training and not any(module._forward_hooks for module in net.laterals)
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())
