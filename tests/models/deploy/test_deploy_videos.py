"""Deployed = trained, for networks of MMAction2."""

import copy

import pytest
import torch

pytest.importorskip('mmaction')
from mmaction.registry import MODELS  # noqa: E402
from mmaction.structures import ActionDataSample  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models.deploy import switch_to_deploy  # noqa: E402

K = 5
CHANNELS = (24, 60, 104, 128)  # an eighth of Inception-I3D's
I3D = dict(type='kss_mm.LCInceptionI3d', num_classes=K, width=.125, zero_init=False)


def config(graph, *, backbone=I3D, kind='KSSNet', layout='NCTHW', pooled=CHANNELS[-1], neck=None, **head) -> dict:
    return dict(
        type=f'kss_mm.{kind}', backbone=backbone,
        neck=dict(dict(type='kss_mm.LabelGCN', lam=.6, tau=.03, eta=.4), graph=graph) if neck is None else neck,
        cls_head=dict(dict(type='kss_mm.KSSHead', num_classes=K, in_channels=pooled), **head),
        data_preprocessor=dict(type='ActionDataPreprocessor', format_shape=layout))


def with_statistics(model: torch.nn.Module) -> torch.nn.Module:
    """Numbers in everything that a fresh network leaves at zero or one."""
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        if value.ndim == 1 and value.is_floating_point() and 'neck' not in name and 'cls_head' not in name:
            torch.nn.init.uniform_(value, .5, 1.5)
    return model.eval()


@pytest.fixture
def build(make_graph):
    init_default_scope('mmaction')
    return lambda **changes: with_statistics(MODELS.build(config(make_graph(K), **changes)))


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * expected.abs().max().item())


@torch.no_grad()
def logits(model, x) -> torch.Tensor:
    return model(x, mode='tensor', stage='head')


SMALL = (1, 3, 4, 32, 32)


def lc(taps: tuple, *, input_shape: tuple = SMALL, **backbone) -> dict:
    return dict(type='kss_mm.LCBackbone', taps=taps, num_classes=K, zero_init=False, input_shape=input_shape,
                backbone=backbone)


SLOW_FAST = dict(type='resnet3d', depth=50, pretrained=None, conv1_stride_t=1, pool1_stride_t=1, base_channels=8)
# Changes of the config, clips, number of batch normalisations, lateral connections that are kept.
BACKBONES = {
    'i3d': ({}, (3, 9, 37, 50), 57, 3),
    'i3d, channels_last': (dict(backbone=dict(I3D, channels_last=True)), (3, 9, 37, 50), 57, 3),
    'i3d, other taps': (dict(backbone=dict(I3D, taps=('Conv3d_2b_1x1', 'Mixed_4f', 'Mixed_5c'))), (3, 4, 33, 32), 57,
                        2),
    'slowonly': (dict(pooled=512, backbone=lc(
        ('layer1', 'layer2', 'layer3'), type='mmaction.ResNet3dSlowOnly', depth=18, pretrained=None)),
        (3, 3, 33, 47), 20, 0),
    # The slow pathway's stage is concatenated with the fast one's, which goes there by a convolution; a block's output
    # is also the next one's shortcut.
    'slowfast': (dict(pooled=288, backbone=lc(
        ('slow_path.layer1', 'fast_path.layer3', 'slow_path.layer4.1'), type='mmaction.ResNet3dSlowFast',
        pretrained=None, resample_rate=2, speed_ratio=2, channel_ratio=8,
        slow_pathway=dict(SLOW_FAST, lateral=True, fusion_kernel=7, conv1_kernel=(1, 7, 7), inflate=(0, 0, 1, 1)),
        fast_pathway=dict(SLOW_FAST, lateral=False, conv1_kernel=(5, 7, 7), base_channels=1))), SMALL[1:], 106, 2),
    'x3d': (dict(pooled=432, backbone=lc(('layer2', 'layer3'), type='mmaction.X3D', gamma_w=1, gamma_b=2.25,
                                         gamma_d=2.2)), (3, 3, 32, 45), 84, 0),
}


