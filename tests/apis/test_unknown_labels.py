"""Trainings of both hosts with unknown labels, from annotations to figures."""

import json

import numpy as np
import pytest
from conftest import ROOT, tiny
from mmengine.config import Config
from mmengine.hooks import Hook
from sklearn.metrics import average_precision_score

import kss_mm
from kss_mm.apis.cfg_options import parse_options
from kss_mm.evaluation.score_files import load_scores
from kss_mm.registry import HOOKS

CONFIG = '''
default_scope = 'mmpretrain'
model = dict(type='ImageClassifier', backbone=dict(type='ResNet', depth=18, out_indices=(3,)),
             head=dict(type='kss_mm.KSSClsHead', num_classes=3, in_channels=512, residual_fc=True))
data_preprocessor = dict(num_classes=3, to_onehot=True, mean=[127.] * 3, std=[60.] * 3)
train_dataloader = dict(
    batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='MultiLabelDataset', ann_file={root!r} + '/train.json',
                 pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')]))
val_dataloader = test_dataloader = train_dataloader
val_evaluator = test_evaluator = dict(type='kss_mm.KSSMultiLabelMetric', dump={root!r} + '/scores.npz')
train_cfg, val_cfg, test_cfg = dict(by_epoch=True, max_epochs=1), dict(), dict()
optim_wrapper = dict(optimizer=dict(type='SGD', lr=.01))
custom_hooks = [dict(type='kss_mm.NoteLosses')]
'''


@HOOKS.register_module(force=True)
class NoteLosses(Hook):
    """Notes the losses of a run."""

    losses: list = []

    def before_run(self, runner):
        NoteLosses.losses = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        NoteLosses.losses.append(outputs['loss'].item())


@pytest.fixture(autouse=True)
def _trusted(monkeypatch):
    monkeypatch.setenv('KSS_MM_TRUST_CONFIG', '1')  # a hook of these tests is none of the known parts


def check_scores(path, figure: float) -> None:
    """The figure is the mean of scikit-learn's over the known entries of each label."""
    content = load_scores(path)
    known = content.targets >= 0
    precisions = [average_precision_score(content.targets[known[:, k], k], content.ranking[known[:, k], k])
                  for k in range(known.shape[1]) if (content.targets[:, k] == 1).any()]
    assert 0 < known.sum() < known.size and figure == pytest.approx(np.mean(precisions))


def test_images_with_unknown_labels_in_their_annotations(tmp_path):
    mmcv = pytest.importorskip('mmcv')
    pytest.importorskip('mmpretrain')
    rng = np.random.default_rng(0)
    labels = rng.choice([1, 0, -1], (8, 3), p=[.4, .3, .3])
    labels[:3] = [[1, 0, -1], [-1, 1, 0], [0, -1, 1]]
    samples = []
    for number, row in enumerate(labels):
        path = str(tmp_path / f'{number}.png')
        mmcv.imwrite(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8), path)
        samples.append(dict(img_path=path, gt_label=np.flatnonzero(row == 1).tolist(), gt_score=row.tolist()))
    (tmp_path / 'train.json').write_text(json.dumps(dict(metainfo=dict(classes=['a', 'b', 'c']), data_list=samples)))
    (tmp_path / 'c.py').write_text(CONFIG.format(root=str(tmp_path)))
    runner = kss_mm.train(tmp_path / 'c.py', work_dir=tmp_path / 'run')
    assert len(NoteLosses.losses) == 2 and np.isfinite(NoteLosses.losses).all()
    np.testing.assert_array_equal(np.sort(load_scores(tmp_path / 'scores.npz').targets, 0), np.sort(labels, 0))
    check_scores(tmp_path / 'scores.npz', runner.message_hub.get_scalar('val/multi-label/mAP').current())
    graph = kss_mm.build_label_graph(tmp_path / 'c.py')
    np.testing.assert_allclose(graph.priors, [(column == 1).sum() / (column >= 0).sum() for column in labels.T])


@pytest.mark.slow
@pytest.mark.parametrize('others', ['unknown', 'negative'])
def test_videos_with_half_of_the_positives(toy_charades, tmp_path, others):
    pytest.importorskip('mmaction')
    cfg = Config.fromfile(ROOT / 'configs/i3d_toy.py')
    cfg.merge_from_dict(parse_options(tiny(toy_charades, 'i3d_toy.py')))
    step = dict(type='kss_mm.KeepPositives', share=.5, others=others)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.num_workers, loader.persistent_workers = 0, False
        loader.dataset.pipeline = [step, *loader.dataset.pipeline]
    cfg.val_evaluator.dump = str(tmp_path / 'scores.npz')
    cfg.custom_hooks = [*cfg.get('custom_hooks', []), dict(type='kss_mm.NoteLosses')]
    runner = kss_mm.train(cfg, work_dir=tmp_path / 'run')
    assert NoteLosses.losses and np.isfinite(NoteLosses.losses).all()
    targets = load_scores(tmp_path / 'scores.npz').targets
    assert (targets < 0).any() == (others == 'unknown') and (targets == 1).any()
    assert 'charades/mAP' in ' '.join(runner.message_hub.log_scalars)
