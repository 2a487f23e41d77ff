"""A multi-label training of a second: images or clips of a dot, whose place says something of the label."""

import itertools
import re
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.structures import BaseDataElement
from torch import nn

import kss_mm.evaluation  # noqa: F401  (registers the metric)
from kss_mm.apis.train import train
from kss_mm.registry import DATASETS, MODELS

CLASSES = ('up left', 'up right', 'down/left', 'größer')


@DATASETS.register_module()
class Dots(torch.utils.data.Dataset):
    metainfo = dict(classes=CLASSES)

    def __init__(self, size: int, frames: int | None = None):
        self.size, self.frames = size, frames

    def __len__(self):
        return self.size

    def get_data_info(self, index):
        return dict(img_path=f'/data/dot{index}.jpg')

    def __getitem__(self, index):
        label, place = index % len(CLASSES), (index + (index % 3 == 0)) % len(CLASSES)
        image = torch.zeros(3, 8, 8)
        image[:, place // 2 * 4:place // 2 * 4 + 4, place % 2 * 4:place % 2 * 4 + 4] = 200
        inputs = image if self.frames is None else image[None, :, None].repeat(1, 1, self.frames, 1, 1)
        return dict(inputs=inputs, data_samples=BaseDataElement(gt_label=torch.tensor([label])))


@MODELS.register_module()
class DotModel(BaseModel):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(64, 8), nn.Linear(8, len(CLASSES))

    def forward(self, inputs, data_samples, mode='tensor'):
        images = torch.stack([image[0, :, 0] if image.dim() == 5 else image for image in inputs]) / 255  # (B, C, H, W)
        logits = self.head(self.body(images.mean(1).flatten(1)))
        truth = torch.stack([nn.functional.one_hot(sample.gt_label[0], len(CLASSES)) for sample in data_samples])
        if mode == 'loss':
            return dict(loss=nn.functional.binary_cross_entropy_with_logits(logits, truth.float()))
        for sample, row in zip(data_samples, logits.sigmoid()):
            sample.pred_score = row
        return data_samples


_runs = itertools.count()


def config(*, frames: int | None = None, **changes) -> Config:
    def loader(size: int, shuffle: bool) -> dict:
        sampler = 'InfiniteSampler' if shuffle and changes.get('train_cfg', {}).get('max_iters') else 'DefaultSampler'
        return dict(batch_size=4, num_workers=0, dataset=dict(type='kss_mm.Dots', size=size, frames=frames),
                    sampler=dict(type=sampler, shuffle=shuffle))

    parts = dict(
        default_scope='mmengine', model=dict(type='kss_mm.DotModel'), train_dataloader=loader(12, True),
        val_dataloader=loader(8, False), val_cfg=dict(type='ValLoop'),
        val_evaluator=dict(type='kss_mm.KSSMultiLabelMetric'),
        train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=3),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=.5),
                           paramwise_cfg=dict(custom_keys=dict(head=dict(lr_mult=.1)))),
        param_scheduler=dict(type='MultiStepLR', milestones=[1], gamma=.5), randomness=dict(seed=0),
        custom_hooks=[dict(type='kss_mm.EpochSeedHook')])
    return Config({**parts, **changes})


def run(folder: Path, cfg: Config | None = None, **options) -> str:
    """Train, and return the text of the run's log files."""
    cfg = cfg or config()
    cfg.experiment_name = f'run_{next(_runs)}'  # MMEngine has one log and one visualizer for all of the same second
    train(cfg, work_dir=folder, **options)
    return ''.join(path.read_text() for path in sorted(folder.glob('*/*.log')))


def lines(log: str) -> list[str]:
    """The lines for people, without time and level."""
    return re.findall(r'INFO - ((?:epoch|iteration) .*)', log)
