"""Published checkpoints: the same scores from one file alone, wherever it lies."""

import hashlib
import json
import re
import shutil

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import Runner
from tiny_coco import write_coco

from kss_mm.apis.config import load_config
from kss_mm.apis.publish import label_graph_of, publish
from kss_mm.apis.runner import build_model, fresh_model
from kss_mm.checkpoints.checkpoint import load_plain
from kss_mm.errors import InputError, MissingFileError, UserError
from kss_mm.graph import LabelGraph

pytest.importorskip('mmpretrain')
LABELS = 5
CLASSES = [f'label {index}' for index in range(LABELS)]
CONFIG = '''
default_scope = 'mmpretrain'
label_graph = {graph!r}
model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=5, zero_init=False,
                  init_cfg=dict(type='Pretrained', checkpoint={start!r})),
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=.4, tau=.02, eta=.4),
    head=dict(type='kss_mm.KSSClsHead', num_classes=5, in_channels=64, prior=label_graph,
              loss=dict(type='kss_mm.WeightedBCELoss', pos_weight=label_graph)),
    data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True))
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(32, 32)), dict(type='PackInputs')]
train_dataloader = dict(
    batch_size=3, collate_fn=dict(type='default_collate'), sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='kss_mm.CocoMultiLabel', data_root={data!r}, ann_file='instances.json',
                 data_prefix=dict(img_path='images'), pipeline=test_pipeline))
test_dataloader = train_dataloader
test_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
train_cfg = dict(by_epoch=True, max_epochs=1)
test_cfg = dict()
optim_wrapper = dict(optimizer=dict(type='Adam', lr=.01))
default_hooks = dict(checkpoint=dict(type='CheckpointHook'))
custom_hooks = [dict(type='kss_mm.LabelOrderHook'), dict(type='kss_mm.LabelGraphStartHook'),
                dict(type='kss_mm.LabelRecordHook'), dict(type='EMAHook', momentum=.5),
                dict(type='kss_mm.PlainCheckpointHook')]
load_from = None
'''


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """A folder with a run of two steps: its data, config, label graph and checkpoint."""

    folder = tmp_path_factory.mktemp('run')
    rng = np.random.default_rng(0)
    labels = np.vstack([np.eye(LABELS, dtype=int), np.ones((1, LABELS), int)])
    counts = labels.T @ labels
    LabelGraph(classes=tuple(CLASSES), counts=counts, num_samples=counts.diagonal(), total=len(labels),
               knowledge=1. - np.eye(LABELS), embeddings=rng.normal(size=(LABELS, 7)),
               provenance=dict(labels='instances.json')).save(folder / 'label_graph.npz')
    write_coco(folder, CLASSES, labels, 32, rng)
    start = dict(backbone=dict(type='mmpretrain.ResNet', depth=18, stem_channels=8, base_channels=8))
    torch.save(dict(state_dict=MODELS.build(start['backbone']).state_dict()), folder / 'start.pth')
    (folder / 'tiny_net.py').write_text(CONFIG.format(graph=str(folder / 'label_graph.npz'), data=f'{folder}/data/',
                                                      start=str(folder / 'start.pth')))
    cfg = Config.fromfile(folder / 'tiny_net.py')
    cfg.work_dir = str(folder)
    Runner.from_cfg(cfg).train()
    return folder


def alone(run, tmp_path, name='file.pth'):
    """The published checkpoint under another name, on a machine that has nothing else of the run but the images."""
    published = publish(str(run / 'epoch_1.pth'), f'{tmp_path}/', date='20260131')
    (tmp_path / 'elsewhere').mkdir()
    shutil.move(published.path, tmp_path / 'elsewhere' / name)
    shutil.copytree(run / 'data', tmp_path / 'data')
    return tmp_path / 'elsewhere' / name


@pytest.fixture
def hidden(run):
    """Graph, config and weights to start from are gone while a test runs."""
    def hide():
        for name in ('label_graph.npz', 'tiny_net.py', 'start.pth', 'data'):
            (run / name).rename(run / f'{name}.hidden')

    yield hide
    for path in run.glob('*.hidden'):
        path.rename(path.with_suffix(''))


