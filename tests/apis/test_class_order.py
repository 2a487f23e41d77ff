"""One data set in files that number its categories otherwise: the same figures in training, test.py and deployed."""

import json

import numpy as np
import pytest
from mmengine.config import Config
from torch import nn

from kss_mm.apis.config import load_config
from kss_mm.apis.deploy import deploy
from kss_mm.apis.runner import build_runner
from kss_mm.errors import InputError
from kss_mm.evaluation.functional import average_precision
from kss_mm.evaluation.score_files import load_scores
from kss_mm.graph import LabelGraph, cooccurrence
from kss_mm.inference.true_labels import true_labels
from kss_mm.registry import MODELS

pytest.importorskip('mmpretrain')
COLOURS = {'red': 0, 'green': 1, 'blue': 2}
#: Category ids by file: as trained on, by first appearance as converters number them, and without one category.
IDS = dict(train=dict(red=1, green=2, blue=3), val=dict(red=1, green=2, blue=3), val_perm=dict(blue=1, red=2, green=3),
           val_fewer=dict(green=1, blue=2), val_more=dict(red=1, green=2, blue=3, white=4))

CONFIG = '''
default_scope = 'mmpretrain'
data_preprocessor = dict(mean=[60.] * 3, std=[90.] * 3, to_rgb=True)
pipeline = [dict(type='LoadImageFromFile'), dict(type='PackInputs')]
train_dataloader = dict(
    batch_size=8, sampler=dict(type='DefaultSampler', shuffle=True), collate_fn=dict(type='default_collate'),
    dataset=dict(type='kss_mm.CocoMultiLabel', data_root={root!r}, ann_file='train.json',
                 data_prefix=dict(img_path='images'), pipeline=pipeline))
val_dataloader = dict(
    batch_size=8, sampler=dict(type='DefaultSampler', shuffle=False), collate_fn=dict(type='default_collate'),
    dataset=dict(type='kss_mm.CocoMultiLabel', data_root={root!r}, ann_file='val_perm.json',
                 data_prefix=dict(img_path='images'), pipeline=pipeline, test_mode=True))
test_dataloader = val_dataloader
val_evaluator = test_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
train_cfg, val_cfg, test_cfg = dict(by_epoch=True, max_epochs=3), dict(), dict()
optim_wrapper = dict(optimizer=dict(type='Adam', lr=.01))
randomness = dict(seed=0)
custom_hooks = [dict(type='kss_mm.PlainCheckpointHook')]
'''
HEAD = "head=dict(type='kss_mm.KSSClsHead', num_classes=3, in_channels=16, residual_fc=True))\n"
PLAIN = "model = dict(type='ImageClassifier', backbone=dict(type='kss_mm.TwoConvs'), " + HEAD
GRAPH = """model = dict(type='kss_mm.KSSNetClassifier', backbone=dict(
    type='kss_mm.LCBackbone', backbone=dict(type='kss_mm.TwoConvs'), taps=('first',), num_classes=3),
    neck=dict(type='kss_mm.LabelGCN', graph={root!r} + '/graph.npz', lam=1., tau=0., eta=.4), """ + HEAD


@pytest.fixture(autouse=True)
def _trusted(monkeypatch):
    monkeypatch.setenv('KSS_MM_TRUST_CONFIG', '1')  # a backbone of these tests is none of the known parts


@MODELS.register_module(force=True)
class TwoConvs(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2)
        self.second = nn.Conv2d(8, 16, 3, stride=2)

    def forward(self, x):
        return (self.second(self.first(x).relu()).relu(),)


@pytest.fixture(scope='module')
def coco(tmp_path_factory):
    """Sixteen training and sixteen validation images of 32 pixels, annotations by IDS, and a label graph."""
    import mmcv

    root, rng = tmp_path_factory.mktemp('order'), np.random.default_rng(3)
    labels = {split: [[name for name in COLOURS if rng.random() < .5] or ['red'] for _ in range(16)]
              for split in ('train', 'val')}
    for split, samples in labels.items():
        for number, names in enumerate(samples):
            pixels = np.full((32, 32, 3), 60, np.uint8)
            for name in names:
                y, x = rng.integers(0, 20, 2)
                pixels[y:y + 12, x:x + 12] = 255 * np.eye(3, dtype=np.uint8)[2 - COLOURS[name]]
            mmcv.imwrite(pixels, str(root / 'images' / f'{split}{number}.png'))
    for file, ids in IDS.items():
        split = file.partition('_')[0]
        (root / f'{file}.json').write_text(json.dumps(dict(
            images=[dict(id=number, file_name=f'{split}{number}.png') for number in range(16)],
            annotations=[dict(id=3 * number + COLOURS[name], image_id=number, category_id=ids[name])
                         for number, names in enumerate(labels[split]) for name in names if name in ids],
            categories=[dict(id=number, name=name) for name, number in ids.items()])))
    rows = np.array([[name in names for name in COLOURS] for names in labels['train']]).astype(int)
    counts = np.asarray(cooccurrence(rows))
    LabelGraph(tuple(COLOURS), counts, np.diag(counts), 16, embeddings=rng.normal(size=(3, 4))).save(root / 'graph.npz')
    return root


