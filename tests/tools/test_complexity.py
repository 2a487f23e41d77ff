"""Counts against formulas, against figures published by others, and against the paper's."""

import pytest
import torch
from conftest import ROOT, run_tool
from mmengine.config import Config
from mmengine.registry import MODELS
from torch import nn

from kss_mm.analysis.complexity import complexity_report, measure, total
from kss_mm.analysis.complexity.paper import FIGURES, I3D, RESNET, beside_the_paper
from kss_mm.analysis.complexity.untrained import untrained_model
from kss_mm.apis.input_shape import input_shape
from kss_mm.errors import InputError
from kss_mm.models import InceptionI3d
from kss_mm.models.backbones.same_padding import SameConv3d, same_padding

CLIP, IMAGE = (3, 64, 224, 224), (3, 448, 448)
FACTORISED = {'model.neck.rank': 'auto'}
RELEASED = {**FACTORISED, 'model.neck.bias': True, 'model.cls_head.residual_fc': True}
I3D_TAPS, I3D_CHANNELS = ('Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f'), (192, 480, 832, 1024)
RESNET_TAPS, RESNET_CHANNELS = ('layer1', 'layer2', 'layer3'), (256, 512, 1024, 2048)


def built(config: str, options: dict | None = None) -> nn.Module:
    """The model of a config of this project, with a stand-in for its label graph."""
    pytest.importorskip('mmpretrain' if 'r101' in config else 'mmaction')
    cfg = Config.fromfile(ROOT / 'configs' / config)
    cfg.merge_from_dict(options or {})
    return untrained_model(cfg)[0]


def of_layers(layers: int, taps: tuple, channels: tuple) -> dict:
    """The options of a KSSNet without its first graph convolutions (Table 4)."""
    return {'model.backbone.taps': list(taps[4 - layers:]), 'model.neck.channels': list(channels[4 - layers:])}


def mebi(part) -> float:
    return part.size / 2**20


def test_a_prior_of_a_label_graph_that_is_not_there():
    """A plain network has no neck, and yet its head may name the label graph."""
    pytest.importorskip('mmaction')
    options = {'model.cls_head.prior': 'nowhere/label_graph.npz'}
    parameters = [sum(p.numel() for p in built('i3d_toy.py', changes).parameters()) for changes in ({}, options)]
    assert parameters[1] == parameters[0] + 40, 'one prior log-odds a label'


def test_parts_against_formulas():
    labels, words, c1, c2, pooled = 40, 300, 24, 60, 128
    model = built('kssnet_i3d_toy.py', {
        'model.backbone.width': .125, 'model.backbone.taps': ['Conv3d_2c_3x3', 'Mixed_3c'],
        'model.neck.channels': [c1, c2, pooled], 'model.cls_head.in_channels': pooled, 'model.neck.graph': 'none.npz',
        'model.cls_head.prior': None, 'model.cls_head.residual_fc': True, 'model.cls_head.logit_scale': 1.})
    parts = measure(model, (3, 5, 40, 56))
    assert list(parts) == ['backbone', 'GCN', 'LCs', 'head']
    # 5 frames of 40x56 are 3 of 10x14 at Conv3d_2c and 3 of 5x7 at Mixed_3c.
    literal = 2 * labels * (c1 * 3 * 10 * 14 + c2 * 3 * 5 * 7)
    assert parts['LCs'].macs == literal and 0 < parts['LCs'].evaluated <= literal
    assert parts['LCs'].parameters == labels * (c1 + c2) and parts['LCs'].size == 4 * parts['LCs'].parameters
    weights = words * c1 + c1 * c2 + c2 * pooled
    assert parts['GCN'].parameters == weights
    assert parts['GCN'].size == 4 * (weights + labels * words + labels**2)
    assert parts['GCN'].macs == labels * weights + labels**2 * (c1 + c2 + pooled)
    assert parts['head'].macs == 2 * labels * pooled and parts['head'].parameters == labels * (pooled + 1)
    plain = measure(built('i3d_toy.py', {'model.backbone.width': .125, 'model.cls_head.in_channels': pooled}),
                    (3, 5, 40, 56))
    assert plain['backbone'] == parts['backbone']
    state = model.state_dict()
    assert total(parts.values()).size == sum(value.numel() * value.element_size() for value in state.values())


def test_a_sparse_adjacency_costs_its_edges():
    labels, words, channels = 1200, 300, (1024, 2048)
    model = built('mlgcn_r101_coco.py', {'model.backbone.depth': 50, 'model.head.num_classes': labels})
    assert model.neck.sparse  # a stand-in has the self-loops alone
    # Edges are multiplied where the embeddings are narrower, before each layer's weights here.
    expected = labels * (words * channels[0] + channels[0] * channels[1]) + labels * (words + channels[0])
    assert measure(model, (3, 64, 64))['GCN'].macs == expected


