from types import SimpleNamespace

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from kss_mm.engine import EpochSeedHook, seed_worker


class Noise(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()


def epoch(number: int, workers: int) -> list[float]:
    EpochSeedHook().before_train_epoch(SimpleNamespace(seed=3, epoch=number))
    loader = DataLoader(Noise(), num_workers=workers, worker_init_fn=seed_worker)
    return [float(x) for x in loader] + [torch.rand(()).item()]


def test_an_epoch_is_the_same_again_and_unlike_the_next():
    for workers in (0, 2):
        np.random.seed()  # whatever happened before does not matter
        first = epoch(0, workers)
        torch.rand(7)
        assert epoch(0, workers) == first
        assert not set(epoch(1, workers)) & set(first)
