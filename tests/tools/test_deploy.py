"""The deployed and the exported form, by the tools: the same figures, from one file alone."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from tiny_coco import write_coco

from kss_mm.apis.config import load_config
from kss_mm.apis.runner import build_model
from kss_mm.checkpoints.checkpoint import load_plain

K = 5
CLASSES = [f'label {index}' for index in range(K)]
IMAGES = '''
default_scope = 'mmpretrain'
label_graph = {graph!r}
model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=5, zero_init=False,
                  init_cfg=dict(type='Pretrained', checkpoint='not there.pth')),
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=.4, tau=.02, eta=.4),
    head=dict(type='kss_mm.KSSClsHead', num_classes=5, in_channels=64, prior=label_graph,
              loss=dict(type='kss_mm.WeightedBCELoss', pos_weight=label_graph)))
data_preprocessor = dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True)
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(64, 48)), dict(type='PackInputs')]
test_dataloader = dict(
    batch_size=3, collate_fn=dict(type='default_collate'), sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='kss_mm.CocoMultiLabel', data_root={data!r}, ann_file='instances.json',
                 data_prefix=dict(img_path='images'), pipeline=test_pipeline))
train_dataloader = test_dataloader
test_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
test_cfg = dict()
train_cfg = dict(by_epoch=True, max_epochs=1)
optim_wrapper = dict(optimizer=dict(type='Adam', lr=.01))
custom_hooks = [dict(type='kss_mm.LabelOrderHook'), dict(type='kss_mm.PlainCheckpointHook')]
'''
VIDEOS = '''
default_scope = 'mmaction'
model = dict(
    type='kss_mm.{kind}', backbone={backbone},
    neck=dict(type='kss_mm.LabelGCN', graph={graph!r}, lam=.4, tau=.02, eta=.4),
    cls_head=dict(type='kss_mm.KSSHead', num_classes=5, in_channels={pooled}),
    data_preprocessor=dict(type='ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3, format_shape={layout!r}))
'''
I3D = dict(kind='KSSNet', pooled=128, layout='NCTHW',
           backbone=dict(type='kss_mm.LCInceptionI3d', width=.125, num_classes=K, zero_init=False))
TSM = dict(kind='KSSNet2D', pooled=512, layout='NCHW', backbone=dict(
    type='kss_mm.LCBackbone', taps=('layer2',), num_classes=K, zero_init=False,
    backbone=dict(type='mmaction.ResNetTSM', depth=18, num_segments=4, pretrained2d=False)))


def trained(config, folder):
    """A config and a checkpoint as a run leaves it, of random weights."""
    (folder / 'net.py').write_text(config)
    cfg = Config.fromfile(folder / 'net.py')
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    for value in [*model.backbone.parameters(), *model.backbone.buffers()]:
        if value.ndim == 1 and value.is_floating_point():
            torch.nn.init.uniform_(value, .5, 1.5)
    torch.save(dict(state_dict=model.state_dict(), meta=dict(epoch=1, dataset_meta=dict(classes=CLASSES))),
               folder / 'epoch_1.pth')
    return folder


@pytest.fixture
def images(make_graph, tmp_path):
    """A run on six images, with its data."""
    pytest.importorskip('mmpretrain')

    rng = np.random.default_rng(0)
    make_graph(K).save(tmp_path / 'label_graph.npz')
    labels = np.eye(K, dtype=bool)[np.arange(6) % K] | (rng.random((6, K)) < .3)
    write_coco(tmp_path, CLASSES, labels, 32, rng)
    return trained(IMAGES.format(graph=str(tmp_path / 'label_graph.npz'), data=f'{tmp_path}/data/'), tmp_path)


def videos(graph, folder, form: dict):
    pytest.importorskip('mmaction')
    graph.save(folder / 'label_graph.npz')
    return trained(VIDEOS.format(graph=str(folder / 'label_graph.npz'), **form), folder)


def figures(printed: str) -> list[str]:
    """The last line with an mAP, from there on."""
    return printed[printed.rindex('multi-label/mAP'):].split('data_time')[0].split()


def test_the_deployed_file_alone_gives_the_same_figures(images, tool):
    run, out = images, images / 'deployed.pth'
    before = figures(tool('test.py', run / 'net.py', run / 'epoch_1.pth', '--work-dir', run / 'work')[1])
    status, printed = tool('deploy.py', run / 'net.py', run / 'epoch_1.pth', out)
    assert status == 0 and 'batch normalisations left: 0, lateral connections left: 0' in printed
    labels = tool('predict.py', run / 'net.py', run / 'epoch_1.pth', run / 'data/images/0.png')[1]
    for name in ('label_graph.npz', 'net.py', 'epoch_1.pth'):
        (run / name).unlink()
    status, printed = tool('test.py', out, '--work-dir', run / 'work')
    assert figures(printed) == before
    assert tool('predict.py', out, run / 'data/images/0.png')[1] == labels and 'label 3' in labels
    content = load_plain(str(out))
    assert content['meta']['deployed_from'] == 'epoch_1.pth' and content['meta']['epoch'] == 1
    assert 'label_graph.npz' not in content['meta']['cfg']


QUERY_HEAD = """type='kss_mm.LabelQueryClsHead', num_classes=5, in_channels=64, queries={queries!r}, graph={graph},
              embed_dims=16, num_heads=2, feedforward_channels=24, positions='sine', prior=label_graph"""


@pytest.fixture(params=['graph', 'words'])
def queries(request, make_graph, tmp_path):
    """A model with label queries, and its checkpoint: a GCN's, or word vectors beside fixed connections."""
    pytest.importorskip('mmpretrain')
    make_graph(K).save(tmp_path / 'label_graph.npz')
    config = IMAGES.format(graph=str(tmp_path / 'label_graph.npz'), data=f'{tmp_path}/data/')
    words = request.param == 'words'
    head = QUERY_HEAD.format(queries=request.param, graph='label_graph' if words else None)
    config = config.replace("type='kss_mm.KSSClsHead', num_classes=5, in_channels=64, prior=label_graph", head)
    if words:
        config = config.replace("'kss_mm.LabelGCN', graph=label_graph, lam=.4, tau=.02, eta=.4",
                                "'kss_mm.FixedLabelEmbedding', graph=label_graph")
    return trained(config, tmp_path)