@pytest.mark.parametrize(('scope', 'model', 'shape', 'parameters', 'gigas'), [
    ('mmpretrain', dict(type='ImageClassifier', backbone=dict(type='ResNet', depth=50),
                        neck=dict(type='GlobalAveragePooling'),
                        head=dict(type='LinearClsHead', num_classes=1000, in_channels=2048)),
     (3, 224, 224), 25_557_032, 4.12),
    ('mmpretrain', dict(type='ImageClassifier', backbone=dict(type='VisionTransformer', arch='deit-tiny', img_size=224,
                                                              patch_size=16),
                        head=dict(type='VisionTransformerClsHead', num_classes=1000, in_channels=192)),
     (3, 224, 224), 5_717_416, 1.258),  # a fifth of it in attention
    ('mmaction', dict(type='Recognizer2D', backbone=dict(type='ResNetTSM', depth=50, pretrained='torchvision://resnet50'),
                      cls_head=dict(type='TSMHead', num_classes=400, in_channels=2048)),
     (3, 8, 224, 224), 24_327_632, 32.88),
    ('mmaction', dict(type='Recognizer3D', backbone=dict(
        type='ResNet3dSlowOnly', depth=50, pretrained=None, lateral=False, conv1_kernel=(1, 7, 7), conv1_stride_t=1,
        pool1_stride_t=1, inflate=(0, 0, 1, 1)), cls_head=dict(type='I3DHead', num_classes=400, in_channels=2048),
        data_preprocessor=dict(type='ActionDataPreprocessor', format_shape='NCTHW')),
     (3, 4, 256, 256), 32_454_096, 27.38),
])
@pytest.mark.slow
def test_networks_of_the_hosts_against_their_model_zoos(scope, model, shape, parameters, gigas):
    """The zoos count normalisation and pooling as well, hence the hundredth."""
    pytest.importorskip(scope)
    whole = total(measure(untrained_model(Config(dict(default_scope=scope, model=model)))[0], shape).values())
    assert whole.parameters == parameters
    assert whole.macs == pytest.approx(gigas * 1e9, rel=.01)


def test_label_queries_against_formulas():
    pytest.importorskip('mmpretrain')
    labels, width, hidden, channels, positions = 80, 48, 96, 512, 49
    model = MODELS.build(dict(
        type='mmpretrain.ImageClassifier', backbone=dict(type='mmpretrain.ResNet', depth=18),
        data_preprocessor=dict(type='mmpretrain.ClsDataPreprocessor'),
        head=dict(type='kss_mm.LabelQueryClsHead', num_classes=labels, in_channels=channels, embed_dims=width,
                  feedforward_channels=hidden))).eval()
    tokens = positions * width * (channels + 2 * width)  # projection, keys, values
    queries = labels * width * (2 * width + 2 * positions + 2 * hidden + 1)
    assert measure(model, (3, 224, 224))['head'].evaluated == tokens + queries
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_the_released_network():
    plain, kss = (total(measure(built(f'{name}.py', options), CLIP).values())
                  for name, options in (('i3d_charades', {}), ('kssnet_i3d_charades', RELEASED)))
    assert (plain.parameters, round(plain.macs / 1e9, 1)) == (12_448_189, 111.2)
    assert (kss.parameters, round(kss.macs / 1e9, 1)) == (13_419_065, 122.0)


@pytest.mark.parametrize('layers', [4, 3, 2])
@pytest.mark.slow
def test_sizes_of_table_4(layers):
    model = built('kssnet_r101_coco.py', of_layers(layers, RESNET_TAPS, RESNET_CHANNELS))
    whole = total(measure(model, (3, 64, 64)).values())
    assert mebi(whole) == pytest.approx(FIGURES[RESNET, layers].megabytes, rel=.003)
    text = flat(beside_the_paper(model, IMAGE, whole))
    assert f' {mebi(whole):.2f}' in text
    graph = mebi(whole._replace(size=4 * 80 * (300 + 80)))
    assert f"E(0) and A'_KS, {graph:.2f} of it" in text and f'{mebi(whole) - graph:.2f}' in text
    options = {**of_layers(layers, RESNET_TAPS, RESNET_CHANNELS), **FACTORISED}
    factorised = total(measure(built('kssnet_r101_coco.py', options), (3, 64, 64)).values())
    assert f'{mebi(factorised) - graph:.2f}' in text.partition('plain weights')[2].partition('factorised ones')[0]


