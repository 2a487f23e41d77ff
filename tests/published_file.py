"""A published checkpoint of a tiny network, and changed copies of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_coco import write_coco

from kss_mm.graph import LabelGraph

K = 5
CLASSES = [f'label {index}' for index in range(K)]
CONFIG = '''
default_scope = 'mmpretrain'
model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=5, zero_init=False),
    neck=dict(type='kss_mm.LabelGCN', graph={graph!r}, lam=.4, tau=.02, eta=.4),
    head=dict(type='kss_mm.KSSClsHead', num_classes=5, in_channels=64),
    data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True))
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(64, 64)), dict(type='PackInputs')]
train_dataloader = dict(
    batch_size=3, num_workers=0, collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='kss_mm.CocoMultiLabel', data_root={data!r}, ann_file='instances.json',
                 data_prefix=dict(img_path='images'), pipeline=test_pipeline))
test_dataloader = train_dataloader
test_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
test_cfg = dict(type='TestLoop')
train_cfg = dict(by_epoch=True, max_epochs=1)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=.01))
param_scheduler = [dict(type='ConstantLR', factor=.5)]
default_hooks = dict(checkpoint=dict(type='CheckpointHook'), logger=dict(type='LoggerHook', interval=1))
custom_hooks = [dict(type='kss_mm.LabelOrderHook'), dict(type='kss_mm.PlainCheckpointHook')]
visualizer = dict(type='UniversalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='nccl'))
'''


@pytest.fixture(scope='session')
def published(tmp_path_factory) -> Path:
    """A folder with ``good.pth``, published, and the images that its config names, as data/ in that folder."""
    pytest.importorskip('mmpretrain')
    from kss_mm.apis.config import load_config
    from kss_mm.apis.publish import publish
    from kss_mm.apis.runner import fresh_model

    folder = tmp_path_factory.mktemp('published')
    rng = np.random.default_rng(0)
    labels = np.vstack([np.eye(K, dtype=int), np.ones((1, K), int)])
    counts = labels.T @ labels
    LabelGraph(classes=tuple(CLASSES), counts=counts, num_samples=counts.diagonal(), total=len(labels),
               knowledge=1. - np.eye(K), embeddings=rng.normal(size=(K, 7))).save(folder / 'label_graph.npz')
    write_coco(folder, CLASSES, labels, 64, rng)
    (folder / 'net.py').write_text(CONFIG.format(graph=str(folder / 'label_graph.npz'), data=f'{folder}/data/'))
    cfg = load_config(str(folder / 'net.py'))
    torch.manual_seed(0)
    meta = dict(cfg=cfg.pretty_text, dataset_meta=dict(classes=CLASSES), epoch=1, iter=2)
    torch.save(dict(state_dict=fresh_model(cfg).state_dict(), meta=meta), folder / 'epoch_1.pth')
    path = publish(str(folder / 'epoch_1.pth'), str(folder / 'made')).path
    Path(path).rename(folder / 'good.pth')
    return folder


@pytest.fixture
def changed(published, tmp_path) -> Callable[..., Path]:
    """Writes a copy of the published checkpoint with another config, or other entries."""
    from kss_mm.checkpoints.plain_config import parse_plain

    def write(edits: dict | None = None, text: str = '', name: str = 'changed.pth', **entries) -> Path:
        """``edits``: values of the config by their dotted names; ``text``: added to the config's."""
        content = torch.load(published / 'good.pth', weights_only=True)
        values = parse_plain(content['meta']['cfg'])
        for loader in ('train_dataloader', 'test_dataloader'):
            values[loader]['dataset']['data_root'] = f'{published}/data/'
        for key, value in (edits or {}).items():
            _put(values, key.split('.'), value)
        content['meta']['cfg'] = '\n'.join(f'{key} = {value!r}' for key, value in values.items()) + '\n' + text
        for key, value in entries.items():
            _put(content, key.split('__'), value)
        torch.save(content, tmp_path / name)
        return tmp_path / name
    return write


def _put(values, keys: list[str], value) -> None:
    for key in keys[:-1]:
        values = values[int(key) if isinstance(values, list) else key]
    if keys[-1] == '+':
        values.append(value)
    elif isinstance(values, list):
        values[int(keys[-1])] = value
    else:
        values[keys[-1]] = value
