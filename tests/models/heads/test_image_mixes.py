"""KSSNet from MMPretrain's own parts: transformers, no GCN, both default scopes."""

import copy

import pytest
import torch

pytest.importorskip('mmpretrain')
from mmengine.config import Config  # noqa: E402
from mmengine.registry import MODELS, init_default_scope  # noqa: E402
from mmpretrain.structures import DataSample  # noqa: E402

K = 5
SWIN = dict(type='mmpretrain.SwinTransformer', window_size=2, drop_path_rate=0.,
            arch=dict(embed_dims=8, depths=[1, 1, 1, 1], num_heads=[1, 2, 2, 2]))
VIT = dict(type='mmpretrain.VisionTransformer', img_size=64, patch_size=16,
           arch=dict(embed_dims=16, num_layers=3, num_heads=2, feedforward_channels=32))
RESNET = dict(type='mmpretrain.ResNet', depth=18, base_channels=8, stem_channels=8)


def config(graph, backbone: dict, in_channels: int, taps, **changes) -> dict:
    return copy.deepcopy(dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCBackbone', backbone=backbone, taps=taps, num_classes=K, zero_init=False),
        neck=dict(type='kss_mm.LabelGCN', graph=graph, lam=.4, tau=.02, eta=.4),
        head=dict(type='kss_mm.KSSClsHead', num_classes=K, in_channels=in_channels)) | changes)


@pytest.fixture(params=['mmpretrain', 'mmaction'])
def build(make_graph, request):
    pytest.importorskip(request.param)
    init_default_scope(request.param)
    yield lambda *arguments, **changes: MODELS.build(config(make_graph(K), *arguments, **changes)).eval()
    init_default_scope('mmpretrain')


def samples(batch: int) -> list[DataSample]:
    return [DataSample().set_gt_label([index % K, (index + 1) % K]) for index in range(batch)]


@pytest.mark.parametrize(('backbone', 'in_channels', 'taps', 'widths'), [
    (SWIN, 64, ('stages.0', 'stages.1', 'stages.2'), (8, 16, 32, 64)), (VIT, 16, ('layers.0', 'layers.1'), (16,) * 3),
    (RESNET, 64, ('layer2',), (16, 64))])
def test_the_gcn_takes_its_widths_from_what_it_feeds(build, backbone, in_channels, taps, widths):
    model = build(backbone, in_channels, taps)
    assert model.neck.channels == widths
    model.train()
    model(torch.randn(2, 3, 64, 64), samples(2), mode='loss')['loss'].backward()
    assert all(p.grad.abs().sum() > 0 for name, p in model.named_parameters() if 'neck' in name or 'laterals' in name)


def test_connections_with_a_fixed_embedding_and_no_gcn(build, make_graph):
    model, x = build(RESNET, 64, ('layer1', 'layer2'),
                     neck=dict(type='kss_mm.FixedLabelEmbedding', graph=make_graph(K)),
                     head=dict(type='kss_mm.KSSClsHead', num_classes=K, in_channels=64, residual_fc=True),
                     ), torch.randn(2, 3, 64, 64)
    assert model.neck.channels == (8, 16)
    (feats,) = model.extract_feat(x)
    torch.testing.assert_close(model(x), model.head.classifier.fc(feats.amax((2, 3))))
    model.neck.embedding0.zero_(), model.neck.embedding1.zero_()
    assert not torch.equal(model.extract_feat(x)[0], feats)


def test_custom_imports_are_harmless(make_graph, tmp_path):
    make_graph(K).save(tmp_path / 'graph.npz')
    content = dict(default_scope='mmpretrain', custom_imports=dict(imports=['kss_mm.models']),
                   model=config(str(tmp_path / 'graph.npz'), RESNET, 64, ('layer2',)))
    Config(content).dump(tmp_path / 'config.py')
    cfg = Config.fromfile(tmp_path / 'config.py', import_custom_modules=True)
    init_default_scope(cfg.default_scope)
    assert MODELS.build(cfg.model).neck.channels == (16, 64)
