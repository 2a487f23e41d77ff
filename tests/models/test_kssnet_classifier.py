import copy

import pytest
import torch

pytest.importorskip('mmpretrain')
from mmengine.registry import init_default_scope  # noqa: E402
from mmpretrain.registry import MODELS  # noqa: E402
from mmpretrain.structures import DataSample  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402

K = 5
CHANNELS = (8, 16, 32, 64)
BACKBONE = dict(depth=18, stem_channels=8, base_channels=8)


def config(graph, **changes) -> dict:
    cfg = dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCResNet', num_classes=K, zero_init=False, **BACKBONE),
        neck=dict(type='kss_mm.LabelGCN', graph=graph, channels=CHANNELS, lam=.4, tau=.02, eta=.4),
        head=dict(type='kss_mm.KSSClsHead', num_classes=K, in_channels=CHANNELS[-1]),
        data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True))
    for key, value in changes.items():
        part, _, name = key.partition('__')
        if name:
            cfg[part][name] = value
        else:
            cfg[part] = value
    return cfg


@pytest.fixture
def build(make_graph):
    init_default_scope('mmpretrain')
    return lambda **changes: MODELS.build(config(make_graph(K), **changes)).eval()


def samples(batch=2) -> list[DataSample]:
    return [DataSample().set_gt_label((torch.rand(K) < .5).nonzero().flatten()) for _ in range(batch)]


def images(batch=2) -> torch.Tensor:
    return torch.randn(batch, 3, 64, 64)


def test_logits_equal_the_parts_put_together_by_hand(build):
    model, x = build(), images()
    *hidden, last = model.neck()
    plain = MODELS.build(dict(type='ResNet', **BACKBONE))
    plain.eval()
    plain.load_state_dict({k: v for k, v in model.backbone.state_dict().items() if 'laterals' not in k})
    y = plain.maxpool(plain.relu(plain.norm1(plain.conv1(x))))
    for index, name in enumerate(plain.res_layers):
        y = getattr(plain, name)(y)
        if index < 3:  # eq. 7
            g = model.backbone.laterals[index].g.weight[:, :, 0]
            y = torch.einsum('ck,bkhw->bchw', g, torch.einsum('bchw,kc->bkhw', y, hidden[index].tanh())) + y
    torch.testing.assert_close(model(x), y.amax((2, 3)) @ last.tanh().t(), rtol=1e-4, atol=1e-4)


def test_features_equal_the_plain_classifier_at_zero_init(build):
    model, x = build(backbone__zero_init=True), images()
    plain = MODELS.build(dict(type='ImageClassifier', backbone=dict(type='ResNet', **BACKBONE))).eval()
    found = plain.load_state_dict(model.state_dict(), strict=False)
    assert not found.missing_keys  # and a checkpoint of the plain one has its place in ours
    assert torch.equal(model.extract_feat(x)[-1], plain.extract_feat(x)[-1])


def test_loss_trains_every_parameter(build):
    model = build().train()
    model(images(4), samples(4), mode='loss')['loss'].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_stages_of_extract_feat(build):
    model, x = build(backbone__out_indices=(2, 3)), images()
    for stage in ('backbone', 'neck'):
        assert [feat.shape[1] for feat in model.extract_feat(x, stage)] == [32, 64]
    assert torch.equal(model.extract_feat(x, 'pre_logits'), model.extract_feat(x)[-1])
    torch.testing.assert_close(model.head(model.extract_feat(x)), model(x))


def test_without_laterals_it_is_ml_gcn(build):
    model, x = build(backbone=dict(type='ResNet', **BACKBONE), neck__channels=(7, 64)), images()
    torch.testing.assert_close(model(x), model.backbone(x)[-1].amax((2, 3)) @ model.neck()[-1].tanh().t())


def test_a_shallower_gcn_drops_the_first_laterals(build):
    assert build(backbone__taps=('layer2', 'layer3'), neck__channels=CHANNELS[1:])(images()).shape == (2, K)


@pytest.mark.parametrize('backbone', [
    dict(type='kss_mm.LCResNeXt', depth=50, num_classes=K),
    dict(type='kss_mm.LCBackbone', backbone=dict(type='mmpretrain.MobileNetV2'), taps=('layer3', 'layer5'),
         channels=(32, 96), num_classes=K)])