def test_no_width_of_the_words_explains_the_steps_of_table_4():
    """From 4 to 3 layers (D, 256)(256, 512) becomes (D, 512), from 3 to 2 (D, 512)(512, 1024) becomes (D, 1024)."""
    def saved(wide: int, narrow: int, words: int) -> float:
        return 4 * (words * narrow + narrow * wide - words * wide + 80 * narrow) / 2**20

    sizes = [FIGURES[RESNET, layers].megabytes for layers in (4, 3, 2)]
    rounding = .1  # of the difference of two figures with one decimal
    fits = [[words for words in range(1, 2000) if abs(saved(wide, narrow, words) - (more - less)) <= rounding + 1e-9]
            for wide, narrow, more, less in ((512, 256, *sizes[:2]), (1024, 512, *sizes[1:]))]
    assert fits[0][-1] == 80 and fits[1][0] == 490
    assert [round(saved(*sides, 300), 2) for sides in ((512, 256), (1024, 512))] == [.29, 1.57]


@pytest.mark.slow
def test_what_is_said_about_inception_i3d():
    """Every figure in the remarks, counted anew."""
    taken = {}
    for layers in (4, 3, 2):
        options = of_layers(layers, I3D_TAPS, I3D_CHANNELS)
        taken[layers] = [built('kssnet_i3d_charades.py', {**options, **form}) for form in ({}, FACTORISED, RELEASED)]
    parts = measure(taken[2][0], CLIP)
    text = flat(beside_the_paper(taken[4][0], CLIP, total(parts.values())))
    base = parts['backbone'].macs / 1e9
    for forms in ([total(measure(pair[form], CLIP).values()) for pair in taken.values()]
                  for form in (0, 1, 2)):
        assert ', '.join(f'{mebi(whole):.2f}' for whole in forms) in text
    extra = [total(measure(pair[0], CLIP).values()).macs / 1e9 - base for pair in taken.values()]
    assert ', '.join(f'{value:.2f}' for value in extra) in text
    assert ', '.join(f'{2 * value:.2f}' for value in extra) in text
    left = FIGURES[I3D, 2].megabytes - mebi(parts['backbone'])
    least = 4 * 32 * (300 + 832 + 832 + 1024) / 2**20
    for value in (left, mebi(parts['backbone']), left - mebi(parts['LCs']), least, base, without_padding()):
        assert f'{value:.2f}' in text


def without_padding() -> float:
    """G multiply-adds of Inception-I3D whose factors are not padded zeros."""
    count = 0

    def add(conv: SameConv3d, args: tuple, output: torch.Tensor) -> None:
        nonlocal count
        sizes, products = args[0].shape[2:], conv.in_channels * conv.out_channels
        pads = same_padding(sizes, conv.kernel_size, conv.stride)
        for size, kernel, stride, (before, _), outputs in zip(sizes, conv.kernel_size, conv.stride, pads,
                                                              output.shape[2:]):
            products *= sum(0 <= stride * o - before + k < size for o in range(outputs) for k in range(kernel))
        count += products

    net = InceptionI3d().to('meta')
    for module in net.modules():
        if isinstance(module, SameConv3d):
            module.register_forward_hook(add)
    net(torch.empty(1, *CLIP, device='meta'))
    return count / 1e9


@pytest.mark.parametrize(('options', 'shape'), [
    ({'model.backbone.width': .5, 'model.cls_head.in_channels': 512}, CLIP),
    ({'model.cls_head.num_classes': 40}, CLIP),
    ({}, (3, 32, 224, 224)),
])
@pytest.mark.slow
def test_the_paper_has_no_figures_of_other_networks(options, shape):
    model = built('i3d_charades.py', options)
    with pytest.raises(InputError, match='this model is none of them'):
        beside_the_paper(model, shape, total(measure(model, shape).values()))


def test_the_paper_has_no_figures_of_ml_gcn():
    model = built('mlgcn_r101_coco.py')
    with pytest.raises(InputError, match='this model is none of them'):
        beside_the_paper(model, IMAGE, total(measure(model, IMAGE).values()))


UNIFORM = dict(type='UniformSample', clip_len=64, test_mode=True)
SHORT_SIDE = dict(type='Resize', scale=(-1, 256))


