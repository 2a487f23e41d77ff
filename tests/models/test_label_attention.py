"""Where a network of either host looks for each label, asked by pixels."""

import pytest
import torch
from mmengine.registry import MODELS, init_default_scope

from kss_mm.errors import InputError
from kss_mm.models import label_attention

K = 5
SMALL = dict(embed_dims=16, num_heads=2, feedforward_channels=24)
NORMALISED = dict(mean=[120.] * 3, std=[60.] * 3)


def images(graph, **head) -> dict:
    return dict(
        type='kss_mm.KSSNetClassifier', data_preprocessor=NORMALISED,
        backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=K,
                      zero_init=False),
        neck=dict(type='kss_mm.LabelGCN', graph=graph, lam=.6, tau=.03, eta=.4),
        head=head or dict(type='kss_mm.LabelQueryClsHead', num_classes=K, in_channels=64, queries='graph', **SMALL))


def videos() -> dict:
    return dict(
        type='Recognizer3D', backbone=dict(type='kss_mm.InceptionI3d', width=.125, ends='Mixed_3c'),
        data_preprocessor=dict(type='ActionDataPreprocessor', format_shape='NCTHW', **NORMALISED),
        cls_head=dict(type='kss_mm.LabelQueryHead', num_classes=K, in_channels=60, groups=2, **SMALL))


def test_of_images_trained_and_deployed(make_graph):
    pytest.importorskip('mmpretrain')
    init_default_scope('mmpretrain')
    model, pixels = MODELS.build(images(make_graph(K))), torch.rand(2, 3, 64, 96) * 255
    model.train()
    found = label_attention(model, pixels)
    assert found.shape == (2, K, 2, 3) and model.training and not found.requires_grad
    torch.testing.assert_close(found.sum((2, 3)), torch.ones(2, K))
    model.eval()
    feature = model.extract_feat((pixels - 120) / 60)
    classifier = model.head.classifier
    expected = classifier.attention(feature[-1], feature.label_embedding)
    torch.testing.assert_close(found, expected)
    model.switch_to_deploy()
    torch.testing.assert_close(label_attention(model, pixels), expected)


def test_of_videos():
    pytest.importorskip('mmaction')
    init_default_scope('mmaction')
    model = MODELS.build(videos()).eval()
    pixels = torch.rand(2, 3, 9, 40, 64) * 255
    found = label_attention(model, pixels)
    size = model.backbone(torch.randn(1, 3, 9, 40, 64)).shape[2:]
    assert found.shape == (2, K, *size) and found.shape[2] > 1
    torch.testing.assert_close(found.flatten(2).sum(2), torch.ones(2, K))
    assert torch.equal(found[:, 0], found[:, 2]) and not torch.equal(found[:, 0], found[:, 3])  # groups of three


def test_a_head_that_pools_has_none(make_graph):
    pytest.importorskip('mmpretrain')
    init_default_scope('mmpretrain')
    model = MODELS.build(images(make_graph(K), type='kss_mm.KSSClsHead', num_classes=K, in_channels=64))
    with pytest.raises(InputError, match='KSSClsHead, which pools and has no attention'):
        label_attention(model, torch.rand(1, 3, 64, 64))