def test_what_is_inside(run, tmp_path):
    published = publish(str(run / 'epoch_1.pth'), f'{tmp_path}/', date='20260131')
    name = re.fullmatch(r'tiny_net_20260131-([0-9a-f]{8})\.pth', published.path.rpartition('/')[2])
    content = (tmp_path / name[0]).read_bytes()
    assert hashlib.sha256(content).hexdigest().startswith(name[1])
    assert len(content) < .5 * (run / 'epoch_1.pth').stat().st_size  # Adam's two moments and the EMA's other half

    checkpoint, trained = torch.load(tmp_path / name[0], weights_only=True), load_plain(str(run / 'epoch_1.pth'))
    assert set(checkpoint) == {'state_dict', 'meta', 'label_graph'} and 'optimizer' in trained
    assert list(checkpoint['state_dict']) == list(trained['state_dict'])
    assert all(torch.equal(value, trained['state_dict'][key]) for key, value in checkpoint['state_dict'].items())
    other_half = trained['ema_state_dict']['module.head.classifier.bias']
    assert not torch.equal(checkpoint['state_dict']['head.classifier.bias'], other_half)
    assert set(checkpoint['meta']) == {'epoch', 'iter', 'seed', 'dataset_meta', 'label_counts', 'kss_mm_version', 'cfg'}
    assert list(checkpoint['meta']['dataset_meta']['classes']) == CLASSES
    assert published.renamed == {f'{run}/data/': 'data/'}
    for trace in (str(run), '.npz', 'Pretrained', 'work_dir'):
        assert trace not in checkpoint['meta']['cfg']

    LabelGraph.load(run / 'label_graph.npz').save(tmp_path / 'a.npz')
    label_graph_of(str(tmp_path / name[0])).save(tmp_path / 'b.npz')
    assert (tmp_path / 'a.npz').read_bytes() == (tmp_path / 'b.npz').read_bytes()


def test_the_same_input_gives_the_same_bytes(run, tmp_path):
    first = publish(str(run / 'epoch_1.pth'), str(tmp_path / 'a'), date='20260131').path
    shutil.copy(run / 'epoch_1.pth', tmp_path / 'copy.pth')
    second = publish(str(tmp_path / 'copy.pth'), str(tmp_path / 'other name.pth'), date='20270228').path
    assert re.search(r'/a_20260131-(.{8})\.pth', first)[1] == re.search(r'/other name_20270228-(.{8})\.pth', second)[1]
    with open(first, 'rb') as a, open(second, 'rb') as b:
        assert a.read() == b.read()
    again = publish(first, str(tmp_path / 'again'), date='20260131').path
    assert re.search(r'again_20260131-(.{8})\.pth', again)[1] in first
    with pytest.raises(InputError, match='is there already'):
        publish(str(run / 'epoch_1.pth'), str(tmp_path / 'a'), date='20260131')


@pytest.mark.slow
def test_predictions_and_figures_from_the_file_alone(run, tmp_path, hidden, tool):
    image, data = tmp_path / 'data/images/2.png', f'test_dataloader.dataset.data_root={tmp_path}/data/'
    file = alone(run, tmp_path)

    def both(*model) -> tuple[list[str], dict]:
        """Probabilities of the labels, and the figures of the evaluation."""
        status, predicted = tool('predict.py', *model, image)
        assert status == 0
        work = tmp_path / f'work{len(model)}'
        assert tool('test.py', *model, '--work-dir', work, '--cfg-options', data)[0] == 0
        figures = json.loads(next(work.glob('*/*.json')).read_text())
        return (re.findall(r'0\.\d{3}  label \d.*', predicted),
                {name: value for name, value in figures.items() if name.startswith('multi-label/')})

    before = both(run / 'tiny_net.py', run / 'epoch_1.pth')
    hidden()
    assert both(file) == before and len(before[0]) == LABELS and len(before[1]) == 14


