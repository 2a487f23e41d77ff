"""Report of the bad training files of all processes."""

from collections import Counter

import torch
from mmengine.device import get_device
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.datasets.align_classes import leaves
from kss_mm.registry import HOOKS
from kss_mm.sample_ids import path_of


@HOOKS.register_module(name=['BadSampleHook', 'BadVideoHook'])  # the second in older configs
class BadSampleHook(Hook):
    """Log the names of unreadable videos or images after every epoch that found new ones.

    DataLoader workers name a bad file where they find it, on their console; those of other processes do not reach
    the log of the first. Past the dataset's ``max_bad_share`` over all processes, training stops everywhere.
    """

    def __init__(self):
        self.known: Counter[int] = Counter()  # by the place of a data set within wrappers

    def after_train_epoch(self, runner: Runner) -> None:
        for place, dataset in enumerate(leaves(runner.train_dataloader.dataset)):
            bad = getattr(dataset, 'bad_samples', None)
            if bad is None:
                continue
            if get_world_size() > 1:
                found = bad.found.to(get_device(), torch.int32)
                all_reduce(found, 'max')
                bad.found |= found.cpu().bool()
            count = int(bad.found.sum())
            if count > self.known[place]:
                self.known[place] = count
                names = [path_of(dataset.get_data_info(index)) for index in bad.found.nonzero().flatten().tolist()]
                runner.logger.warning(f'{count} of {len(dataset)} training {bad.what}s cannot be read: '
                                      f'{", ".join(names)}')
                bad.check_share(names[-1])
