"""Files that cannot be read in training: replaced, counted, named once, and past a limit the end of the run."""

import logging

import torch
from mmengine.logging import print_log

from kss_mm.errors import BadFileError, InputError
from kss_mm.hosts.runs import repair_hosts


class BadSamples:
    """The samples of a dataset that turned out to be unreadable, known to all DataLoader workers.

    Args:
        size: Number of samples.
        max_share: Share of them, 0..1, past which training stops.
        what: Word for a sample in messages: 'video', 'image'.
    """

    def __init__(self, size: int, max_share: float, what: str):
        self.max_share = max_share
        self.what = what
        # In shared memory: workers mark what they find, whichever way they were started.
        self.found = torch.zeros(size, dtype=torch.bool).share_memory_()

    def add(self, index: int, error: BadFileError) -> None:
        """Note a sample; the first time, its file is logged.

        Raises:
            InputError: When more than ``max_share`` of the samples are bad.
        """
        if self.found[index]:
            return
        self.found[index] = True
        count, size = int(self.found.sum()), len(self.found)
        print_log(f'bad {self.what} {count} of {size}: {error}; another sample takes its place', logger='current',
                  level=logging.WARNING)
        self.check_share(str(error))

    def check_share(self, last: str) -> None:
        """Raise an InputError when more than ``max_share`` of the samples are bad; ``last`` is one of them."""
        count, size = int(self.found.sum()), len(self.found)
        if count > self.max_share * size:
            raise InputError(f'{count} of {size} training {self.what}s cannot be read, more than max_bad_share='
                             f'{self.max_share:g}; the log names them, the last is {last}')


class ReplacesBadSamples:
    """Mixin of a dataset of MMEngine: in training, another sample takes the place of one that cannot be read.

    In evaluation such a sample is an error. Stands before the dataset among the bases.

    Args:
        max_bad_share: Share of the samples, 0..1, past which training stops.

    Raises:
        BadFileError: In evaluation, for a sample that cannot be read, when it is fetched.
        InputError: For a share outside 0..1, and when more of the samples are bad.
    """

    #: Word for a sample in messages.
    sample_kind = 'image'

    def __init__(self, *args, max_bad_share: float = 0.1, **kwargs):
        if not isinstance(max_bad_share, int | float) or not 0 <= max_bad_share <= 1:
            raise InputError(f'max_bad_share must be a share in 0..1, got {max_bad_share!r}')
        self.max_bad_share = max_bad_share
        self.bad_samples: BadSamples | None = None
        repair_hosts()  # before the pipeline is built; the registry does so only where a name builds the data set
        super().__init__(*args, **kwargs)

    def full_init(self) -> None:
        super().full_init()
        if self.bad_samples is None:
            self.bad_samples = BadSamples(len(self), self.max_bad_share, self.sample_kind)

    def prepare_data(self, idx: int) -> dict | None:
        try:
            return super().prepare_data(idx)
        except BadFileError as error:
            if self.test_mode:
                raise type(error)(f'{error}; evaluation leaves none out, so if it is lost, take it out of '
                                  f'{self.ann_file}') from None
            self.bad_samples.add(idx, error)
            return None  # MMEngine then fetches another sample
