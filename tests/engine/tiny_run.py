"""A training run of seconds with all that can be lost by a kill: BatchNorm, workers, an optimiser, a best checkpoint.

The processes of the tests import this module once and are forked for every run.
"""

import os
import signal
from pathlib import Path

import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from torch import nn

import kss_mm.datasets.register
import kss_mm.models  # noqa: F401  (loaded once, before the processes are forked)
from kss_mm import files
from kss_mm.apis.train import train
from kss_mm.registry import DATASETS, METRICS, MODELS

torch.set_num_threads(1)

EPOCHS = 4
CONFIG = '''
default_scope = 'mmengine'
model = dict(type='kss_mm.TinyModel')
train_dataloader = dict(batch_size=4, num_workers=0, dataset=dict(type='kss_mm.TinySet', size=12),
                        sampler=dict(type='DefaultSampler', shuffle=True))
val_dataloader = dict(batch_size=4, num_workers=0, dataset=dict(type='kss_mm.TinySet', size=9),
                      sampler=dict(type='DefaultSampler', shuffle=False))
val_evaluator = dict(type='kss_mm.TinyMetric')
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4, val_interval=1)
val_cfg = dict(type='ValLoop')
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1, momentum=0.9))
default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=1, save_best='auto'))
custom_hooks = [dict(type='kss_mm.EpochSeedHook'), dict(type='kss_mm.FiniteLossHook'),
                dict(type='kss_mm.PlainCheckpointHook')]
randomness = dict(seed=0)
log_level = 'WARNING'
'''


@MODELS.register_module()
class TinyModel(BaseModel):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(.3), nn.Linear(4, 1))

    def forward(self, inputs, data_samples=None, mode='tensor'):
        x = self.net(torch.stack(inputs))  # (B, 1)
        return {'loss': x.square().mean()} if mode == 'loss' else [dict(x=row.detach()) for row in x]


@DATASETS.register_module()
class TinySet(torch.utils.data.Dataset):
    metainfo = dict(classes=('a',))

    def __init__(self, size: int, shift: float = 0.):
        self.x = torch.randn(size, 3, generator=torch.Generator().manual_seed(size)) + shift

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return dict(inputs=self.x[index])


@METRICS.register_module()
class TinyMetric(BaseMetric):
    """A figure that is best where training stands nearest to the middle: not at the end."""

    default_prefix = 'tiny'

    def process(self, data_batch, data_samples):
        self.results += [float(sample['x']) for sample in data_samples]

    def compute_metrics(self, results):
        # Falls and rises with the weights in a way that is the same in every run of the same epochs.
        return {'mAP': (sum(results) * 1e4) % 1}


def run(folder: str, resume: str | None = None, kill: tuple[str, str, int] | None = None, options=None) -> None:
    """Train the config in ``folder``; ``kill`` is the moment, the file and the how-manieth write of it, from 1."""
    if kill:
        _arm(*kill)
    train(Path(folder, 'tiny.py'), work_dir=Path(folder, 'run'), resume=resume, options=options)


def _arm(moment: str, name: str, count: int) -> None:
    """End this process without a word while a file of that name is written, as a kill does."""
    seen = 0

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    def mine(path: str) -> bool:
        nonlocal seen
        seen += os.path.basename(path).startswith(f'.{name}.')
        return os.path.basename(path).startswith(f'.{name}.') and seen == count

    real_open, real_replace = open, os.replace

    class Half:
        def __init__(self, file):
            self.file = file

        def write(self, content):
            self.file.write(bytes(content)[:len(content) // 2])
            self.file.flush()
            die()

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

    def opener(path, *args, **kwargs):
        file = real_open(path, *args, **kwargs)
        return Half(file) if moment == 'half' and mine(path) else file

    def replace(part, target):
        wanted = moment in ('before', 'after') and mine(part)
        if wanted and moment == 'before':
            die()
        real_replace(part, target)
        if wanted:
            die()

    files.open = opener
    files.os = type('os', (), {**{key: getattr(os, key) for key in dir(os)}, 'replace': staticmethod(replace)})
