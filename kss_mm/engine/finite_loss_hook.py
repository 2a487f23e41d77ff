"""Stop a training run whose loss is no number."""

import math

from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.errors import UserError
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Ends training when the loss is NaN or infinite; MMEngine would go on, and mAP would still look like a number.

    Args:
        interval: Iterations between checks; each check waits for the GPU.
    """

    def __init__(self, interval: int = 50):
        self.interval = interval

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        if self.every_n_train_iters(runner, self.interval) and not math.isfinite(outputs['loss'].item()):
            raise UserError(f'the loss is {outputs["loss"].item()} at epoch {runner.epoch + 1}, iteration '
                            f'{runner.iter + 1}: lower optim_wrapper.optimizer.lr, set optim_wrapper.clip_grad='
                            'dict(max_norm=10), or train in float32; earlier checkpoints are untouched')