@pytest.mark.slow
def test_the_hosts_take_it(run, tmp_path, hidden):
    """By the config's text alone, through MMPretrain's and MMEngine's own ways to a model."""
    from mmpretrain import ImageClassificationInferencer, get_model

    expected = build_model(load_config(str(run / 'tiny_net.py')), str(run / 'epoch_1.pth'), 'cpu')
    file = str(alone(run, tmp_path))
    image = str(tmp_path / 'data/images/3.png')
    hidden()
    cfg = Config.fromstring(torch.load(file, weights_only=True)['meta']['cfg'], '.py')
    init_default_scope('mmpretrain')
    inputs = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        logits = expected.head(expected.extract_feat(inputs))
        plain = MODELS.build(cfg.model).eval()
        plain.load_state_dict(torch.load(file)['state_dict'])
        for model in (plain, get_model(cfg, pretrained=file), build_model(load_config(file), file, 'cpu')):
            torch.testing.assert_close(model.head(model.extract_feat(inputs)), logits)
        (best,) = ImageClassificationInferencer(load_config(file), pretrained=file, device='cpu')(image)
    assert best['pred_class'] in CLASSES

    cfg = load_config(file)
    cfg.work_dir, cfg.train_dataloader.dataset.data_root = str(tmp_path), f'{tmp_path}/data/'
    runner = Runner.from_cfg(cfg)  # goes on from the published weights
    runner.train()
    assert torch.equal(runner.model.neck.adjacency, expected.neck.adjacency)

    # What comes of it is published as whole as that.
    again = publish(str(tmp_path / 'epoch_1.pth'), str(tmp_path / 'again')).path
    theirs, ours = (label_graph_of(path) for path in (file, again))
    assert ours.classes == theirs.classes and (ours.counts != theirs.counts).sum() == 0
    content = load_plain(str(tmp_path / 'epoch_1.pth'))
    del content['label_graph']
    torch.save(content, tmp_path / 'without.pth')
    with pytest.raises(InputError, match='has no label graph in it, but its config is of a published .* --graph'):
        publish(str(tmp_path / 'without.pth'), str(tmp_path / 'again'))
    theirs.save(tmp_path / 'graph.npz')
    given = publish(str(tmp_path / 'without.pth'), str(tmp_path / 'given'), graph=str(tmp_path / 'graph.npz')).path
    assert load_plain(given)['meta']['cfg'] == load_plain(again)['meta']['cfg']
    assert label_graph_of(given).classes == theirs.classes


def test_the_model_refuses_to_work_without_its_weights(run, tmp_path):
    cfg = load_config(str(alone(run, tmp_path)))
    model = fresh_model(cfg).eval()
    with pytest.raises(InputError, match='label graph, and they have not been loaded: set load_from'):
        model(torch.rand(1, 3, 32, 32))
    weights = load_plain(cfg.load_from)['state_dict']
    model.load_state_dict({key: value for key, value in weights.items() if 'embedding' not in key}, strict=False)
    with pytest.raises(InputError, match='have not been loaded'):
        model(torch.rand(1, 3, 32, 32))
    model.load_state_dict(weights)
    assert model(torch.rand(1, 3, 32, 32)).isfinite().all()


