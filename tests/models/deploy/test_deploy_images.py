"""Deployed = trained, for networks of MMPretrain: what they fold, and at what sizes."""

import pytest
import torch

pytest.importorskip('mmpretrain')
from mmengine.registry import init_default_scope  # noqa: E402
from mmpretrain.registry import MODELS  # noqa: E402
from mmpretrain.structures import DataSample  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models.deploy import switch_to_deploy  # noqa: E402

SMALL = dict(stem_channels=8, base_channels=8)


def config(graph, backbone: dict, *, num_classes: int, pooled: int, **head) -> dict:
    return dict(
        type='kss_mm.KSSNetClassifier', backbone=backbone,
        neck=dict(type='kss_mm.LabelGCN', graph=graph, lam=.4, tau=.02, eta=.4),
        head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=pooled, **head),
        data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True))


@pytest.fixture
def build(make_graph):
    def make(backbone: dict, *, num_classes: int = 5, **options) -> torch.nn.Module:
        init_default_scope('mmpretrain')
        backbone = {'num_classes': num_classes, 'zero_init': False, **backbone}
        model = MODELS.build(config(make_graph(num_classes), backbone, num_classes=num_classes, **options))
        for value in [*model.backbone.parameters(), *model.backbone.buffers()]:
            if value.ndim == 1 and value.is_floating_point():  # numbers that a fresh network has at zero or one
                torch.nn.init.uniform_(value, .5, 1.5)
        return model.eval()
    return make


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * expected.abs().max().item())


VARIANTS = [('ResNet', 18, 64), ('ResNet', 50, 256), ('ResNetV1d', 50, 256), ('ResNeXt', 50, 2048),
            ('SEResNet', 50, 256)]


@pytest.mark.parametrize(('variant', 'depth', 'pooled'), VARIANTS)
@pytest.mark.slow
def test_resnets_fold_everything(build, variant, depth, pooled):
    small = {} if variant == 'ResNeXt' else SMALL
    model, x = build(dict(type=f'kss_mm.LC{variant}', depth=depth, **small), pooled=pooled), torch.randn(2, 3, 63, 90)
    plain = MODELS.build(dict(type='ImageClassifier', backbone=dict(type=variant, depth=depth, **small))).eval()
    with torch.no_grad():
        expected = model(x)
        model.switch_to_deploy()
        close(model(x), expected)
    # Nothing of the label graph costs anything any more: the backbone is that of the plain network in the same form.
    switch_to_deploy(plain)
    assert [(key, value.shape) for key, value in model.backbone.state_dict().items()] == [
        (key, value.shape) for key, value in plain.backbone.state_dict().items()]
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in model.modules())
    assert not any(module._forward_hooks for module in model.backbone.children())


@pytest.mark.parametrize(('options', 'kept'), [
    (dict(out_indices=(1, 3)), 1),  # layer2 is returned, so its connection cannot go
    (dict(out_indices=(0, 1, 2, 3)), 3),
    (dict(taps=('layer1', 'layer2.0', 'layer4')), 2),  # a shortcut reads layer2.0, the head reads layer4
    (dict(style='caffe', deep_stem=True, avg_down=True), 0),
    (dict(depth=50, dilations=(1, 1, 2, 4), strides=(1, 2, 1, 1)), 0),
    (dict(norm_cfg=dict(type='GN', num_groups=1)), 0),
])
def test_connections_stay_where_something_else_reads_them(build, options, kept):
    options = {'depth': 18, **SMALL, **options}
    model = build(dict(type='kss_mm.LCResNet', **options), pooled=64 * (4 if options['depth'] == 50 else 1))
    x = torch.randn(2, 3, 47, 64)
    with torch.no_grad():
        features, logits = model.extract_feat(x, 'backbone'), model(x)
        model.switch_to_deploy()
        close(model(x), logits)
        for found, expected in zip(model.extract_feat(x, 'backbone'), features):
            close(found, expected)
    assert len(getattr(model.backbone, 'laterals', ())) == kept


@pytest.mark.parametrize('num_classes', [1, 2, 80, 2000])
def test_any_number_of_labels(build, num_classes):
    model = build(dict(type='kss_mm.LCResNet', depth=18, out_indices=(2, 3), **SMALL), num_classes=num_classes,
                  pooled=64)
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = model(x)
        model.switch_to_deploy()
        close(model(x), expected)
    assert len(model.backbone.laterals[0].factors) == (1 if 32 < 2 * num_classes else 2)


