"""MMAction2's list files have no class names: the label graph gives them, from the counts to the tables."""

import csv

import numpy as np
import pytest
import torch
from torch import nn

from kss_mm.apis.config import load_config
from kss_mm.apis.evaluate import evaluate
from kss_mm.apis.runner import build_runner
from kss_mm.errors import InputError
from kss_mm.evaluation.score_files import load_scores
from kss_mm.graph import LabelGraph, cooccurrence
from kss_mm.registry import MODELS, TRANSFORMS

pytest.importorskip('mmaction')
NAMES = ('run', 'jump', 'sit', 'eat')
LISTS = dict(train=[[0], [0, 1], [0, 1, 3], [0, 3], [1, 2], [0, 1, 3], [0]], test=[[0], [1, 2], [3]])

CONFIG = '''
default_scope = 'mmaction'
pipeline = [dict(type='kss_mm.NoisyClip'), dict(type='PackActionInputs', meta_keys=('img_shape',))]
train_dataloader = dict(
    batch_size=4, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='VideoDataset', ann_file={root!r} + '/train.txt', multi_class=True, num_classes=4,
                 pipeline=pipeline))
test_dataloader = dict(
    batch_size=2, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='VideoDataset', ann_file={root!r} + '/test.txt', multi_class=True, num_classes=4,
                 pipeline=pipeline, test_mode=True))
test_evaluator = [dict(type='kss_mm.KSSMultiLabelMetric', dump={root!r} + '/scores.npz'),
                  dict(type='kss_mm.CharadesMetric', class_csv={root!r} + '/classes.csv')]
custom_hooks = [dict(type='kss_mm.PlainCheckpointHook')]
train_cfg, test_cfg = dict(by_epoch=True, max_epochs=1), dict()
optim_wrapper = dict(optimizer=dict(type='Adam', lr=.01))
model = dict(type='kss_mm.KSSNet', backbone=dict(type='kss_mm.OneConv'),
             neck=dict(type='kss_mm.LabelGCN', graph={root!r} + '/graph.npz', lam=1., tau=0., eta=.4),
             cls_head=dict(type='kss_mm.KSSHead', num_classes=4, in_channels=8),
             data_preprocessor=dict(type='ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3,
                                    format_shape='NCTHW'))
'''


@TRANSFORMS.register_module(force=True)
class NoisyClip:
    def __call__(self, results):
        clip = torch.rand(1, 3, 2, 8, 8, generator=torch.Generator().manual_seed(len(results['filename']))) * 255
        return {**results, 'imgs': clip.numpy(), 'img_shape': (8, 8)}


@MODELS.register_module(force=True)
class OneConv(nn.Conv3d):
    def __init__(self):
        super().__init__(3, 8, 1)


def write(root, order=range(4), samples=LISTS['train']):
    """List files, and a graph that was counted on ``samples`` with its labels in this order."""
    order = list(order)
    for split, lists in LISTS.items():
        (root / f'{split}.txt').write_text(''.join(f'{split}{"x" * number}.mp4 {" ".join(map(str, labels))}\n'
                                                   for number, labels in enumerate(lists)))
    rows = np.array([[label in labels for label in order] for labels in samples]).astype(int)
    counts = np.asarray(cooccurrence(rows))
    LabelGraph(tuple(NAMES[label] for label in order), counts, np.diag(counts), len(rows),
               embeddings=np.random.default_rng(0).normal(size=(4, 4))).save(root / 'graph.npz')


def runner(root, load_from=None):
    (root / 'net.py').write_text(CONFIG.format(root=str(root)))
    cfg = load_config(str(root / 'net.py'))
    cfg.merge_from_dict(dict(work_dir=str(root), load_from=load_from, launcher='none',
                             experiment_name=f'{root.name}{load_from}'))
    return build_runner(cfg)


@pytest.mark.slow
def test_names_of_the_graph_reach_checkpoint_scores_and_tables(tmp_path):
    write(tmp_path)
    runner(tmp_path).train()
    checkpoint = str(tmp_path / 'epoch_1.pth')
    assert tuple(torch.load(checkpoint)['meta']['dataset_meta']['classes']) == NAMES
    runner(tmp_path, checkpoint).test()
    assert load_scores(tmp_path / 'scores.npz').classes == list(NAMES)
    rows = list(csv.DictReader((tmp_path / 'classes.csv').open()))
    assert [(row['class'], row['positives']) for row in rows] == [(name, '1') for name in NAMES]
    cfg = load_config(str(tmp_path / 'net.py'))
    cfg.pop('custom_hooks')  # as others' configs have none
    evaluate(cfg, checkpoint, work_dir=tmp_path / 'work', show_dir=tmp_path / 'shown', interval=2)
    assert sorted(path.name for path in (tmp_path / 'shown').iterdir()) == ['000000_test.png', '000002_testxx.png']


def test_a_graph_of_another_order_is_refused_though_nothing_has_names(tmp_path):
    write(tmp_path, order=[2, 0, 1, 3])
    run = runner(tmp_path)
    with pytest.raises(InputError, match="label 0 .*'sit' in the label graph, is carried by 1 of .* and by 6 of"):
        run.train()
    assert run.iter == 0


@pytest.mark.slow
def test_a_graph_of_other_samples_is_told_and_trained_on(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr('kss_mm.engine.check_counts.print_log', lambda text, **options: lines.append(text))
    write(tmp_path, samples=LISTS['train'] + LISTS['test'])
    runner(tmp_path).train()
    assert len(lines) == 1 and "7 of the graph's 10 samples and by 6 of the training set's 7" in lines[0]