@pytest.mark.parametrize('neck', [
    dict(type='kss_mm.LabelGCN', lam=1., tau=0., eta=.4),  # sparse
    dict(type='kss_mm.FixedLabelEmbedding'),
])
def test_other_necks(neck, tmp_path):
    labels = 1200
    counts = np.eye(labels, dtype=int)
    counts[0, 1] = counts[1, 0] = 1
    LabelGraph(classes=tuple(map(str, range(labels))), counts=counts + np.eye(labels, dtype=int), total=9,
               num_samples=np.full(labels, 2), embeddings=np.eye(labels, 4)).save(tmp_path / 'g.npz')
    cfg = Config(dict(default_scope='mmpretrain', model=dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=labels,
                      zero_init=False),
        neck=dict(neck, graph=str(tmp_path / 'g.npz')),
        head=dict(type='kss_mm.KSSClsHead', num_classes=labels, in_channels=64, residual_fc=True))))
    (tmp_path / 'net.py').write_text(cfg.pretty_text)
    model = fresh_model(cfg).eval()
    assert getattr(model.neck, 'sparse', True)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'weights.pth')
    file = publish(str(tmp_path / 'weights.pth'), f'{tmp_path}/', config=str(tmp_path / 'net.py')).path
    assert '/net_' in file
    (tmp_path / 'g.npz').unlink()
    inputs = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(build_model(load_config(file), file, 'cpu')(inputs), model(inputs))


@pytest.mark.parametrize(('change', 'arguments', 'message'), [
    (lambda c: c.pop('state_dict'), {}, 'no checkpoint of a run'),
    (lambda c: c['meta'].pop('cfg'), {}, r'has no config in it \(meta.cfg\)'),
    (lambda c: c['meta'].update(cfg='a = ('), {}, 'the config in it .meta.cfg. is not read'),
    (lambda c: c['meta'].update(cfg='a = 1'), {}, 'the config in it has no model'),
    (lambda c: c['meta'].update(cfg="model = dict(type='mmpretrain.ResNet')"), {}, 'nothing in its config is of kss'),
    (lambda c: c['meta'].update(experiment_name='20260101_000000'), {}, 'does not say the name of its config'),
    (lambda c: c['state_dict'].pop('head.classifier.bias'), {}, 'it has no head.classifier.bias'),
    (lambda c: c['state_dict']['neck.adjacency'].mul_(2), {}, 'not the label graph that .* neck.adjacency differs'),
    (lambda c: None, dict(graph='nowhere.npz'), 'nowhere.npz: no such label graph, .* --graph'),
    (lambda c: None, dict(date='20261301'), '--date 20261301: must be a day'),
    (lambda c: None, dict(date='2026-01-01'), 'must be a day'),
    (lambda c: None, dict(config='nowhere.py'), 'nowhere.py: no such config file'),
])
def test_what_cannot_be_published(run, tmp_path, change, arguments, message):
    content = load_plain(str(run / 'epoch_1.pth'))
    change(content)
    torch.save(content, tmp_path / 'changed.pth')
    with pytest.raises(UserError, match=message) as error:
        publish(str(tmp_path / 'changed.pth'), **{'out': f'{tmp_path}/', **arguments})
    assert '\n' not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ['changed.pth']


def test_the_tools(run, tmp_path, tool):
    status, text = tool('publish_model.py', run / 'epoch_1.pth', f'{tmp_path}/new/', '--date', '20260131')
    assert status == 0 and re.fullmatch(rf'in the config, {run}/data/ becomes data/\n'
                                        rf'{tmp_path}/new/tiny_net_20260131-\w{{8}}\.pth\n', text)
    assert (2, f'error: {tmp_path}/a.pth: no such checkpoint; tools/train.py writes them to work_dirs/\n') == tool(
        'publish_model.py', tmp_path / 'a.pth', tmp_path)
    status, text = tool('publish_model.py', run / 'start.pth', run / 'epoch_1.pth', tmp_path)
    assert status == 2 and f'are 2 checkpoints, and one is published: name it; the newest is {run}/' in text
    for name, arguments, said in (('test.py', [], 'give a checkpoint after it'),
                                  ('predict.py', [tmp_path / 'a.png'], 'its checkpoint must stand after it')):
        status, text = tool(name, run / 'tiny_net.py', *arguments)
        assert status == 2 and 'tiny_net.py: ' in text and said in text


def test_a_label_graph_that_is_not_there(run, tmp_path):
    with pytest.raises(InputError, match='has no label graph in it'):
        label_graph_of(str(run / 'start.pth'))
    with pytest.raises(MissingFileError):
        label_graph_of(str(tmp_path / 'nowhere.pth'))