TOKENS = {
    'swin': (dict(type='mmpretrain.SwinTransformer', img_size=64, window_size=2,
                  arch=dict(embed_dims=24, depths=[1] * 4, num_heads=[1, 2, 2, 2])), ('stages.0', 'stages.1'), 192),
    'vit': (dict(type='mmpretrain.VisionTransformer', arch=dict(embed_dims=24, num_layers=3, num_heads=3,
                                                                feedforward_channels=48), img_size=64,
                 out_type='avg_featmap'), ('layers.0', 'layers.1'), 24),
    'mobilenet': (dict(type='mmpretrain.MobileNetV2', widen_factor=.25), ('layer3', 'layer5'), 1280),
    'convnext': (dict(type='mmpretrain.ConvNeXt', arch=dict(depths=[1, 1, 1, 1], channels=[8, 16, 24, 32])),
                 ('stages.0', 'stages.1'), 32),
    'densenet': (dict(type='mmpretrain.DenseNet', arch=dict(growth_rate=8, depths=[2, 2, 2, 2], init_channels=16)),
                 ('stages.0',), 32),
}


@pytest.mark.parametrize('name', TOKENS)
def test_other_backbones(build, name):
    backbone, taps, pooled = TOKENS[name]
    model = build(dict(type='kss_mm.LCBackbone', taps=taps, backbone=backbone), pooled=pooled)
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = model(x)
        model.switch_to_deploy()
        close(model(x), expected)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in model.modules()) or name == 'densenet'


def test_predictions_and_thresholds_stay(build):
    model = build(dict(type='kss_mm.LCResNet', depth=18, **SMALL), pooled=64, residual_fc=True, threshold=.3,
                  prior=[.1, .2, .3, .4, .5])
    data = dict(inputs=torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8),
                data_samples=[DataSample(), DataSample()])
    with torch.no_grad():
        expected = [(sample.pred_score.clone(), sample.pred_label.tolist()) for sample in model.test_step(data)]
        model.switch_to_deploy()
        found = model.test_step(data)
    for sample, (score, labels) in zip(found, expected):
        close(sample.pred_score, score)
        assert sample.pred_label.tolist() == labels


def test_built_in_deployed_form_and_never_trained(build):
    backbone = dict(type='kss_mm.LCResNet', depth=18, num_classes=5, frozen_stages=1, **SMALL)
    model, x = build(backbone, pooled=64), torch.randn(1, 3, 64, 64)
    model.switch_to_deploy()
    cfg = config(None, backbone, num_classes=5, pooled=64)
    cfg.pop('neck')
    again = MODELS.build(dict(cfg, deploy=True))
    again.load_state_dict(model.state_dict())
    assert torch.equal(again(x), model(x))
    with pytest.raises(InputError, match='cannot be trained'):
        again.train()
    with pytest.raises(InputError, match='neck must be'):
        MODELS.build(cfg)


@pytest.mark.parametrize('dtype', ['float16', 'bfloat16'])
def test_large_logits_stay_apart_behind_a_backbone_of_half_precision(build, dtype):
    model = build(dict(type='kss_mm.LCResNet', depth=18, **SMALL), num_classes=40, pooled=64, residual_fc=True)
    with torch.no_grad():
        model.head.classifier.fc.weight.mul_(1e4)
        model.switch_to_deploy(dtype=dtype)
        data = dict(inputs=torch.randint(0, 256, (6, 3, 64, 64), dtype=torch.uint8),
                    data_samples=[DataSample() for _ in range(6)])
        with torch.autocast('cpu', torch.bfloat16):
            logits = torch.stack([sample.pred_logit for sample in model.test_step(data)])
    assert logits.dtype == torch.float32 and 1e3 < logits.abs().max() < 6e4
    assert len(logits.unique()) == logits.numel() > len(logits.to(getattr(torch, dtype)).unique())


@pytest.mark.parametrize('options', [dict(squash='softmax'), dict(squash='sigmoid', gate=True), dict(cosine=True)],
                         ids=str)
def test_what_is_not_linear_is_kept(build, options):
    """A squashed connection folds into nothing; its labels are fixed."""
    model = build(dict(type='kss_mm.LCResNet', depth=18, lateral=options, **SMALL), pooled=64)
    x = torch.randn(2, 3, 48, 32)
    with torch.no_grad():
        expected = model(x)
        model.switch_to_deploy()
        close(model(x), expected)
    assert [fixed.attention is not None for fixed in model.backbone.laterals] == [True] * 3
