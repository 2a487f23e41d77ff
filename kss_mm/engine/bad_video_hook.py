"""Bad training videos of all processes, told together."""

import torch
from mmengine.device import get_device
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.registry import HOOKS


@HOOKS.register_module()
class BadVideoHook(Hook):
    """After every epoch in which videos turned out to be unreadable, logs how many there are and all their names.

    DataLoader workers name a bad video where they find it, on their console; those of other processes do not reach
    the log of the first. Past the dataset's ``max_bad_share`` over all processes, training stops everywhere.
    """

    def __init__(self):
        self.known = 0

    def after_train_epoch(self, runner: Runner) -> None:
        dataset = runner.train_dataloader.dataset
        bad_videos = getattr(dataset, 'bad_videos', None)
        if bad_videos is None:
            return
        if get_world_size() > 1:
            found = bad_videos.found.to(get_device(), torch.int32)
            all_reduce(found, 'max')
            bad_videos.found |= found.cpu().bool()
        count = int(bad_videos.found.sum())
        if count > self.known:
            self.known = count
            bad = bad_videos.found.nonzero().flatten().tolist()
            names = [dataset.get_data_info(index)['filename'] for index in bad]
            runner.logger.warning(f'{count} of {len(dataset)} training videos cannot be read: {", ".join(names)}')
            bad_videos.check_share(names[-1])
