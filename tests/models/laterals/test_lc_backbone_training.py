"""Backbones with lateral connections in the circumstances of training: initialisation, freezing, recomputing, ..."""

import copy

import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from torch import nn

from kss_mm.models import LCBackbone

K = 5
TAPS = ('layer1', 'layer2', 'layer3')
VIDEO = dict(type='mmaction.ResNet3dSlowOnly', depth=50, base_channels=4, pretrained=None)
IMAGE = dict(type='mmpretrain.ResNet', depth=18, base_channels=8, stem_channels=8)
SWIN = dict(type='mmpretrain.SwinTransformer', window_size=2, drop_path_rate=0.,
            arch=dict(embed_dims=8, depths=[1, 1, 1, 1], num_heads=[1, 2, 2, 2]))
VIT = dict(type='mmpretrain.VisionTransformer', img_size=32, patch_size=16,
           arch=dict(embed_dims=16, num_layers=3, num_heads=2, feedforward_channels=32))
INPUT = {VIDEO['type']: (2, 3, 4, 32, 32), IMAGE['type']: (2, 3, 32, 32), SWIN['type']: (2, 3, 64, 64),
         VIT['type']: (2, 3, 32, 32)}


def make(cfg: dict, zero_init: bool = False, **changes):
    host = cfg['type'].partition('.')[0]
    pytest.importorskip(host)
    init_default_scope(host)
    taps = {SWIN['type']: ('stages.0', 'stages.1', 'stages.2'), VIT['type']: ('layers.0',)}.get(cfg['type'], TAPS)
    net = LCBackbone({**copy.deepcopy(cfg), **changes}, taps, num_classes=K, zero_init=zero_init)
    net.laterals.feed([torch.randn(K, lateral.channels, requires_grad=True) for lateral in net.laterals])
    return net


def loss_of(net, cfg: dict) -> torch.Tensor:
    torch.manual_seed(1)
    output = net(torch.randn(INPUT[cfg['type']], requires_grad=True))  # hosts recompute only what needs a gradient
    return (output if isinstance(output, torch.Tensor) else output[-1]).square().mean()


def gradients(net) -> list[torch.Tensor]:
    return [lateral.g.weight.grad for lateral in net.laterals] + [e.grad for e in net.laterals.embeddings]


@pytest.mark.parametrize('cfg', [VIDEO, IMAGE, SWIN], ids=lambda cfg: cfg['type'])
def test_init_weights_leaves_the_connections_alone(cfg):
    net = make(cfg, zero_init=True)
    net.init_weights()
    assert all(not lateral.g.weight.any() for lateral in net.laterals)


@pytest.mark.parametrize('cfg', [VIDEO, IMAGE, SWIN], ids=lambda cfg: cfg['type'])
def test_gradient_checkpointing_gives_the_same_gradients(cfg):
    net, recomputing = make(cfg), make(cfg, with_cp=True)
    recomputing.load_state_dict(net.state_dict())
    recomputing.laterals.feed([embedding.detach().requires_grad_() for embedding in net.laterals.embeddings])
    for each in (net, recomputing):
        each.train()
        loss_of(each, cfg).backward()
    for expected, found in zip(gradients(net), gradients(recomputing)):
        assert expected.abs().sum() > 0
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize('cfg', [VIDEO, IMAGE], ids=lambda cfg: cfg['type'])
def test_frozen_stages_freeze_no_connection(cfg):
    net = make(cfg, frozen_stages=2, norm_eval=True)
    net.train()
    assert not any(parameter.requires_grad for parameter in net.layer2.parameters())
    assert all(parameter.requires_grad for parameter in net.laterals.parameters())
    loss_of(net, cfg).backward()
    assert all(gradient.abs().sum() > 0 for gradient in gradients(net))