def test_other_backbones(build, backbone):
    channels = (256, 512, 1024, 2048) if 'X' in backbone['type'] else (32, 96, 1280)
    model = build(backbone=backbone, neck__channels=channels, head__in_channels=channels[-1])
    assert model(images()).shape == (2, K)


def test_predictions_follow_the_data_preprocessor_and_come_with_their_samples(build):
    model = build()
    data = dict(inputs=torch.randint(0, 255, (2, 3, 64, 64), dtype=torch.uint8), data_samples=samples())
    first, second = model.test_step(copy.deepcopy(data))
    expected = model((data['inputs'].flip(1).float() - 120) / 60).sigmoid()
    torch.testing.assert_close(torch.stack([first.pred_score, second.pred_score]), expected)
    assert first.pred_label.tolist() == (expected[0] >= .5).nonzero().flatten().tolist()
    assert torch.equal(first.gt_label, data['data_samples'][0].gt_label)


def test_test_time_augmentation_averages_scores(build):
    model = build()
    tta = MODELS.build(dict(type='AverageClsScoreTTA', module=model))
    views = [torch.randint(0, 255, (1, 3, 64, 64), dtype=torch.uint8) for _ in range(2)]
    with torch.no_grad():
        (merged,) = tta.test_step(dict(inputs=views, data_samples=[samples(1), samples(1)]))
        single = [model.test_step(dict(inputs=view, data_samples=samples(1)))[0].pred_score for view in views]
    torch.testing.assert_close(merged.pred_score, (single[0] + single[1]) / 2)


def test_mixup_trains(build):
    augments = [dict(type='Mixup', alpha=.8)]
    model = build(data_preprocessor=dict(num_classes=K), train_cfg=dict(augments=augments)).train()
    data = model.data_preprocessor(dict(inputs=images(), data_samples=samples()), True)
    assert model(**data, mode='loss')['loss'].requires_grad


def test_copies_and_moving_averages_follow(build):
    from mmengine.model import ExponentialMovingAverage

    model = build().train()
    model(images(), samples(), mode='loss')['loss'].backward()
    twin = copy.deepcopy(model).eval()
    average = ExponentialMovingAverage(model)
    average.update_parameters(model)  # the first update copies
    model.eval(), average.eval()
    x = images()
    torch.testing.assert_close(twin(x), model(x))
    torch.testing.assert_close(average(x), model(x))


def test_autocast_gives_finite_losses_and_float32_scores(build):
    model = build().train()
    with torch.autocast('cpu', torch.bfloat16):
        loss = model(images(), samples(), mode='loss')['loss']
        (sample, _) = model.eval()(images(), samples(), mode='predict')
    assert torch.isfinite(loss) and sample.pred_score.dtype == torch.float32


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(head__num_classes=7), 'graph .*5 labels, .*num_classes .*7'),
    (dict(backbone__num_classes=7), "graph .*5 labels, .*backbone's num_classes .*7"),
    (dict(head__in_channels=32), 'in_channels is 32'),
    (dict(neck__channels=(8, 16, 64)), 'every layer but the last'),
])
def test_parts_that_do_not_fit_are_named(build, changes, message):
    with pytest.raises(InputError, match=message):
        build(**changes)


@pytest.mark.slow
def test_full_size_parameters(make_graph):
    """The paper's Table 4: 173.8 MiB with buffers at K = 80, which is 45.47 M parameters."""
    init_default_scope('mmpretrain')
    cfg = config(make_graph(80, 300), neck__channels=(256, 512, 1024, 2048), head__num_classes=80,
                 head__in_channels=2048, backbone=dict(type='kss_mm.LCResNet', depth=101, num_classes=80))
    model = MODELS.build(cfg)
    assert round(sum(p.numel() for p in model.parameters()) / 1e6, 2) == 45.47
    buffers = [b for name, b in model.named_buffers() if 'neck' not in name]
    size = sum(t.numel() * t.element_size() for t in [*model.parameters(), *buffers]) / 2**20
    assert size == pytest.approx(173.8, abs=.2)
