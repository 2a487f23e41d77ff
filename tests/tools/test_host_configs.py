"""Configs that the hosts ship: with another ``model`` and nothing else changed they train and evaluate a KSSNet.

Beside the model, the tests change what anyone has to: where the data are, and how long it takes.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.runner import Runner

from kss_mm.graph import LabelGraph


def host_config(host: str, path: str) -> Config:
    spec = importlib.util.find_spec(host)
    file = spec and Path(spec.origin).parent / '.mim' / 'configs' / path
    if not file or not file.exists():
        pytest.skip(f'{host} is not here, or without its configs')
    return Config.fromfile(file)


def train_and_evaluate(cfg: Config, model: dict, folder: Path) -> dict:
    cfg.model = ConfigDict(model)
    cfg.work_dir = str(folder / 'work')
    cfg.train_cfg.max_epochs = 1
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
    for key in ('train_cfg', 'val_cfg'):
        cfg[key].pop('val_begin', None), cfg[key].pop('val_interval', None)
    runner = Runner.from_cfg(cfg)
    before = {name: p.detach().clone() for name, p in runner.model.named_parameters()}
    runner.train()
    same = [name for name, p in runner.model.named_parameters() if torch.equal(p, before[name])]
    assert not [name for name in same if 'neck' in name or 'laterals' in name]
    return runner.val_loop.run()


@pytest.mark.slow
def test_a_kinetics_config_of_mmaction2(make_graph, tmp_path):
    cfg = host_config('mmaction', 'recognition/slowonly/slowonly_r50_8xb16-4x16x1-256e_kinetics400-rgb.py')
    import cv2

    graph: LabelGraph = make_graph(5)
    graph.save(tmp_path / 'graph.npz')
    lines = []
    for index in range(4):
        writer = cv2.VideoWriter(str(tmp_path / f'{index}.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 12, (64, 48))
        for frame in range(8):
            writer.write(np.full((48, 64, 3), 25 * index + frame, dtype=np.uint8))
        writer.release()
        lines.append(f'{index}.mp4 {index}\n')
    (tmp_path / 'list.txt').write_text(''.join(lines))
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.update(ann_file=str(tmp_path / 'list.txt'), data_prefix=dict(video=str(tmp_path)))
    figures = train_and_evaluate(cfg, dict(
        type='kss_mm.KSSNet',
        backbone=dict(type='kss_mm.LCBackbone', taps=('layer1', 'layer2', 'layer3'), num_classes=5, zero_init=False,
                      backbone=dict(cfg.model.backbone, base_channels=4)),
        neck=dict(type='kss_mm.LabelGCN', graph=str(tmp_path / 'graph.npz'), lam=.6, tau=.03, eta=.4),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=5, in_channels=128),
        data_preprocessor=cfg.model.data_preprocessor), tmp_path)
    assert 0 <= figures['acc/top1'] <= 1


@pytest.mark.slow
def test_a_voc_config_of_mmpretrain(make_graph, tmp_path):
    cfg = host_config('mmpretrain', 'csra/resnet101-csra_1xb16_voc07-448px.py')
    make_voc(tmp_path / 'VOC2007')
    make_graph(20).save(tmp_path / 'graph.npz')
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.data_root = str(tmp_path / 'VOC2007')
    figures = train_and_evaluate(cfg, dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCBackbone', taps=('layer1', 'layer2', 'layer3'), num_classes=20, zero_init=False,
                      backbone=dict(cfg.model.backbone, depth=18, base_channels=8, stem_channels=8, init_cfg=None)),
        neck=dict(type='kss_mm.LabelGCN', graph=str(tmp_path / 'graph.npz'), lam=.4, tau=.02, eta=.4),
        head=dict(type='kss_mm.KSSClsHead', num_classes=20, in_channels=64)), tmp_path)
    assert 0 <= figures['multi-label/mAP'] <= 100


def make_voc(root: Path) -> None:
    """Four images of the official form: in each a dog, and a person marked as difficult in every other."""
    import cv2

    for folder in ('JPEGImages', 'Annotations', 'ImageSets/Main'):
        (root / folder).mkdir(parents=True)
    for index in range(4):
        cv2.imwrite(str(root / f'JPEGImages/{index}.jpg'), np.full((60, 80, 3), 50 * index, dtype=np.uint8))
        objects = ''.join(f'<object><name>{name}</name><difficult>{difficult}</difficult></object>'
                          for name, difficult in (('dog', 0), ('person', index % 2)))
        (root / f'Annotations/{index}.xml').write_text(f'<annotation>{objects}</annotation>')
    for split in ('trainval', 'test'):
        (root / f'ImageSets/Main/{split}.txt').write_text('0\n1\n2\n3\n')
