"""From a config to a runner of MMEngine: devices, processes, and errors that name their remedy."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import Runner
from torch import nn

from kss_mm.apis.data_help import data_help_for
from kss_mm.apis.launchers import start_processes
from kss_mm.apis.worker_trouble import worker_trouble, workers_explained
from kss_mm.checkpoints.bounds import bounded
from kss_mm.checkpoints.checkpoint import REFUSAL, check_fits, load_plain, weights_of
from kss_mm.checkpoints.foreign_config import source_of
from kss_mm.engine import LabelGraphStartHook, LabelOrderHook, LabelRecordHook, SampleIdHook, SingleLabelMetricHook
from kss_mm.errors import InputError, MissingCheckpointError, MissingFileError, UserError
from kss_mm.files import FULL_DISK
from kss_mm.hosts.runs import repair_hosts

# What every run has, of configs of others and of older ones too.
_EVERY_RUN = (LabelOrderHook, LabelGraphStartHook, LabelRecordHook, SampleIdHook, SingleLabelMetricHook)


def build_runner(cfg: Config) -> Runner:
    """Build the runner that the config describes.

    Raises:
        UserError: one line for whatever in the config cannot be built.
    """
    _require_model(cfg)
    start_processes(cfg)
    with explained(cfg), _one_line(cfg), bounded(cfg):
        runner = Runner.from_cfg(cfg)
    repair_hosts()  # the run is a new one, and its data sets are built later
    for kind in _EVERY_RUN:
        if not any(isinstance(hook, kind) for hook in runner.hooks):
            runner.register_hook(kind())
    return runner


@contextmanager
def _one_line(cfg: Config) -> Iterator[None]:
    """Around building: a host's error becomes one line, as its stack says less than its text."""
    try:
        yield
    except (UserError, OSError, EOFError, pickle.UnpicklingError):
        raise
    except Exception as error:
        if worker_trouble(error):
            raise  # `explained` tells
        raise InputError(f'{source_of(cfg)}: cannot be built: {type(error).__name__}: {_last_words(error)}') from error


def _last_words(error: Exception) -> str:
    """An error's text in one line, without the stack that a DataLoader worker puts into it."""
    lines = str(error).strip().splitlines() or ['']
    return lines[-1].partition(': ')[2] if 'DataLoader worker' in lines[0] else ' '.join(' '.join(lines).split())


class _Started(Hook):
    """Knows whether a run has got as far as its first iteration: until then, its parts are still being built."""

    def __init__(self):
        self.started = False

    def before_train_iter(self, *args, **kwargs) -> None:
        self.started = True

    before_val_iter = before_test_iter = before_train_iter


def run(runner: Runner, method: str) -> None:
    """``runner.train()`` or ``runner.test()``; MMEngine builds datasets, optimiser and metrics only then.

    Raises:
        UserError: one line for whatever cannot be built, read or loaded.
    """
    hook = _Started()
    runner.register_hook(hook)
    with explained(runner.cfg):
        try:
            getattr(runner, method)()
        except Exception:
            if hook.started:
                raise  # no mistake of a config: its stack is wanted
            with _one_line(runner.cfg):
                raise


@contextmanager
def explained(cfg: Config) -> Iterator[None]:
    """Around building and running: add the config's ``data_help`` to the error of a missing file, say why a
    checkpoint is refused or what ended a DataLoader worker."""
    # Twice: torch raises anew, wherever the process is, when it hears of a worker's end; also in handling the first.
    with workers_explained(), _files_explained(cfg), workers_explained():
        yield


@contextmanager
def _files_explained(cfg: Config) -> Iterator[None]:
    try:
        yield
    except UserError as error:
        if isinstance(error, FileNotFoundError) and not isinstance(error, MissingCheckpointError):
            raise _with_data_help(error, cfg) from error
        raise
    except FileNotFoundError as error:
        raise _with_data_help(error, cfg) from error
    except OSError as error:
        if error.filename is None and error.errno in FULL_DISK:  # a log; what else we write is named
            raise OSError(error.errno, error.strerror, cfg.work_dir) from error
        raise
    except pickle.UnpicklingError as error:
        raise InputError(f'{cfg.load_from or "the checkpoint"}: {REFUSAL}') from error


def _with_data_help(error: FileNotFoundError, cfg: Config) -> MissingFileError:
    text = _last_words(error)
    return MissingFileError(text, help=data_help_for(cfg, text))


def build_model(cfg: Config, checkpoint: str, device: str) -> nn.Module:
    """The trained model of a config, in evaluation mode.

    Raises:
        UserError: as :func:`build_runner`, and for a checkpoint that is not there or belongs to another model.
    """
    _require_model(cfg)
    content = load_plain(checkpoint)
    cfg.load_from = checkpoint
    model = fresh_model(cfg)
    check_fits(content, model, checkpoint)
    model.load_state_dict(weights_of(content))
    model.cfg = cfg
    return model.to(device).eval()


def fresh_model(cfg: Config) -> nn.Module:
    """The model of a config as it is built, before any weights are loaded.

    Raises:
        UserError: as :func:`build_runner`.
    """
    _require_model(cfg)
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    repair_hosts()
    if cfg.get('data_preprocessor'):  # MMPretrain's configs have it beside the model; MMEngine's runner moves it too
        cfg.model.setdefault('data_preprocessor', cfg.data_preprocessor)
    with explained(cfg), _one_line(cfg), bounded(cfg):
        return MODELS.build(cfg.model)


def _require_model(cfg: Config) -> None:
    if set(cfg.get('model') or ()) <= {'data_preprocessor'}:  # all that a base of ours may say of it
        raise InputError(f'{source_of(cfg)}: has no model; is it a complete config, not one of _base_?')
