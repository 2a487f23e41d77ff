"""What a training shows of itself: a line an epoch, a progress bar, curves and pictures."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.config import Config
from mmengine.runner import Runner

from kss_mm.apis.tensorboard import writes_curves
from kss_mm.engine.progress_hook import ProgressHook, QuietRunner, in_notebook


def show_in_training(cfg: Config, *, show_predictions: int = 0) -> None:
    """Give a config the hooks that write lines, curves and pictures; one that names its own keeps them.

    Args:
        show_predictions: Samples to draw at every validation.
    """
    hooks = list(cfg.get('custom_hooks') or ())
    wanted = [dict(type='kss_mm.EpochLineHook')]
    if writes_curves(cfg):
        wanted += [dict(type='kss_mm.RatesHook'), dict(type='kss_mm.ClassPrecisionsHook')]
    if show_predictions:
        hooks = [hook for hook in hooks if hook.get('type') != 'kss_mm.ShowValidationHook']
        wanted.append(dict(type='kss_mm.ShowValidationHook', samples=show_predictions))
    names = {hook.get('type') for hook in hooks if isinstance(hook, dict)}
    cfg.custom_hooks = hooks + [hook for hook in wanted if hook['type'] not in names]


def runner_of(progress: bool | None) -> type[Runner]:
    """Which runner shows its progress instead of its log; by default where a person looks on."""
    return QuietRunner if (someone_looks_on() if progress is None else progress) else Runner


@contextmanager
def shown_progress(runner: Runner) -> Iterator[None]:
    """Show the progress of a quiet runner; however it ends, its log has the console back."""
    hook = next((hook for hook in runner.hooks if isinstance(hook, ProgressHook)), None)
    if hook is None and isinstance(runner, QuietRunner):
        hook = ProgressHook()
        runner.register_hook(hook)
    try:
        yield
    finally:
        if hook is not None:
            hook.stop()


def someone_looks_on() -> bool:
    """Tell whether the output goes to a terminal or a notebook, and not to a file or another program."""
    return bool(getattr(sys.stdout, 'isatty', lambda: False)()) or in_notebook()
