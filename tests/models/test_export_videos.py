"""The trained form of the video networks through torch.export and torch.compile."""

import pytest
import torch

pytest.importorskip('mmaction')
from mmaction.registry import MODELS  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402

from kss_mm.models.deploy.end_to_end import EndToEnd  # noqa: E402

K = 5
CLIP = (3, 5, 40, 57)


@pytest.fixture
def network(make_graph):
    init_default_scope('mmaction')
    return EndToEnd(MODELS.build(dict(
        type='kss_mm.KSSNet',
        backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=K, width=.125, zero_init=False, ends='Mixed_3c',
                      taps=('Conv3d_2c_3x3', 'Mixed_3b')),
        neck=dict(type='kss_mm.LabelGCN', graph=make_graph(K), lam=.6, tau=.03, eta=.4),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=K, in_channels=60),
        data_preprocessor=dict(type='ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3, format_shape='NCTHW'))))


@pytest.mark.parametrize('strict', [False, True])
def test_export_with_any_batch(network, strict):
    program = torch.export.export(network, (network.random_pixels(CLIP, 2),), strict=strict,
                                  dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    x = network.random_pixels(CLIP, 3)
    for found, expected in zip(program.module()(x), network(x)):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_compiles_in_one_graph(network):
    x = network.random_pixels(CLIP, 2)
    found = torch.compile(network, backend='aot_eager', fullgraph=True)(x)
    torch.testing.assert_close(found, network(x), rtol=1e-4, atol=1e-5)


def test_trains_compiled(network):
    network.train()
    network.model.cls_head.classifier.dropout.p = 0.
    x = network.random_pixels(CLIP, 2)
    gradients = []
    for function in (network, torch.compile(network, backend='aot_eager', fullgraph=True)):
        network.zero_grad()
        function(x)[0].square().sum().backward()
        gradients.append({name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None})
    plain, compiled = gradients
    assert plain.keys() == compiled.keys() and any('neck' in name for name in plain)
    for name, gradient in plain.items():
        torch.testing.assert_close(compiled[name], gradient, rtol=1e-3, atol=1e-3 * gradient.abs().max().item())