@pytest.mark.parametrize('name', BACKBONES)
def test_deployed_equals_trained(build, name):
    changes, shape, norms, kept = BACKBONES[name]
    model, x = build(**changes), torch.randn(2, 1, *shape)
    assert norm_layers(model) == norms
    expected = logits(model, x)
    model.switch_to_deploy(input_shape=SMALL)
    close(logits(model, x), expected)
    assert norm_layers(model) == 0 and len(getattr(model.backbone, 'laterals', ())) == kept


def norm_layers(model: torch.nn.Module) -> int:
    return sum(isinstance(module, torch.nn.BatchNorm2d | torch.nn.BatchNorm3d) for module in model.modules())


def test_frames_as_a_batch(build):
    """TSM shifts channels before each convolution, so that nothing folds into these."""
    model = build(kind='KSSNet2D', layout='NCHW', pooled=512, backbone=lc(
        ('layer2',), input_shape=(4, 3, 32, 32), type='mmaction.ResNetTSM', depth=18, num_segments=4,
        pretrained2d=False))
    x = torch.randn(2, 8, 3, 33, 40)
    expected = logits(model, x)
    model.switch_to_deploy()
    close(logits(model, x), expected)
    assert norm_layers(model) == 0 and len(model.backbone.laterals) == 1


def test_without_laterals_it_is_ml_gcn(build):
    model, x = build(backbone=dict(type='kss_mm.InceptionI3d', width=.125)), torch.randn(1, 1, 3, 4, 32, 32)
    expected = logits(model, x)
    model.switch_to_deploy(input_shape=SMALL)
    close(logits(model, x), expected)


def test_fixed_embeddings(build, make_graph):
    model = build(neck=dict(type='kss_mm.FixedLabelEmbedding', graph=make_graph(K)), residual_fc=True)
    x = torch.randn(1, 1, 3, 4, 32, 32)
    expected = logits(model, x)
    model.switch_to_deploy(input_shape=SMALL)
    close(logits(model, x), expected)


@pytest.mark.parametrize('head', [{}, dict(residual_fc=True), dict(prior=[.1, .2, .3, .4, .5]),
                                  dict(logit_scale='learned'),
                                  dict(residual_fc=True, logit_scale='sqrt', prior=[.1] * K, pool='max')])
def test_views_and_every_term_of_the_classifier(build, head):
    model, x = build(**head), torch.randn(1, 3, 3, 4, 32, 32)
    samples = [ActionDataSample()]
    with torch.no_grad():
        expected = model(x, samples, mode='predict')[0].pred_score.clone()
        model.switch_to_deploy(input_shape=SMALL)
        found = model(x, samples, mode='predict')[0].pred_score
    close(found, expected)
    assert {key for key, _ in model.cls_head.named_parameters()} == {'classifier.fc.weight', 'classifier.fc.bias'}
    assert not any(key.startswith('neck') for key in model.state_dict())


def test_many_labels_are_kept_as_one_matrix_and_few_as_two(build, make_graph):
    model = build(backbone=dict(I3D, taps=('Conv3d_2c_3x3', 'Mixed_4f')))  # 24 and 104 channels, 5 labels
    model.switch_to_deploy(input_shape=SMALL)
    assert [[tuple(f.shape) for f in lateral.factors] for lateral in model.backbone.laterals] == [
        [(K, 24), (24, K)], [(K, 104), (104, K)]]
    many = MODELS.build(config(make_graph(60), backbone=dict(I3D, num_classes=60), num_classes=60))
    many.switch_to_deploy(input_shape=SMALL)
    assert [len(lateral.factors) for lateral in many.backbone.laterals] == [1, 1, 1]


