"""What a config leaves out of its model is found, and what it says stays, right or wrong."""

import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import init_default_scope

from kss_mm.apis.model import complete_model, fresh_model
from kss_mm.errors import InputError
from kss_mm.models.infer_sizes import infer_sizes
from kss_mm.registry import MODELS

K = 5
GCN = dict(type='kss_mm.LabelGCN', lam=1, tau=0., eta=.4)
RESNET = dict(type='mmpretrain.ResNet', depth=18)
SLOWONLY = dict(type='mmaction.ResNet3dSlowOnly', depth=18, pretrained=None)
IMAGES = {
    'resnet': (dict(type='kss_mm.LCResNet', depth=18), 512),
    'any': (dict(type='kss_mm.LCBackbone', backbone=RESNET, taps=('layer2',)), 512),
    'frozen': (dict(type='kss_mm.FrozenBackbone', until='layer1', backbone=dict(
        type='kss_mm.LCBackbone', backbone=RESNET, taps=('layer3',))), 512),
    'plain': (RESNET, 512),
    'several stages': (dict(RESNET, out_indices=(2, 3)), 512),
    'tokens': (dict(type='mmpretrain.VisionTransformer', img_size=64, patch_size=16, arch=dict(
        embed_dims=48, num_layers=2, num_heads=3, feedforward_channels=96)), 48),
}


@pytest.fixture
def graph(make_graph, tmp_path):
    make_graph(K).save(tmp_path / 'graph.npz')
    return str(tmp_path / 'graph.npz')


@pytest.mark.parametrize('name', IMAGES)
@pytest.mark.parametrize('kind', ['KSSClsHead', 'LabelQueryClsHead'])
def test_an_image_classifier_needs_no_numbers(graph, name, kind):
    if kind == 'LabelQueryClsHead' and name == 'tokens':
        pytest.skip('queries attend to positions, not to a class token')
    backbone, channels = IMAGES[name]
    head = dict(type=f'kss_mm.{kind}', **(dict(queries='graph', embed_dims=16) if 'Query' in kind else {}))
    model = MODELS.build(dict(type='kss_mm.KSSNetClassifier', backbone=backbone, neck=dict(GCN, graph=graph),
                              head=head))
    assert (model.head.num_classes, model.head.in_channels) == (K, channels)
    assert model.neck.channels[-1] == channels
    assert model(torch.zeros(2, 3, 64, 64)).shape == (2, K) if kind == 'KSSClsHead' else True


@pytest.mark.parametrize(('network', 'backbone', 'channels'), [
    ('KSSNet', dict(type='kss_mm.LCInceptionI3d', width=.125), 128),
    ('KSSNet', dict(type='kss_mm.LCBackbone', backbone=SLOWONLY, taps=('layer1', 'layer3')), 512),
    ('KSSNet', dict(type='kss_mm.InceptionI3d', width=.125, ends=('Mixed_4f', 'Mixed_5c')), 104 + 128),
    ('KSSNet2D', dict(type='kss_mm.LCBackbone', taps=('layer2',), backbone=dict(
        type='mmaction.ResNetTSM', depth=18, num_segments=4, pretrained=None, pretrained2d=False)), 512)])
def test_a_video_recogniser_needs_no_numbers(graph, network, backbone, channels):
    init_default_scope('mmaction')
    model = MODELS.build(dict(type=f'kss_mm.{network}', backbone=backbone, neck=dict(GCN, graph=graph),
                              cls_head=dict(type='kss_mm.KSSHead')))
    assert (model.cls_head.num_classes, model.cls_head.in_channels) == (K, channels)


def test_the_weights_are_those_of_a_config_that_says_the_numbers(graph):
    backbone = dict(type='kss_mm.LCResNet', depth=18)
    built = []
    for numbers in ({}, dict(num_classes=K, in_channels=512)):
        torch.manual_seed(3)
        part = {key: value for key, value in numbers.items() if key == 'num_classes'}
        built.append(MODELS.build(dict(type='kss_mm.KSSNetClassifier', backbone=dict(backbone, **part),
                                       neck=dict(GCN, graph=graph), head=dict(type='kss_mm.KSSClsHead', **numbers))))
    for a, b in zip(*(model.state_dict().values() for model in built), strict=True):
        assert torch.equal(a, b)


def test_a_config_says_afterwards_what_was_found(graph):
    cfg = Config(dict(default_scope='mmpretrain', model=dict(
        type='ImageClassifier', backbone=RESNET, head=dict(type='kss_mm.KSSClsHead', residual_fc=True, prior=graph))))
    complete_model(cfg)
    assert (cfg.model.head.num_classes, cfg.model.head.in_channels) == (K, 512)
    fresh_model(Config.fromstring(cfg.pretty_text, '.py'))


def test_what_is_said_stays_and_is_told_if_wrong(graph):
    backbone = dict(type='kss_mm.LCResNet', depth=18, num_classes=K)
    for numbers, message in ((dict(num_classes=K + 1), 'label graph has 5 labels'),
                             (dict(in_channels=100), 'layer of LabelGCN has 100 channels|must be the same')):
        with pytest.raises(InputError, match=message):
            model = MODELS.build(dict(type='kss_mm.KSSNetClassifier', backbone=backbone, neck=dict(GCN, graph=graph),
                                      head=dict(type='kss_mm.KSSClsHead', **numbers)))
            model(torch.zeros(1, 3, 64, 64))


def test_what_nothing_says_is_asked_for():
    with pytest.raises(InputError, match='num_classes of the head is not given, and no label graph'):
        infer_sizes(RESNET, None, dict(type='kss_mm.KSSClsHead', in_channels=512))
    odd = dict(type='mmpretrain.VisionTransformer', img_size=96, patch_size=16, out_type='raw', arch=dict(
        embed_dims=48, num_layers=1, num_heads=3, feedforward_channels=96), interpolate_mode='no such mode')
    with pytest.raises(InputError, match='in_channels of the head is not given and cannot be found'):
        infer_sizes(odd, None, dict(type='kss_mm.KSSClsHead', num_classes=K))


def test_features_that_heads_would_pool_over_the_wrong_axis_are_refused():
    pytest.importorskip('timm')
    timm = dict(type='mmpretrain.TIMMBackbone', model_name='vit_tiny_patch16_224')
    with pytest.raises(InputError, match='TIMMBackbone returns features of shape .* channels last'):
        infer_sizes(timm, None, dict(type='kss_mm.KSSClsHead', num_classes=K))


def test_heads_of_the_hosts_are_left_alone():
    head = ConfigDict(type='MultiLabelLinearClsHead', in_channels=3)
    assert infer_sizes(RESNET, None, head) == (RESNET, head)
