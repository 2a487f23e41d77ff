"""What a training run does about videos that cannot be read: replace, count, name once, and stop past a limit."""

import logging

import torch
from mmengine.logging import print_log

from kss_mm.errors import BadVideoError, InputError


class BadVideos:
    """The samples of a dataset that turned out to be unreadable, known to all DataLoader workers.

    Args:
        size: Number of samples.
        max_share: Share of them, 0..1, past which training stops.

    Raises:
        InputError: for a share outside 0..1.
    """

    def __init__(self, size: int, max_share: float):
        if not 0 <= max_share <= 1:
            raise InputError(f'max_bad_share must be a share in 0..1, got {max_share}')
        self.max_share = max_share
        # In shared memory: workers mark what they find, whichever way they were started.
        self.found = torch.zeros(size, dtype=torch.bool).share_memory_()

    def add(self, index: int, error: BadVideoError) -> None:
        """Note a sample; the first time, its file is logged.

        Raises:
            InputError: when more than ``max_share`` of the samples are bad.
        """
        if self.found[index]:
            return
        self.found[index] = True
        count, size = int(self.found.sum()), len(self.found)
        print_log(f'bad video {count} of {size}: {error}; another sample takes its place', logger='current',
                  level=logging.WARNING)
        self.check_share(str(error))

    def check_share(self, last: str) -> None:
        """Raise an InputError when more than ``max_share`` of the samples are bad; ``last`` is one of them."""
        count, size = int(self.found.sum()), len(self.found)
        if count > self.max_share * size:
            raise InputError(f'{count} of {size} training videos cannot be read, more than max_bad_share='
                             f'{self.max_share:g}; the log names them, the last is {last}')
