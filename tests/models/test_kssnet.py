import copy

import pytest
import torch

pytest.importorskip('mmaction')
from mmaction.registry import MODELS  # noqa: E402
from mmaction.structures import ActionDataSample  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402

K = 5
CHANNELS = (24, 60, 104, 128)  # an eighth of Inception-I3D's


def config(graph, **changes) -> dict:
    cfg = dict(
        type='kss_mm.KSSNet',
        backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=K, width=.125, zero_init=False),
        neck=dict(type='kss_mm.LabelGCN', graph=graph, channels=CHANNELS, lam=.6, tau=.03, eta=.4),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=K, in_channels=CHANNELS[-1]))
    for key, value in changes.items():
        part, _, name = key.partition('__')
        if name:
            cfg[part][name] = value
        else:
            cfg[part] = value
    return cfg


@pytest.fixture
def build(make_graph):
    init_default_scope('mmaction')
    return lambda **changes: MODELS.build(config(make_graph(K), **changes)).eval()


def samples(batch=2) -> list[ActionDataSample]:
    return [ActionDataSample().set_gt_label((torch.rand(K) < .5).float()) for _ in range(batch)]


def clips(batch=2, views=1) -> torch.Tensor:
    return torch.randn(batch, views, 3, 8, 32, 32)


def test_loss_trains_every_parameter(build):
    model = build().train()
    model(clips(), samples(), mode='loss')['loss_cls'].backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A fresh LC output can be blocked by dead ReLUs in so narrow a network, never whole layers of GCN or g.
    assert not [name for name in without if 'neck' in name or 'laterals' in name], without


def test_features_equal_the_plain_recogniser_at_zero_init(build):
    model = build(backbone__zero_init=True)
    plain = MODELS.build(dict(type='Recognizer3D', backbone=dict(type='kss_mm.InceptionI3d', width=.125),
                              cls_head=dict(type='kss_mm.KSSHead', num_classes=K, in_channels=128, residual_fc=True)))
    plain.backbone.load_state_dict({k: v for k, v in model.backbone.state_dict().items() if 'laterals' not in k})
    x = clips()
    assert torch.equal(model.eval().extract_feat(x)[0], plain.eval().extract_feat(x)[0])


def test_views_are_averaged_and_chunks_of_views_change_nothing(build):
    x = clips(1, 5)
    with torch.no_grad():
        whole = build(test_cfg=None)
        (expected,) = whole(x, samples(1), mode='predict')
        chunked = build(test_cfg=dict(max_testing_views=2))
        chunked.load_state_dict(whole.state_dict())
        (sample,) = chunked(x, samples(1), mode='predict')
    torch.testing.assert_close(sample.pred_score, expected.pred_score)
    with torch.no_grad():
        logits = whole(x, mode='tensor', stage='head')
    assert logits.shape == (5, K)
    torch.testing.assert_close(expected.pred_score, logits.sigmoid().mean(0))


def test_stages_of_the_tensor_mode(build):
    model = build()
    assert model(clips(), mode='tensor', stage='backbone').shape == (2, 128, 1, 1, 1)
    assert model(clips(), mode='tensor', stage='head').shape == (2, K)


def test_without_laterals_it_is_ml_gcn(build):
    model = build(backbone=dict(type='kss_mm.InceptionI3d', width=.125))
    assert model(clips(), mode='tensor', stage='head').shape == (2, K)


def test_a_shallower_gcn_drops_the_first_laterals(build):
    model = build(backbone__taps=('Mixed_3c', 'Mixed_4f'), neck__channels=CHANNELS[1:])
    assert model(clips(), mode='tensor', stage='head').shape == (2, K)


def test_a_copy_after_training_steps_predicts_the_same(build):
    model = build().train()
    model(clips(), samples(), mode='loss')['loss_cls'].backward()
    twin = copy.deepcopy(model).eval()
    model.eval()
    x = clips()
    torch.testing.assert_close(twin(x, mode='tensor', stage='head'), model(x, mode='tensor', stage='head'))


def test_an_exponential_moving_average_follows(build):
    from mmengine.model import ExponentialMovingAverage

    model = build().train()
    average = ExponentialMovingAverage(model, momentum=.5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(.1)
    average.update_parameters(model)  # the first update copies
    average.eval(), model.eval()
    x = clips()
    torch.testing.assert_close(average(x, mode='tensor', stage='head'), model(x, mode='tensor', stage='head'))


def test_autocast_gives_finite_losses_and_float32_scores(build):
    model = build().train()
    with torch.autocast('cpu', torch.bfloat16):
        loss = model(clips(), samples(), mode='loss')['loss_cls']
        (sample, _) = model.eval()(clips(), samples(), mode='predict')
    assert torch.isfinite(loss) and sample.pred_score.dtype == torch.float32


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(cls_head__num_classes=7), "graph .*5 labels, .*head's num_classes .*7"),
    (dict(backbone__num_classes=7), "graph .*5 labels, .*backbone's num_classes .*7"),
    (dict(cls_head__in_channels=64), "the head's in_channels is 64"),
    (dict(neck__channels=(24, 60, 128)), 'every layer but the last'),
    (dict(neck__channels=(25, 60, 104, 128)), 'every layer but the last'),
    (dict(cls_head__type='I3DHead'), 'kss_mm.KSSHead .* got I3DHead'),
])
def test_parts_that_do_not_fit_are_named(build, changes, message):
    with pytest.raises(InputError, match=message):
        build(**changes)


@pytest.mark.slow
def test_full_size_parameters(make_graph):
    """Released form at K = 157: 13,419,065 parameters."""
    init_default_scope('mmaction')
    cfg = config(make_graph(157, 300))
    for part in cfg.values():
        if isinstance(part, dict) and 'num_classes' in part:
            part['num_classes'] = 157
    cfg['backbone'].pop('width')
    cfg['neck'].update(channels=(192, 480, 832, 1024), rank='auto', bias=True)
    cfg['cls_head'].update(in_channels=1024, residual_fc=True)
    assert sum(p.numel() for p in MODELS.build(cfg).parameters()) == 13_419_065
