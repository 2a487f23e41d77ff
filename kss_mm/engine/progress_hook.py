"""The console of a training for people: a progress bar, and a line an epoch above it."""

import atexit
import logging
import os
import sys
import time

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from kss_mm.engine.epoch_line_hook import FOR_PEOPLE
from kss_mm.engine.training_step import counts_epochs, training_end
from kss_mm.registry import HOOKS

# Seconds between two drawings of the bar. No thread of its own draws it: DataLoader's workers are forked meanwhile.
_PAUSE = .1
# MMEngine warns of its own parts at every start.
_NOT_FOR_PEOPLE = ('"FileClient" will be deprecated', '"HardDiskBackend" is the alias')


@HOOKS.register_module()
class ProgressHook(Hook):
    """Show how far a training is: on a terminal a bar; everywhere the lines of ``kss_mm.EpochLineHook`` and warnings.

    The other lines of the log go to its file alone, which stays as it is without this hook. The first process shows
    all. :meth:`stop` gives the console back, as the end of the training does.
    """

    priority = 'ABOVE_NORMAL'

    def __init__(self):
        self.progress: Progress | None = None
        self.logger: logging.Logger | None = None

    def before_run(self, runner: Runner) -> None:
        if not is_main_process():
            return
        console = plain_console()
        self.logger = take_console(runner.logger, console)
        atexit.register(self.stop)
        console.print(f'log: {runner.log_dir}', markup=False, soft_wrap=True)
        if console.is_terminal:
            self.progress = Progress(
                TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                TextColumn('{task.fields[loss]}'), console=console, transient=True, auto_refresh=False)
            self.task = self.progress.add_task('starting', total=None, loss='')
            self.drawn = 0.
            self.progress.start()

    def before_train_epoch(self, runner: Runner) -> None:
        if counts_epochs(runner):
            self._begin(f'epoch {runner.epoch + 1}/{training_end(runner)}', len(runner.train_dataloader))
        else:
            self._begin('training', training_end(runner), runner.iter)

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        if self.progress is not None and self._due():
            loss = runner.message_hub.log_scalars.get('train/loss')
            self._draw(batch_idx + 1, loss='' if loss is None else f'loss {loss.current():.4f}')

    def before_val_epoch(self, runner: Runner) -> None:
        self._begin('validation', len(runner.val_dataloader))

    def after_val_iter(self, runner: Runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        if self.progress is not None and self._due():
            self._draw(batch_idx + 1)

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        if not counts_epochs(runner):
            self.before_train_epoch(runner)

    def after_run(self, runner: Runner) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away and give the log its console back."""
        if self.progress is not None:
            self.progress.stop()
        if self.logger is not None:
            give_console_back(self.logger)
        self.progress = self.logger = None
        atexit.unregister(self.stop)

    def _begin(self, title: str, total: int, done: int = 0) -> None:
        if self.progress is not None:
            self.progress.reset(self.task, total=total, completed=done, description=title, loss='')
            self._draw(done)

    def _due(self) -> bool:
        return time.monotonic() - self.drawn > _PAUSE

    def _draw(self, done: int, **fields: str) -> None:
        self.progress.update(self.task, completed=done, **fields)
        self.progress.refresh()
        self.drawn = time.monotonic()


class QuietRunner(Runner):
    """A runner whose log leaves the console to :class:`ProgressHook` from the first line on."""

    def build_logger(self, *args, **kwargs) -> logging.Logger:
        logger = super().build_logger(*args, **kwargs)
        return take_console(logger) if is_main_process() else logger


def take_console(logger: logging.Logger, console: Console | None = None) -> logging.Logger:
    """Have a log show only what is for people, on a console that may have a bar; it may be so already."""
    give_console_back(logger)
    console = console or plain_console()
    logger.handlers[:] = [_Lines(handler, console) if type(handler) is logging.StreamHandler else handler
                          for handler in logger.handlers]
    return logger


def give_console_back(logger: logging.Logger) -> None:
    """Undo :func:`take_console`."""
    logger.handlers[:] = [handler.handler if isinstance(handler, _Lines) else handler for handler in logger.handlers]


def in_notebook() -> bool:
    """Tell whether the output goes to a Jupyter notebook; its stream passes for a terminal."""
    return 'ipykernel' in type(sys.stdout).__module__


def plain_console() -> Console:
    """Standard output, a terminal or not; in a notebook lines of text, of which rich would make HTML one by one."""
    return Console(highlight=False, force_jupyter=False, force_terminal=False if in_notebook() else None)


class _Lines(logging.Handler):
    """What of a log is for people: lines an epoch without time and level, and warnings as they are."""

    def __init__(self, handler: logging.StreamHandler, console: Console):
        super().__init__()
        self.handler, self.console, self.process = handler, console, os.getpid()
        self.filters = handler.filters

    def emit(self, record: logging.LogRecord) -> None:
        if os.getpid() != self.process:  # a worker of a DataLoader
            self.handler.emit(record)
        elif getattr(record, FOR_PEOPLE, False):
            self.console.print(Text(record.getMessage()), soft_wrap=True)
        elif record.levelno >= logging.WARNING and not record.getMessage().startswith(_NOT_FOR_PEOPLE):
            self.console.print(Text.from_ansi(self.handler.format(record)), soft_wrap=True)
