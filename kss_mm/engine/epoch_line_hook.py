"""A line an epoch that a person can read."""

import time
from collections.abc import Mapping
from typing import NamedTuple

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook, Hook
from mmengine.runner import Runner

from kss_mm.engine.training_step import counts_epochs, training_end, training_step
from kss_mm.registry import HOOKS

#: Attribute of records of a log that are lines for people.
FOR_PEOPLE = 'for_people'
# Entry of the message hub, so that a resumed run compares with what was before it: name, step, last and best.
_FIGURE = 'shown_figure'


class _Trained(NamedTuple):
    step: int
    loss: float | None
    rate: float


@HOOKS.register_module()
class EpochLineHook(Hook):
    """Log a line an epoch: how long it took and what remains, loss, learning rate, and the figure of the validation.

    ``epoch  3/12  time 0:41  left 6:09  loss 0.2134  lr 2.00e-03  charades/mAP 0.4312 (+0.0213) best``

    The loss is the mean over the epoch, the time includes the validation. The figure is the one that chooses the best
    checkpoint, else the first mAP; beside it stands its change since the validation before, that of a resumed run's
    included. A loop that counts iterations has a line at every validation.
    """

    priority = 'NORMAL'  # before CheckpointHook saves what this one remembers

    def before_run(self, runner: Runner) -> None:
        self.start: float | None = None  # of the training, in seconds
        self.trained: _Trained | None = None  # an epoch whose line waits for its validation

    def before_train_epoch(self, runner: Runner) -> None:
        self._write_without_figure(runner)
        self.since = time.monotonic()
        if self.start is None:
            self.start, self.first = self.since, training_step(runner)
        self.counted = runner.iter

    def after_train_epoch(self, runner: Runner) -> None:
        if counts_epochs(runner):
            self.trained = self._trained(runner, runner.epoch + 1)

    def before_val_epoch(self, runner: Runner) -> None:
        if self.start is not None and not counts_epochs(runner):
            self.trained = self._trained(runner, runner.iter)

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        figure = _figure(runner, metrics) if metrics else ''
        if self.trained is not None:
            self._write(runner, figure)
        elif figure:  # of a resumed checkpoint
            _log(runner, f'{_place(runner, training_step(runner))}  {figure}')

    def after_train(self, runner: Runner) -> None:
        if not counts_epochs(runner) and self.start is not None and runner.iter > self.counted:
            self.trained = self._trained(runner, runner.iter)
        self._write_without_figure(runner)

    def _trained(self, runner: Runner, step: int) -> _Trained:
        scalars = runner.message_hub.log_scalars
        steps = runner.iter - self.counted + counts_epochs(runner)
        loss = float(scalars['train/loss'].mean(max(steps, 1))) if 'train/loss' in scalars else None
        return _Trained(step, loss, next(iter(runner.optim_wrapper.get_lr().values()))[0])

    def _write_without_figure(self, runner: Runner) -> None:
        if self.trained is not None:
            self._write(runner, '')

    def _write(self, runner: Runner, figure: str) -> None:
        now = time.monotonic()
        trained, self.trained = self.trained, None
        left = (now - self.start) / max(trained.step - self.first, 1) * (training_end(runner) - trained.step)
        parts = [_place(runner, trained.step), f'time {clock(now - self.since)}', f'left {clock(left)}',
                 *([f'loss {trained.loss:.4f}'] if trained.loss is not None else []), f'lr {trained.rate:.2e}',
                 *([figure] if figure else [])]
        _log(runner, '  '.join(parts))
        self.since, self.counted = now, runner.iter


def _place(runner: Runner, step: int) -> str:
    end = training_end(runner)
    return f'{"epoch" if counts_epochs(runner) else "iteration"} {step:>{len(str(end))}}/{end}'


def _log(runner: Runner, line: str) -> None:
    if is_main_process():
        runner.logger.info(line, extra={FOR_PEOPLE: True})


def _figure(runner: Runner, metrics: Mapping[str, float]) -> str:
    """Name, value and change of the figure that a validation is judged by."""
    name, greater = _judge(runner, metrics)
    value = float(metrics[name])
    step, known = training_step(runner), runner.message_hub.runtime_info.get(_FIGURE)
    last, best = known[2:] if known and known[0] == name else (None, None)
    if last is not None and known[1] == step:  # validated again after a resume
        return f'{name} {value:.4f}'
    is_best = value == value and (best is None or (value > best if greater else value < best))
    runner.message_hub.update_info(_FIGURE, [name, step, value, value if is_best else best])
    change = '' if last is None else f' ({value - last:+.4f})'
    return f'{name} {value:.4f}{change}{" best" if is_best else ""}'


def _judge(runner: Runner, metrics: Mapping[str, float]) -> tuple[str, bool]:
    """The figure's name, and whether more of it is better."""
    for hook in runner.hooks:
        if isinstance(hook, CheckpointHook):
            for name, rule in zip(getattr(hook, 'key_indicators', None) or (), getattr(hook, 'rules', None) or ()):
                if name in metrics:
                    return name, rule != 'less'
    return next((name for name in metrics if name.rpartition('/')[2] == 'mAP'), next(iter(metrics))), True


def clock(seconds: float) -> str:
    """A duration as clocks show it.

    >>> clock(9.4), clock(3725)
    ('0:09', '1:02:05')
    """
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02}:{seconds:02}' if hours else f'{minutes}:{seconds:02}'
