"""KSSNet from MMAction2's own parts: any backbone, 2D ones, shallower GCNs, no GCN, both default scopes."""

import copy

import pytest
import torch

pytest.importorskip('mmaction')
from mmaction.structures import ActionDataSample  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.registry import MODELS, init_default_scope  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models import FixedLabelEmbedding  # noqa: E402

K = 5
SLOWONLY = dict(type='mmaction.ResNet3dSlowOnly', depth=50, base_channels=4, pretrained=None)
SLOWFAST = dict(type='mmaction.ResNet3dSlowFast', pretrained=None,
                slow_pathway=dict(type='resnet3d', depth=18, base_channels=8, lateral=True, pretrained=None,
                                  conv1_kernel=(1, 7, 7), conv1_stride_t=1, pool1_stride_t=1),
                fast_pathway=dict(type='resnet3d', depth=18, base_channels=1, lateral=False, pretrained=None,
                                  conv1_kernel=(5, 7, 7), conv1_stride_t=1, pool1_stride_t=1))
TSM = dict(type='mmaction.ResNetTSM', depth=18, num_segments=4, pretrained=None, pretrained2d=False)
TSN = dict(type='mmaction.ResNet', depth=18, pretrained=None)
IMAGE = dict(type='mmpretrain.ResNet', depth=18, base_channels=8, stem_channels=8)


def config(graph, backbone: dict, in_channels: int, taps=('layer1', 'layer2'), **changes) -> dict:
    if taps:
        backbone = dict(type='kss_mm.LCBackbone', backbone=backbone, taps=taps, num_classes=K, zero_init=False)
    kind = 'kss_mm.KSSNet2D' if changes.pop('two', False) else 'kss_mm.KSSNet'
    return copy.deepcopy(dict(
        type=kind, backbone=backbone, neck=dict(type='kss_mm.LabelGCN', graph=graph, lam=.6, tau=.03, eta=.4),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=K, in_channels=in_channels)) | changes)


@pytest.fixture(params=['mmaction', 'mmpretrain'])
def build(make_graph, request):
    pytest.importorskip(request.param)
    init_default_scope(request.param)

    yield lambda *arguments, **changes: MODELS.build(config(make_graph(K), *arguments, **changes)).eval()
    init_default_scope('mmaction')


def samples(batch: int) -> list[ActionDataSample]:
    return [ActionDataSample().set_gt_label((torch.rand(K) < .5).float()) for _ in range(batch)]


@pytest.mark.parametrize(('backbone', 'in_channels', 'taps', 'widths'), [
    (SLOWONLY, 128, ('layer1', 'layer2', 'layer3'), (16, 32, 64, 128)), (SLOWONLY, 128, ('layer3',), (64, 128)),
    (SLOWONLY, 128, (), (128,)), (SLOWFAST, 72, ('slow_path.layer1', 'slow_path.layer3'), (8, 32, 72))])
def test_the_gcn_takes_its_widths_from_what_it_feeds(build, backbone, in_channels, taps, widths):
    model = build(backbone, in_channels, taps)
    assert model.neck.channels == widths and len(model.neck.layers) == len(taps) + 1
    model.train()
    model(torch.randn(2, 1, 3, 16, 32, 32), samples(2), mode='loss')['loss_cls'].backward()
    assert all(p.grad.abs().sum() > 0 for name, p in model.named_parameters() if 'neck' in name or 'laterals' in name)