@pytest.mark.parametrize('cfg', [VIDEO, IMAGE], ids=lambda cfg: cfg['type'])
def test_conversion_to_synchronised_batch_norm_keeps_the_connections(cfg):
    net = make(cfg)
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(net))
    assert any(isinstance(module, nn.SyncBatchNorm) for module in converted.modules())
    converted.laterals.feed(net.laterals.embeddings)
    net.eval(), converted.eval()
    torch.testing.assert_close(loss_of(converted, cfg), loss_of(net, cfg))
    with torch.no_grad():
        nn.init.zeros_(converted.laterals[0].g.weight)
        assert not torch.equal(loss_of(converted, cfg), loss_of(net, cfg))


def test_a_checkpoint_of_the_plain_recogniser_loads_by_init_cfg(tmp_path):
    """As configs name the files of the model zoos: with the prefix of the backbone."""
    net = make(IMAGE, zero_init=True)
    state = {f'backbone.{key}': torch.randn_like(value) if value.is_floating_point() else value
             for key, value in net.state_dict().items() if not key.startswith('laterals.')}
    torch.save(dict(state_dict=state | {'head.fc.weight': torch.zeros(1)}), tmp_path / 'zoo.pth')
    net = make(IMAGE, zero_init=True,
               init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'zoo.pth'), prefix='backbone.'))
    net.init_weights()
    own = net.state_dict()
    assert all(torch.equal(own[key.removeprefix('backbone.')], value) for key, value in state.items())
    assert all(not lateral.g.weight.any() for lateral in net.laterals)


def test_two_dimensional_weights_are_inflated_by_the_host(tmp_path):
    pytest.importorskip('mmaction')
    from torchvision.models import resnet18

    torch.save(resnet18().state_dict(), tmp_path / 'resnet18.pth')
    net = make(VIDEO, depth=18, base_channels=64, pretrained=str(tmp_path / 'resnet18.pth'), pretrained2d=True)
    drawn = [lateral.g.weight.clone() for lateral in net.laterals]
    net.init_weights()
    theirs = torch.load(tmp_path / 'resnet18.pth')['layer1.0.conv1.weight']
    assert torch.equal(net.state_dict()['layer1.0.conv1.conv.weight'][:, :, 0], theirs)
    assert all(torch.equal(lateral.g.weight, weight) for lateral, weight in zip(net.laterals, drawn))


def test_weights_without_connections_load_strictly_and_incomplete_ones_do_not(tmp_path):
    net = make(IMAGE)
    whole = net.state_dict()
    plain = {key: value for key, value in whole.items() if not key.startswith('laterals.')}
    assert not any(net.load_state_dict(plain))
    some = {key: value for key, value in whole.items() if key != 'laterals.1.g.weight'}
    with pytest.raises(RuntimeError, match='laterals.1.g.weight'):
        net.load_state_dict(some)
    torch.save(some, tmp_path / 'some.pth')
    with pytest.raises(RuntimeError, match='laterals.1.g.weight'):
        load_checkpoint(net, str(tmp_path / 'some.pth'), strict=True)


@pytest.mark.slow
@pytest.mark.parametrize('cfg', [IMAGE, VIT], ids=lambda cfg: cfg['type'])
def test_compiled_it_computes_the_same(cfg):
    """Newly fed embeddings count, too: they are read at every call."""
    net = make(cfg)
    net.train()
    # The host's drop path breaks the graph of a transformer; ours never does.
    compiled = torch.compile(net, backend='aot_eager', fullgraph=cfg is IMAGE)
    for _ in range(2):
        net.laterals.feed([torch.randn_like(e, requires_grad=True) for e in net.laterals.embeddings])
        found = []
        for run in (net, compiled):
            net.zero_grad()
            for embedding in net.laterals.embeddings:
                embedding.grad = None
            loss = loss_of(run, cfg)
            loss.backward()
            found.append([loss.detach(), *(gradient.clone() for gradient in gradients(net))])
        for ours, expected in zip(found[1], found[0]):
            torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-6)