def test_label_queries_deployed_from_one_file_alone(queries, tool):
    run, out = queries, queries / 'deployed.pth'
    pixels = torch.rand(2, 3, 48, 64) * 255
    expected = build_model(Config.fromfile(run / 'net.py'), str(run / 'epoch_1.pth'), 'cpu')(pixels)
    status, printed = tool('deploy.py', run / 'net.py', run / 'epoch_1.pth', out)
    assert status == 0, printed
    for name in ('label_graph.npz', 'net.py', 'epoch_1.pth'):
        (run / name).unlink()
    model = build_model(load_config(str(out)), str(out), 'cpu')
    torch.testing.assert_close(model(pixels), expected, rtol=1e-4, atol=1e-4 * expected.abs().max().item())
    assert model.head.classifier.queries.shape == (K, 16)
    assert 'label_graph.npz' not in load_plain(str(out))['meta']['cfg']


@pytest.mark.slow
def test_label_queries_as_onnx(queries, tool):
    runtime = pytest.importorskip('onnxruntime')
    run = queries
    status, printed = tool('export_onnx.py', run / 'net.py', run / 'epoch_1.pth', run / 'net.onnx')
    assert status == 0, printed
    session = runtime.InferenceSession(run / 'net.onnx')
    assert json.loads(session.get_modelmeta().custom_metadata_map['threshold_logits']) == [0.] * K
    model = build_model(Config.fromfile(run / 'net.py'), str(run / 'epoch_1.pth'), 'cpu')
    for batch in (1, 4):
        pixels = torch.rand(batch, 3, 48, 64) * 255
        with torch.no_grad():
            expected = model((pixels - 120) / 60).numpy()
        np.testing.assert_allclose(session.run(None, {'pixels': pixels.numpy()})[0], expected, rtol=0,
                                   atol=1e-4 * np.abs(expected).max())