@pytest.mark.parametrize(('backbone', 'in_channels', 'clips'), [(TSM, 512, 3), (TSN, 512, 1), (IMAGE, 64, 1)])
def test_two_dimensional_backbones(build, backbone, in_channels, clips):
    """Time is folded into the batch for the backbone, and averaged over by the head, as the host's consensus does."""
    model = build(backbone, in_channels, two=True)
    frames = torch.randn(2, 4 * clips, 3, 32, 32)
    with torch.no_grad():
        feats, _ = model.extract_feat(frames, 'backbone')
        feats = feats[-1] if isinstance(feats, tuple) else feats
        assert feats.shape == (8 * clips, in_channels, 1, 1)
        unfolded, _ = model.extract_feat(frames)
        logits = model(frames, mode='tensor', stage='head')
        predicted = model(frames, samples(2), mode='predict')
    assert (unfolded[-1] if isinstance(unfolded, tuple) else unfolded).shape == (2 * clips, in_channels, 4, 1, 1)
    of_frames = feats.flatten(1) @ model.neck()[-1].tanh().t()
    torch.testing.assert_close(logits, of_frames.view(2 * clips, 4, K).mean(1))
    torch.testing.assert_close(predicted[0].pred_score, logits[:clips].sigmoid().mean(0))
    model.train()
    assert model(frames, samples(2), mode='loss')['loss_cls'].requires_grad


def test_fully_convolutional_testing_of_the_host_changes_nothing(build):
    model, frames = build(TSM, 512, two=True), torch.randn(1, 8, 3, 32, 32)
    with torch.no_grad():
        (expected,) = model(frames, samples(1), mode='predict')
        model.test_cfg = dict(fcn_test=True)
        (found,) = model(frames, samples(1), mode='predict')
    torch.testing.assert_close(found.pred_score, expected.pred_score)


def test_connections_with_a_fixed_embedding_and_no_gcn(build, make_graph):
    neck = dict(type='kss_mm.FixedLabelEmbedding', graph=make_graph(K))
    head = dict(type='kss_mm.KSSHead', num_classes=K, in_channels=128, dropout=0., residual_fc=True)
    model, x = build(SLOWONLY, 128, neck=neck, cls_head=head), torch.randn(2, 1, 3, 4, 32, 32)
    assert isinstance(model.neck, FixedLabelEmbedding) and model.neck.channels == (16, 32)
    feats, _ = model.extract_feat(x)
    torch.testing.assert_close(model(x, mode='tensor', stage='head'),
                               model.cls_head.classifier.fc(feats.mean((2, 3, 4))))
    model.neck.embedding0.zero_(), model.neck.embedding1.zero_()
    assert not torch.equal(model.extract_feat(x)[0], feats)
    with pytest.raises(InputError, match='residual_fc=True'):
        build(SLOWONLY, 128, neck=neck)
    with pytest.raises(InputError, match=r'FixedLabelEmbedding has channels=\(16, 33\)'):
        build(SLOWONLY, 128, neck=dict(neck, channels=(16, 33)), cls_head=head)


def test_custom_imports_are_harmless(make_graph, tmp_path):
    make_graph(K).save(tmp_path / 'graph.npz')
    content = dict(default_scope='mmaction', custom_imports=dict(imports=['kss_mm.models']),
                   model=config(str(tmp_path / 'graph.npz'), SLOWONLY, 128))
    Config(content).dump(tmp_path / 'config.py')
    cfg = Config.fromfile(tmp_path / 'config.py', import_custom_modules=True)
    init_default_scope(cfg.default_scope)
    assert MODELS.build(cfg.model).neck.channels == (16, 32, 128)


def test_distributed_training_leaves_no_parameter_unused(make_graph, tmp_path):
    """DDP raises at the second step if any parameter got no gradient in the first, zero connections included."""
    from torch import distributed
    from torch.nn.parallel import DistributedDataParallel

    init_default_scope('mmaction')
    cfg = config(make_graph(K), SLOWONLY, 128)
    cfg['backbone']['zero_init'] = True
    model = MODELS.build(cfg).train()
    model.init_weights()
    distributed.init_process_group('gloo', init_method=f'file://{tmp_path}/store', rank=0, world_size=1)
    try:
        parallel = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(parallel.parameters(), lr=.1)
        for _ in range(2):
            optimizer.zero_grad()
            parallel(torch.randn(2, 1, 3, 4, 32, 32), samples(2), mode='loss')['loss_cls'].backward()
            optimizer.step()
    finally:
        distributed.destroy_process_group()
    assert all(lateral.g.weight.any() for lateral in model.backbone.laterals)
