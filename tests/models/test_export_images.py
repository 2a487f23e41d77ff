"""The trained form of the image networks through torch.export and torch.compile."""

import pytest
import torch

pytest.importorskip('mmpretrain')
from mmengine.registry import init_default_scope  # noqa: E402
from mmpretrain.registry import MODELS  # noqa: E402

from kss_mm.models.deploy.end_to_end import EndToEnd  # noqa: E402

K = 5
IMAGE = (3, 47, 64)


@pytest.fixture
def network(make_graph):
    init_default_scope('mmpretrain')
    return EndToEnd(MODELS.build(dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=K,
                      zero_init=False),
        neck=dict(type='kss_mm.LabelGCN', graph=make_graph(K), lam=.6, tau=.03, eta=.4),
        head=dict(type='kss_mm.KSSClsHead', num_classes=K, in_channels=64),
        data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3))))


@pytest.mark.parametrize('strict', [False, True])
def test_export_with_any_batch(network, strict):
    program = torch.export.export(network, (network.random_pixels(IMAGE, 2),), strict=strict,
                                  dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    x = network.random_pixels(IMAGE, 3)
    for found, expected in zip(program.module()(x), network(x)):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_compiles_in_one_graph(network):
    x = network.random_pixels(IMAGE, 2)
    found = torch.compile(network, backend='aot_eager', fullgraph=True)(x)
    torch.testing.assert_close(found, network(x), rtol=1e-4, atol=1e-5)


def test_trains_compiled(network):
    network.train()
    x = network.random_pixels(IMAGE, 2)
    gradients = []
    for function in (network, torch.compile(network, backend='aot_eager', fullgraph=True)):
        network.zero_grad()
        function(x)[0].square().sum().backward()
        gradients.append({name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None})
    plain, compiled = gradients
    assert plain.keys() == compiled.keys() and any('neck' in name for name in plain)
    for name, gradient in plain.items():
        torch.testing.assert_close(compiled[name], gradient, rtol=1e-3, atol=1e-3 * gradient.abs().max().item())