@pytest.mark.slow
def test_what_cannot_be_done_with_it(images, tool):
    run, out = images, images / 'deployed.pth'
    tool('deploy.py', run / 'net.py', run / 'epoch_1.pth', out)
    for arguments, message in [
        (('deploy.py', out, run / 'twice.pth'), 'deployed.pth: is in deployed form already'),
        (('train.py', out, '--work-dir', run / 'work'), 'is in deployed form, which cannot be trained'),
        (('test.py', run / 'net.py', out, '--work-dir', run / 'work'), 'with its config inside: give it alone'),
        (('deploy.py', run / 'net.py', run / 'epoch_1.pth', run / 'a.onnx'), 'must be the name of a file that ends in'),
        (('deploy.py', run / 'net.py', run / 'epoch_1.pth', run / 'epoch_1.pth'), 'which would be lost'),
        (('deploy.py', run / 'net.py', run / 'a.pth'), 'give a checkpoint after it'),
    ]:
        status, printed = tool(*arguments)
        assert status == 2 and message in printed, printed
    assert not (run / 'twice.pth').exists()


@pytest.mark.slow
def test_half_precision(images, tool):
    run, out = images, images / 'deployed.pth'
    assert tool('deploy.py', run / 'net.py', run / 'epoch_1.pth', out, '--dtype', 'bfloat16')[0] == 0
    model = build_model(load_config(str(out)), str(out), 'cpu')
    assert {parameter.dtype for parameter in model.backbone.parameters()} == {torch.bfloat16}
    assert out.stat().st_size < .7 * (run / 'epoch_1.pth').stat().st_size
    status, printed = tool('test.py', out, '--work-dir', run / 'work')
    assert status == 0 and 'multi-label/mAP' in printed
    pytest.importorskip('onnxruntime')
    status, printed = tool('export_onnx.py', out, run / 'a.onnx')
    assert status == 2 and 'is in half precision' in printed


@pytest.mark.parametrize('deployed', [False, pytest.param(True, marks=pytest.mark.slow)])
def test_images_as_onnx(images, tool, deployed):
    runtime = pytest.importorskip('onnxruntime')
    run, source = images, [images / 'net.py', images / 'epoch_1.pth']
    if deployed:
        tool('deploy.py', *source, run / 'deployed.pth')
        source = [run / 'deployed.pth']
    status, printed = tool('export_onnx.py', *source, run / 'net.onnx')
    assert status == 0 and 'input N x 3 x 48 x 64' in printed, printed
    session = runtime.InferenceSession(run / 'net.onnx')
    described = session.get_modelmeta().custom_metadata_map
    assert json.loads(described['classes']) == CLASSES and described['channels'] == 'RGB'
    assert json.loads(described['thresholds']) == [.5] * K and json.loads(described['threshold_logits']) == [0.] * K
    # The probabilities of the test loop, which reads BGR.
    cfg = Config.fromfile(run / 'net.py')
    model = build_model(cfg, str(run / 'epoch_1.pth'), 'cpu')
    for batch in (1, 4):
        pixels = torch.randint(0, 256, (batch, 3, 48, 64), dtype=torch.uint8)
        from mmpretrain.structures import DataSample

        with torch.no_grad():
            samples = model.test_step(dict(inputs=pixels.flip(1), data_samples=[DataSample() for _ in range(batch)]))
        logits, probabilities = session.run(None, {'pixels': pixels.float().numpy()})
        expected = torch.stack([sample.pred_score for sample in samples]).numpy()
        np.testing.assert_allclose(probabilities, expected, atol=1e-4)
        np.testing.assert_allclose(1 / (1 + np.exp(-logits)), probabilities, atol=1e-5)


