"""Pictures of a few predictions of every validation."""

import os
from collections.abc import Sequence

import numpy as np
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.engine.backends_beside_logs import backends_beside_logs
from kss_mm.engine.sample_pictures import SamplePictures, frames_of
from kss_mm.engine.training_step import counts_epochs, training_step
from kss_mm.errors import InputError
from kss_mm.registry import HOOKS
from kss_mm.visualization.save import save_figure


@HOOKS.register_module()
class ShowValidationHook(Hook):
    """Draw the same few samples at every validation, so that one sees what a training learns.

    They are spread evenly over the data set and lie in ``{work_dir}/predictions/epoch_{number}/``, and in TensorBoard
    where the run writes for it. A loop that counts iterations has folders ``iter_{number}``. The first of several
    processes draws of its own share.

    Args:
        samples: How many are drawn.

    Raises:
        InputError: For less than one, or for samples that are neither videos nor images.
    """

    def __init__(self, samples: int = 4):
        if samples < 1:
            raise InputError(f'samples must be at least 1, got {samples}')
        self.samples = samples

    def before_train(self, runner: Runner) -> None:
        if runner.val_loop is None:
            raise InputError('there is no validation whose predictions could be drawn: give the config a '
                             'val_dataloader, or leave out --show-predictions')
        frames_of(runner.val_dataloader.dataset[0]['inputs'])  # what cannot be drawn is told before the work

    def before_val_epoch(self, runner: Runner) -> None:
        if not is_main_process():
            return
        self.pictures = SamplePictures(runner, runner.val_dataloader)
        self.out_dir = os.path.join(runner.work_dir, 'predictions',
                                    f'{"epoch" if counts_epochs(runner) else "iter"}_{training_step(runner)}')
        numbers = sorted(set(self.pictures.order))
        places = np.linspace(0, len(numbers) - 1, min(self.samples, len(numbers))).round().astype(int)
        self.chosen = {numbers[place] for place in places}
        os.makedirs(self.out_dir, exist_ok=True)

    def after_val_iter(self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence) -> None:
        if not is_main_process():
            return
        for index, inputs, sample in self.pictures.numbered(data_batch, outputs):
            if index not in self.chosen:
                continue
            self.chosen.remove(index)  # samplers of several processes repeat some
            name, figure = self.pictures.draw(index, inputs, sample)
            save_figure(figure, os.path.join(self.out_dir, f'{name}.png'), dpi=100)
            for backend in backends_beside_logs(runner.visualizer):
                backend.add_image(f'predictions/{name}', pixels(figure), step=training_step(runner))


def pixels(figure) -> np.ndarray:
    """A Matplotlib figure as :math:`(H, W, 3)`, uint8 RGB."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