@pytest.fixture(scope='module', params=['plain', pytest.param('graph', marks=pytest.mark.slow), 'deployed'])
def trained(request, coco):
    """Config and checkpoint of a run that validated on the permuted file, and the mAP that it said at its end."""
    work = coco / request.param
    work.mkdir()
    config = work / 'net.py'
    config.write_text((CONFIG + (PLAIN if request.param == 'plain' else GRAPH)).format(root=str(coco)))
    runner = run(config, work)
    runner.train()
    figure = runner.message_hub.get_scalar('val/multi-label/mAP').current()
    checkpoint = work / 'epoch_3.pth'
    if request.param == 'deployed':
        deploy(str(config), str(checkpoint), str(work / 'deployed.pth'), shape=(3, 32, 32))
        config = checkpoint = work / 'deployed.pth'
    return config, checkpoint, figure


def run(config, work, checkpoint=None, file=None, **options):
    cfg = load_config(str(config), options)
    cfg.merge_from_dict(dict(work_dir=str(work), load_from=checkpoint and str(checkpoint), launcher='none'))
    if file:
        cfg.test_dataloader.dataset.ann_file = f'{file}.json'
    cfg.experiment_name = f'{work.name}{file}{len(options)}'
    return build_runner(cfg)


def scores_of(trained, tmp_path, file):
    config, checkpoint, _ = trained
    out = str(tmp_path / f'{file}.npz')
    figures = run(config, tmp_path, checkpoint, file, **{'test_evaluator.dump': out}).test()
    return figures['multi-label/mAP'], load_scores(out)


@pytest.mark.slow
def test_the_order_of_the_categories_changes_no_figure(trained, tmp_path):
    figure, content = scores_of(trained, tmp_path, 'val')
    permuted, same = scores_of(trained, tmp_path, 'val_perm')
    assert figure == permuted == pytest.approx(trained[2])  # of the validation after the last epoch
    assert content.classes == same.classes == list(COLOURS)
    np.testing.assert_array_equal(content.targets, same.targets)
    shifted = average_precision(content.scores, content.targets[:, [2, 0, 1]]).mean()
    assert abs(figure - shifted) > .05  # what labels under wrong names would give


def test_a_file_without_a_category(trained, tmp_path):
    _, content = scores_of(trained, tmp_path, 'val')
    figure, fewer = scores_of(trained, tmp_path, 'val_fewer')
    left = content.targets[:, 1:].any(axis=1)  # images without any label are left out
    assert figure == pytest.approx(average_precision(content.scores[left, 1:], content.targets[left, 1:]).mean())
    assert fewer.classes == list(COLOURS) and fewer.targets[:, 0].sum() == 0


@pytest.mark.slow
def test_a_file_with_a_further_category(trained, tmp_path):
    config, checkpoint, _ = trained
    with pytest.raises(InputError, match=r"val_more.json\) has 4 .*the checkpoint 3 .*'white' is not one.*classes="):
        run(config, tmp_path, checkpoint, 'val_more').test()
    figure = run(config, tmp_path, checkpoint, 'val_more',
                 **{'test_dataloader.dataset.classes': list(COLOURS)}).test()['multi-label/mAP']
    assert figure == pytest.approx(trained[2])


@pytest.mark.parametrize('wrapper', ['RepeatDataset', 'ConcatDataset'])
@pytest.mark.slow
def test_the_truth_of_a_file_is_looked_up_by_name(coco, trained, wrapper):
    cfg = load_config(str(trained[0]))
    content = json.loads((coco / 'val.json').read_text())
    wanted = sorted(a['category_id'] - 1 for a in content['annotations'] if a['image_id'] == 2)
    file = str(coco / 'images' / 'val2.png')
    inner = cfg.test_dataloader.dataset
    assert true_labels(cfg, file, list(COLOURS)) == wanted
    cfg.test_dataloader.dataset = (dict(type=wrapper, dataset=inner, times=2) if wrapper == 'RepeatDataset' else
                                   dict(type=wrapper, datasets=[inner, inner]))
    assert true_labels(Config(cfg.to_dict()), file, list(COLOURS)) == wanted
    with pytest.raises(InputError, match='train0.png: .*test data set'):
        true_labels(cfg, str(coco / 'images' / 'train0.png'), list(COLOURS))
