"""One model in all processes before it is validated and saved."""

from collections.abc import Iterator

import torch.distributed as dist
from mmengine.dist import all_reduce_params, broadcast, get_world_size
from mmengine.hooks import CheckpointHook, EMAHook, Hook
from mmengine.runner import IterBasedTrainLoop, Runner
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class SyncBuffersHook(Hook):
    """Give all processes the same buffers: the mean of BatchNorm's statistics, and rank 0's of everything else.

    Each process normalises its own batches, so that running statistics differ, and rank 0's are what a checkpoint
    holds. Without this a validation in training scores weights that no checkpoint has. MMEngine's SyncBuffersHook
    averages all buffers, which rounds a label graph's, forgets those of EMAHook's model, and comes after the
    checkpoint where a run counts iterations.
    """

    priority = 'NORMAL'  # before EMAHook swaps its weights in, and before checkpoints

    def after_train_epoch(self, runner: Runner) -> None:
        _synchronise(runner)

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        loop = runner.train_loop
        if get_world_size() == 1 or not isinstance(loop, IterBasedTrainLoop):
            return
        validates = runner.val_loop is not None and self.every_n_train_iters(runner, loop.val_interval)
        saves = any(self.every_n_train_iters(runner, hook.interval, hook.save_begin) for hook in runner.hooks
                    if isinstance(hook, CheckpointHook) and not hook.by_epoch)
        if validates or saves or self.is_last_train_iter(runner):
            _synchronise(runner)


def _synchronise(runner: Runner) -> None:
    if get_world_size() == 1:
        return
    averaged = [hook.ema_model.module for hook in runner.hooks if isinstance(hook, EMAHook)]
    for model in (unwrap_model(runner), *averaged):
        statistics = list(_running_statistics(model))
        all_reduce_params(statistics, op='mean')
        known = {id(buffer) for buffer in statistics}
        for buffer in model.buffers():
            if id(buffer) not in known and not buffer.is_sparse and dist.is_initialized():
                broadcast(buffer)


def _running_statistics(model: nn.Module) -> Iterator[Tensor]:
    for module in model.modules():
        if isinstance(module, _NormBase) and module.running_mean is not None:
            yield from (module.running_mean, module.running_var)
