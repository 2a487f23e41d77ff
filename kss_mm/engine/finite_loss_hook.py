"""A stop for training runs whose loss or weights are NaN or infinite, before these reach a checkpoint."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from kss_mm.checkpoints.finite import not_finite
from kss_mm.errors import UserError
from kss_mm.registry import HOOKS

_REMEDY = ('lower optim_wrapper.optimizer.lr, set optim_wrapper.clip_grad=dict(max_norm=10), or train in float32; the '
           'checkpoints written before are whole')


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """End training when the loss or a weight is NaN or infinite.

    MMEngine would go on, and mAP would still look like a number.

    Every iteration is looked at without waiting for the GPU: its verdict is kept there, and asked for after so many
    iterations, at the end of every epoch and before every checkpoint, which is then not written.

    Args:
        interval: Iterations between waits for the GPU.
    """

    def __init__(self, interval: int = 50):
        self.interval = interval
        self._first_bad: Tensor | None = None  # iteration of the first bad loss, -1 for none

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        loss = (outputs or {}).get('loss')
        if isinstance(loss, Tensor):
            if self._first_bad is None:
                self._first_bad = torch.full((), -1, dtype=torch.int64, device=loss.device)
            bad = ~torch.isfinite(loss.detach()).all() & (self._first_bad < 0)
            self._first_bad = torch.where(bad, runner.iter + 1, self._first_bad)
        if self.every_n_train_iters(runner, self.interval):
            self._check_losses(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        self._check_losses(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        self._check_losses(runner)
        if bad := not_finite(checkpoint['state_dict']):
            raise UserError(f'{len(bad)} weights, {bad[0]} the first, are NaN or infinite after iteration {runner.iter}'
                            f' of training, so no checkpoint is written: {_REMEDY}')

    def _check_losses(self, runner: Runner) -> None:
        iteration = -1 if self._first_bad is None else int(self._first_bad)
        if iteration >= 0:
            raise UserError(f'the loss is NaN or infinite at iteration {iteration} (epoch {runner.epoch + 1}): '
                            f'{_REMEDY}')
