"""Pictures of a test run's predictions."""

import os
from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.engine.sample_pictures import SamplePictures
from kss_mm.errors import InputError
from kss_mm.registry import HOOKS
from kss_mm.visualization.save import save_figure


@HOOKS.register_module()
class ShowPredictionsHook(Hook):
    """Draw samples of a test run, see :class:`~kss_mm.engine.sample_pictures.SamplePictures`.

    Files are called ``{number of the sample}_{name of its file}.png``.

    Args:
        out_dir: Folder to write to.
        interval: Samples from one drawing to the next.

    Raises:
        InputError: For an interval below 1.
    """

    def __init__(self, out_dir: str, interval: int = 1):
        if interval < 1:
            raise InputError(f'interval must be at least 1, got {interval}')
        self.out_dir = out_dir
        self.interval = interval

    def before_test_epoch(self, runner: Runner) -> None:
        self.pictures = SamplePictures(runner, runner.test_dataloader)
        os.makedirs(self.out_dir, exist_ok=True)  # what stands in its way is told before the work

    def after_test_iter(self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence) -> None:
        for index, inputs, sample in self.pictures.numbered(data_batch, outputs):
            if index % self.interval == 0:
                name, figure = self.pictures.draw(index, inputs, sample)
                save_figure(figure, os.path.join(self.out_dir, f'{name}.png'), dpi=100)