def test_a_second_switch_and_copies_change_nothing(build):
    model, x = build(), torch.randn(1, 1, 3, 4, 32, 32)
    model.switch_to_deploy(input_shape=SMALL)
    expected, keys = logits(model, x), list(model.state_dict())
    model.switch_to_deploy(input_shape=SMALL)
    assert torch.equal(logits(model, x), expected) and list(model.state_dict()) == keys
    twin = copy.deepcopy(model)
    for parameter in model.backbone.parameters():
        parameter.data.zero_()
    assert torch.equal(logits(twin, x), expected)


@pytest.mark.parametrize('deploy', [True, dict(dtype='bfloat16', input_shape=SMALL)])
@pytest.mark.parametrize('backbone', [I3D, dict(I3D, taps=())])
@pytest.mark.slow
def test_built_in_deployed_form_for_its_weights(build, make_graph, deploy, backbone):
    model, x = build(backbone=backbone), torch.randn(1, 1, 3, 4, 32, 32)
    model.switch_to_deploy(**({} if deploy is True else deploy))
    # The config may still have the neck, as RepVGG's has all branches.
    cfg = config('no such file.npz', backbone=backbone)
    again = MODELS.build(dict(cfg, deploy=deploy))
    again.load_state_dict(model.state_dict())
    assert torch.equal(logits(again, x), logits(model, x))
    cfg.pop('neck')
    assert list(MODELS.build(dict(cfg, deploy=deploy)).state_dict()) == list(model.state_dict())


def test_bfloat16(build):
    model, x = build(), torch.randn(2, 1, 3, 4, 32, 32)
    expected = logits(model, x)
    model.switch_to_deploy(dtype='bfloat16', input_shape=SMALL)
    found = logits(model, x)
    assert found.dtype == torch.float32 and model.cls_head.classifier.fc.weight.dtype == torch.float32
    assert {p.dtype for p in model.backbone.parameters()} == {torch.bfloat16}
    assert 0 < (found - expected).abs().max() < .03 * expected.abs().max()


def test_it_cannot_be_trained(build):
    model = build()
    model.switch_to_deploy(input_shape=SMALL)
    with pytest.raises(InputError, match='in deployed form, which cannot be trained'):
        model.train()
    assert not model.training and model.eval() is model


def test_a_plain_recogniser_of_the_host(build):
    plain = with_statistics(MODELS.build(dict(
        type='mmaction.Recognizer3D', backbone=dict(type='mmaction.C2D', depth=18, pretrained=None),
        cls_head=dict(type='mmaction.I3DHead', num_classes=K, in_channels=512))))
    x = torch.randn(2, 1, 3, 4, 32, 32)
    expected = logits(plain, x)
    switch_to_deploy(plain, input_shape=SMALL)
    close(logits(plain, x), expected)
    assert norm_layers(plain) == 0


def test_wrong_arguments_are_named(build):
    model = build()
    with pytest.raises(InputError, match="dtype must be one of float32, bfloat16, float16, got 'int8'"):
        model.switch_to_deploy(dtype='int8')
    with pytest.raises(InputError, match='no forward pass succeeds .*give the input_shape'):
        model.switch_to_deploy(input_shape=(1, 2, 4, 32, 32))
    with pytest.raises(InputError, match='give the input_shape'):
        model.train().switch_to_deploy(input_shape=(1, 3, -1, 32, 32))
    assert model.training and model.eval()  # as it was
    x = torch.randn(1, 1, 3, 4, 32, 32)  # a second try with what the error asks for
    expected = logits(model, x)
    model.switch_to_deploy(input_shape=SMALL)
    close(logits(model, x), expected)


def test_a_fold_that_would_change_the_features_is_refused(build, monkeypatch):
    """Whatever the record of operators may miss, the second pass finds."""
    model = build(backbone=dict(type='kss_mm.InceptionI3d', width=.125))
    monkeypatch.setattr('kss_mm.models.deploy.fold.fold_batch_norm', lambda conv, norm: None)
    x = torch.randn(1, 1, 3, 4, 32, 32)
    expected = logits(model, x)
    with pytest.raises(InputError, match='folding changes its features'):
        model.switch_to_deploy(input_shape=SMALL)
    assert torch.equal(logits(model, x), expected)  # still the trained form
