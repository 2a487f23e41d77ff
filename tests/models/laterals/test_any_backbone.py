"""Backbones of both hosts, none of which this project knows by name, take lateral connections."""

import copy

import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

from kss_mm.models import LCBackbone
from kss_mm.registry import MODELS

K = 5
PATHWAY = dict(type='resnet3d', depth=18, pretrained=None, conv1_stride_t=1, pool1_stride_t=1)
# Backbone, its taps, the channels there, and an input.
BACKBONES = {
    'SlowOnly': (dict(type='mmaction.ResNet3dSlowOnly', depth=50, base_channels=4, pretrained=None),
                 ('layer1', 'layer2', 'layer3'), (16, 32, 64), (2, 3, 4, 32, 32)),
    'SlowFast': (dict(type='mmaction.ResNet3dSlowFast', pretrained=None,
                      slow_pathway=dict(PATHWAY, base_channels=16, lateral=True, conv1_kernel=(1, 7, 7)),
                      fast_pathway=dict(PATHWAY, base_channels=2, lateral=False, conv1_kernel=(5, 7, 7))),
                 ('slow_path.layer1', 'slow_path.layer2', 'fast_path.layer3'), (16, 32, 8), (2, 3, 16, 32, 32)),
    'X3D': (dict(type='mmaction.X3D', gamma_w=.25, gamma_b=1., gamma_d=.5), ('layer1', 'layer2'), (8, 16),
            (2, 3, 4, 32, 32)),
    'TSM': (dict(type='mmaction.ResNetTSM', depth=18, num_segments=4, pretrained=None, pretrained2d=False),
            ('layer1', 'layer2', 'layer3'), (64, 128, 256), (8, 3, 32, 32)),
    'Swin': (dict(type='mmpretrain.SwinTransformer', window_size=2, drop_path_rate=0.,
                  arch=dict(embed_dims=8, depths=[1, 1, 1, 1], num_heads=[1, 2, 2, 2])),
             ('stages.0', 'stages.1', 'stages.2'), (8, 16, 32), (2, 3, 64, 64)),
    'ViT': (dict(type='mmpretrain.VisionTransformer', img_size=32, patch_size=8,
                 arch=dict(embed_dims=16, num_layers=3, num_heads=2, feedforward_channels=32)),
            ('layers.0', 'layers.1'), (16, 16), (2, 3, 32, 32)),
    'ResNet3d': (dict(type='mmaction.ResNet3d', depth=18, base_channels=8, pretrained=None), ('layer1', 'layer3'),
                 (8, 32), (2, 3, 4, 32, 32)),
    'VideoSwin': (dict(type='mmaction.SwinTransformer3D', pretrained=None, pretrained2d=False, window_size=(2, 2, 2),
                       arch=dict(embed_dims=8, depths=[1, 1, 1, 1], num_heads=[1, 2, 2, 2])),
                  ('layers.0', 'layers.1', 'layers.2'), (8, 16, 32), (2, 3, 4, 64, 64)),
    'UniFormer': (dict(type='mmaction.UniFormer', depth=[1, 1, 1, 1], embed_dim=[8, 16, 32, 32], head_dim=8,
                       drop_path_rate=0., pretrained2d=False),
                  ('blocks1.0', 'blocks2.0', 'blocks3.0'), (8, 16, 32), (2, 3, 4, 32, 32)),
    'MViT': (dict(type='mmpretrain.MViT', arch=dict(embed_dims=8, num_layers=3, num_heads=1, downscale_indices=[1]),
                  drop_path_rate=0.), ('blocks.0', 'blocks.1'), (8, 16), (2, 3, 224, 224)),
    'MobileNetV2': (dict(type='mmpretrain.MobileNetV2', widen_factor=.25), ('layer2', 'layer4'), (8, 16),
                    (2, 3, 32, 32)),
    'ConvNeXt': (dict(type='mmpretrain.ConvNeXt', arch=dict(depths=[1, 1, 1, 1], channels=[8, 16, 16, 32]),
                      drop_path_rate=0.), ('stages.0', 'stages.1'), (8, 16), (2, 3, 64, 64)),
    'EfficientNet': (dict(type='mmpretrain.EfficientNet', arch='b0', drop_path_rate=0.), ('layers.2', 'layers.3'),
                     (24, 40), (2, 3, 32, 32)),
    'DenseNet': (dict(type='mmpretrain.DenseNet', arch=dict(growth_rate=4, depths=[1, 1, 1, 1], init_channels=8)),
                 ('stages.0', 'transitions.0'), (12, 6), (2, 3, 32, 32)),
    'PoolFormer': (dict(type='mmpretrain.PoolFormer', drop_path_rate=0.,
                        arch=dict(layers=[1, 1, 1, 1], embed_dims=[8, 16, 24, 32], mlp_ratios=[2] * 4,
                                  layer_scale_init_value=1.)),
                   ('network.0', 'network.2'), (8, 16), (2, 3, 64, 64)),
}


@pytest.fixture(params=BACKBONES)
def case(request):
    """A backbone with connections, the plain one, and an input of both."""
    cfg, taps, channels, shape = BACKBONES[request.param]
    host = cfg['type'].partition('.')[0]
    pytest.importorskip(host)
    init_default_scope(host)

    def build(**kwargs):
        return LCBackbone(copy.deepcopy(cfg), taps, num_classes=K, **kwargs)

    return build, MODELS.build(copy.deepcopy(cfg)), channels, torch.randn(shape)


def feed(net) -> None:
    net.laterals.feed([torch.randn(K, lateral.channels) for lateral in net.laterals])


@torch.no_grad()
def run(net, x: torch.Tensor, training: bool) -> list[torch.Tensor]:
    net.train(training)
    torch.manual_seed(1)  # of dropout
    return tensors(net(x))


def tensors(output) -> list[torch.Tensor]:
    return [output] if isinstance(output, torch.Tensor) else [tensor for part in output for tensor in tensors(part)]


def test_it_is_the_plain_backbone_until_g_is_trained(case, tmp_path):
    """Weights saved by the plain backbone load strictly, and change nothing: bit for bit, also in training mode."""
    build, plain, channels, x = case
    net = build()
    assert [lateral.channels for lateral in net.laterals] == list(channels) and type(net) is type(plain)
    torch.save(dict(state_dict=plain.state_dict()), tmp_path / 'plain.pth')
    load_checkpoint(net, str(tmp_path / 'plain.pth'), strict=True)
    feed(net)
    for training in (True, False):
        for theirs, ours in zip(run(plain, x, training), run(net, x, training), strict=True):
            assert torch.equal(ours, theirs)
    for lateral in net.laterals:
        torch.nn.init.normal_(lateral.g.weight)
    assert not any(torch.equal(*pair) for pair in zip(run(plain, x, False)[:1], run(net, x, False)[:1], strict=True))


@pytest.mark.slow
def test_every_connection_is_trained(case):
    build, _, _, x = case
    net = build(zero_init=False)
    net.train()
    embeddings = [torch.randn(K, lateral.channels, requires_grad=True) for lateral in net.laterals]
    net.laterals.feed(embeddings)
    sum(output.square().sum() for output in tensors(net(x))).backward()
    for lateral, embedding in zip(net.laterals, embeddings):
        assert lateral.g.weight.grad.abs().sum() > 0 and embedding.grad.abs().sum() > 0
