"""The trained form of both hosts' networks through torch.export and torch.compile."""

import pytest
import torch
from mmengine.registry import MODELS, init_default_scope

from kss_mm.models.deploy.pixels_to_logits import PixelsToLogits

K = 5
# A network without its neck, and the shape of a sample.
NETWORKS = {
    'mmaction': (dict(
        type='kss_mm.KSSNet',
        backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=K, width=.125, zero_init=False, ends='Mixed_3c',
                      taps=('Conv3d_2c_3x3', 'Mixed_3b')),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=K, in_channels=60, dropout=0.),
        data_preprocessor=dict(type='ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3, format_shape='NCTHW')),
        (3, 5, 40, 57)),
    'mmpretrain': (dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=K,
                      zero_init=False),
        head=dict(type='kss_mm.KSSClsHead', num_classes=K, in_channels=64),
        data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3)), (3, 47, 64)),
}


@pytest.fixture(params=NETWORKS)
def case(request, make_graph):
    """A network, and what makes inputs of it."""
    pytest.importorskip(request.param)
    # Sizes that an earlier network was compiled for make those of the next one symbols, which takes minutes to solve.
    torch.compiler.reset()
    init_default_scope(request.param)
    config, shape = NETWORKS[request.param]
    neck = dict(type='kss_mm.LabelGCN', graph=make_graph(K), lam=.6, tau=.03, eta=.4)
    network = PixelsToLogits(MODELS.build({**config, 'neck': neck}))
    return network, lambda batch: network.random_pixels(shape, batch)


@pytest.mark.parametrize('strict', [False, True])
@pytest.mark.slow
def test_export_with_any_batch(case, strict):
    network, pixels = case
    program = torch.export.export(network, (pixels(2),), strict=strict,
                                  dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    x = pixels(3)
    for found, expected in zip(program.module()(x), network(x)):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_compiles_in_one_graph(case):
    network, pixels = case
    x = pixels(2)
    found = torch.compile(network, backend='aot_eager', fullgraph=True)(x)
    torch.testing.assert_close(found, network(x), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_trains_compiled(case):
    network, pixels = case
    network.train()
    x = pixels(2)
    gradients = []
    for function in (network, torch.compile(network, backend='aot_eager', fullgraph=True)):
        network.zero_grad()
        function(x)[0].square().sum().backward()
        gradients.append({name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None})
    plain, compiled = gradients
    assert plain.keys() == compiled.keys() and any('neck' in name for name in plain)
    for name, gradient in plain.items():
        torch.testing.assert_close(compiled[name], gradient, rtol=1e-3, atol=1e-3 * gradient.abs().max().item())
