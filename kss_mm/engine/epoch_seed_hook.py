"""Random numbers that depend on seed, epoch and rank alone, so that a resumed run continues as if never stopped."""

import random

import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.registry import FUNCTIONS, HOOKS


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seed Python, NumPy and torch at the start of every epoch.

    MMEngine saves no state of the random generators, so that dropout and augmentation of a resumed run differ from
    those of a run in one piece. For DataLoader workers set ``worker_init_fn=dict(type='kss_mm.seed_worker')`` and
    ``persistent_workers=False`` beside it: persistent ones carry their generators over from epoch to epoch.
    """

    def before_train_epoch(self, runner: Runner) -> None:
        words = np.random.SeedSequence([runner.seed, runner.epoch, get_rank()]).generate_state(1)
        seed = int(words[0])
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)


@FUNCTIONS.register_module()
def seed_worker(worker_id: int) -> None:
    """Seed a DataLoader worker from the main process's generator.

    MMEngine's default seeds a worker by its number alone: where workers start anew with every epoch, every epoch
    then has the same augmentations.
    """
    seed = torch.initial_seed() % 2**32  # drawn by torch for this worker and this epoch
    random.seed(seed)
    np.random.seed(seed)