@pytest.mark.parametrize(('arguments', 'message'), [
    (['--shape', 3, 48], 'shape 3 48: the model takes 3 H W'), (['--shape', 4, 48, 48], 'shape 4 48 48'),
    (['--shape', 3, 48, 0], 'shape 3 48 0'), (['--shape', 3, 1, 1], ''),
])
@pytest.mark.parametrize('name', ['deploy.py', 'export_onnx.py'])
@pytest.mark.slow
def test_impossible_shapes(images, tool, name, arguments, message):
    out = images / ('out.pth' if name == 'deploy.py' else 'out.onnx')
    status, printed = tool(name, images / 'net.py', images / 'epoch_1.pth', out, *arguments)
    if message:
        assert status == 2 and message in printed and not out.exists()
    assert not list(images.glob('*.part')) and 'Traceback' not in printed


TRANSFORMERS = {
    'swin': dict(type='SwinTransformer', arch=dict(embed_dims=8, depths=[1, 1, 2, 1], num_heads=[1, 2, 2, 2]),
                 window_size=2),
    'vit': dict(type='VisionTransformer', img_size=48, patch_size=8, arch=dict(
        embed_dims=64, num_layers=2, num_heads=2, feedforward_channels=32)),
}


@pytest.mark.slow
@pytest.mark.parametrize('name', TRANSFORMERS)
def test_transformers_as_onnx(make_graph, tmp_path, tool, name):
    """Tokens, with another batch than the exported one."""
    pytest.importorskip('mmpretrain')
    pytest.importorskip('onnxruntime')
    make_graph(K).save(tmp_path / 'label_graph.npz')
    taps = ('stages.0', 'stages.2') if name == 'swin' else ('layers.0',)
    run = trained(f'''
default_scope = 'mmpretrain'
model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(type='kss_mm.LCBackbone', taps={taps}, num_classes=5, zero_init=False,
                  backbone={TRANSFORMERS[name]}),
    neck=dict(type='kss_mm.LabelGCN', graph={str(tmp_path / 'label_graph.npz')!r}, lam=.4, tau=.02, eta=.4),
    head=dict(type='kss_mm.KSSClsHead', num_classes=5, in_channels=64))
''', tmp_path)
    status, printed = tool('export_onnx.py', run / 'net.py', run / 'epoch_1.pth', run / 'net.onnx',
                           '--shape', 3, 48, 48)
    assert status == 0 and (run / 'net.onnx').exists(), printed


@pytest.mark.parametrize(('form', 'shape', 'layout'), [
    pytest.param(I3D, (3, 5, 40, 57), 'NCTHW', marks=pytest.mark.slow), (TSM, (3, 4, 40, 57), 'NTCHW')])
def test_videos_as_onnx(make_graph, tmp_path, tool, form, shape, layout):
    runtime = pytest.importorskip('onnxruntime')
    run = videos(make_graph(K), tmp_path, form)
    status, printed = tool('export_onnx.py', run / 'net.py', run / 'epoch_1.pth', run / 'net.onnx', '--shape', *shape)
    assert status == 0, printed
    session = runtime.InferenceSession(run / 'net.onnx')
    described = session.get_modelmeta().custom_metadata_map
    assert (described['layout'], described['channels']) == (layout, 'RGB')
    model = build_model(Config.fromfile(run / 'net.py'), str(run / 'epoch_1.pth'), 'cpu')
    pixels = torch.randint(0, 256, (3, *shape), dtype=torch.uint8)
    inputs = [clip.unsqueeze(0) if layout == 'NCTHW' else clip.transpose(0, 1) for clip in pixels]
    from mmaction.structures import ActionDataSample

    with torch.no_grad():
        samples = model.test_step(dict(inputs=inputs, data_samples=[ActionDataSample() for _ in inputs]))
    fed = pixels if layout == 'NCTHW' else pixels.transpose(1, 2)
    _, probabilities = session.run(None, {'pixels': fed.float().numpy()})
    np.testing.assert_allclose(probabilities, torch.stack([s.pred_score for s in samples]).numpy(), atol=1e-4)
