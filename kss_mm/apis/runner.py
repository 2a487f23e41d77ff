"""From a config to a runner of MMEngine: processes, hooks of every run, and errors that name their remedy."""

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from kss_mm.apis.cached_features import with_cached_features, without_cached_features
from kss_mm.apis.launchers import start_processes
from kss_mm.apis.model import build_model, complete_model, fresh_model, require_model
from kss_mm.apis.translate_errors import translate_build_errors, translate_errors
from kss_mm.checkpoints.bounds import bounded
from kss_mm.engine import LabelGraphStartHook, LabelOrderHook, LabelRecordHook, SampleIdHook, SingleLabelMetricHook
from kss_mm.hosts.runs import repair_hosts

__all__ = ['build_model', 'build_runner', 'fresh_model', 'run']  # models were built here before

# What every run has, of configs of others and of older ones too.
_EVERY_RUN = (LabelOrderHook, LabelGraphStartHook, LabelRecordHook, SampleIdHook, SingleLabelMetricHook)


def build_runner(cfg: Config, runner_type: type[Runner] = Runner) -> Runner:
    """Build the runner that the config describes, of MMEngine's class or one that extends it.

    Raises:
        UserError: One line for whatever in the config cannot be built.
    """
    require_model(cfg)
    start_processes(cfg)
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    with translate_errors(cfg), translate_build_errors(cfg):
        complete_model(cfg)
    cached = with_cached_features(cfg)
    with translate_errors(cfg), translate_build_errors(cfg), bounded(cfg):
        runner = runner_type.from_cfg(cached)
    runner.cfg = without_cached_features(cfg)  # which checkpoints hold
    repair_hosts()  # the run is a new one, and its data sets are built later
    for kind in _EVERY_RUN:
        if not any(isinstance(hook, kind) for hook in runner.hooks):
            runner.register_hook(kind())
    return runner


class _Started(Hook):
    """Knows whether a run has got as far as its first iteration: until then, its parts are still being built."""

    def __init__(self):
        self.started = False

    def before_train_iter(self, *args, **kwargs) -> None:
        self.started = True

    before_val_iter = before_test_iter = before_train_iter


def run(runner: Runner, method: str) -> object:
    """Call ``runner.train()`` or ``runner.test()``; MMEngine builds datasets, optimiser and metrics only then.

    Returns:
        What the runner returns: the model, or the metrics.

    Raises:
        UserError: One line for whatever cannot be built, read or loaded.
    """
    hook = _Started()
    runner.register_hook(hook)
    with translate_errors(runner.cfg):
        try:
            return getattr(runner, method)()
        except Exception:
            if hook.started:
                raise  # no mistake of a config: its stack is wanted
            with translate_build_errors(runner.cfg):
                raise