@pytest.mark.parametrize(('scope', 'layout', 'steps', 'expected'), [
    ('mmaction', 'NCTHW', [UNIFORM, SHORT_SIDE, dict(type='CenterCrop', crop_size=224)], (3, 64, 224, 224)),
    ('mmaction', 'NCTHW', [dict(type='SampleFrames', clip_len=32, frame_interval=2, num_clips=10), SHORT_SIDE,
                           dict(type='ThreeCrop', crop_size=256)], (3, 32, 256, 256)),
    ('mmaction', 'NCHW', [dict(type='SampleFrames', clip_len=1, frame_interval=1, num_clips=8), SHORT_SIDE,
                          dict(type='CenterCrop', crop_size=(224, 160))], (3, 8, 160, 224)),
    ('mmaction', 'NCTHW', [UNIFORM, dict(type='Resize', scale=(171, 128), keep_ratio=False)], (3, 64, 128, 171)),
    ('mmaction', 'NCTHW', [UNIFORM, dict(type='Resize', scale=(171, 128))], None),  # keeps the ratio here
    ('mmaction', 'NCTHW', [UNIFORM, dict(type='CenterCrop', crop_size=224), SHORT_SIDE], None),
    ('mmaction', 'NCTHW', [dict(type='CenterCrop', crop_size=224)], None),
    ('mmpretrain', None, [dict(type='Resize', scale=(448, 320), backend='pillow')], (3, 320, 448)),
    ('mmpretrain', None, [dict(type='Resize', scale=448)], (3, 448, 448)),
    ('mmpretrain', None, [dict(type='ResizeEdge', scale=256, edge='short'), dict(type='CenterCrop', crop_size=224)],
     (3, 224, 224)),
    ('mmpretrain', None, [dict(type='ResizeEdge', scale=256, edge='short')], None),
    ('mmpretrain', None, [], None),
])
def test_input_size(scope, layout, steps, expected):
    pytest.importorskip(scope)
    plain = dict(type='Any', pipeline=steps)
    for dataset in (plain, dict(type='RepeatDataset', times=2, dataset=plain)):
        cfg = Config(dict(default_scope=scope, test_dataloader=dict(dataset=dataset)))
        if expected:
            assert input_shape(cfg, layout) == expected
        else:
            with pytest.raises(InputError, match='give --shape 3 T H W' if layout else 'give --shape 3 H W'):
                input_shape(cfg, layout)


def flat(text: str) -> str:
    return ' '.join(text.split())


@pytest.mark.slow
def test_the_tool():
    pytest.importorskip('mmaction')
    config = 'configs/kssnet_i3d_charades_released.py'
    text = run_tool('complexity.py', config, '--paper').stdout
    for line in (f'{config}: KSSNet', 'input: one clip, 3x64x224x224', 'total 13,419,065 51.52 121.978',
                 'GFLOPs 127 121.98 -3.95%', 'MB (here MiB) 49.8 51.52 +3.45%'):
        assert line in flat(text)
    assert max(map(len, text.splitlines())) <= 140
    # Of networks that the paper does not have, the costs all the same.
    result = run_tool('complexity.py', config, '--paper', '--shape', 3, 8, 32, 32, check=False)
    assert result.returncode == 2 and 'total 13,419,065 51.52' in flat(result.stdout)
    assert result.stderr.startswith('error: --paper:') and result.stderr.count('\n') == 1
    with pytest.raises(InputError, match='--shape 3 224 224: .* takes C T H W, a clip'):
        list(complexity_report(str(ROOT / config), shape=(3, 224, 224)))


def test_a_label_graph_that_is_there(make_graph, tmp_path):
    pytest.importorskip('mmaction')
    make_graph(40, 7).save(tmp_path / 'graph.npz')
    options = {'model.neck.graph': str(tmp_path / 'graph.npz'), 'model.cls_head.prior': str(tmp_path / 'graph.npz')}
    text = '\n'.join(complexity_report(str(ROOT / 'configs/kssnet_i3d_toy.py'), options=options))
    assert f'label graph: {tmp_path}/graph.npz\n' in text and '3x12x64x64' in text
    gcn = 7 * 96 + 96 * 240 + 240 * 416 + 416 * 512
    assert f'{gcn:,}' in text


def test_inputs_that_do_not_fit():
    pytest.importorskip('mmaction')
    model = built('i3d_toy.py')
    with pytest.raises(InputError, match='does not take an input of 1x12x64x64'):
        measure(model, (1, 12, 64, 64))
    model.data_preprocessor.format_shape = 'NCTHW_Heatmap'
    with pytest.raises(InputError, match="format_shape='NCTHW_Heatmap'"):
        measure(model, (3, 12, 64, 64))
    with pytest.raises(InputError, match='Linear has no backbone'):
        measure(nn.Linear(2, 2), (3, 12, 64, 64))
