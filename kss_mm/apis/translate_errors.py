"""Errors of the hosts, of torch and of the system, turned into the lines that name a remedy."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.config import Config

from kss_mm.apis.config import name_of
from kss_mm.apis.data_help import data_help_for
from kss_mm.apis.worker_trouble import translate_worker_errors, worker_trouble
from kss_mm.checkpoints.checkpoint import REFUSAL
from kss_mm.errors import InputError, MissingCheckpointError, MissingFileError, UserError
from kss_mm.files import FULL_DISK


@contextmanager
def translate_errors(cfg: Config) -> Iterator[None]:
    """Around building and running: add the config's ``data_help`` to the error of a missing file, say why a
    checkpoint is refused or what ended a DataLoader worker."""
    # Twice: torch raises anew, wherever the process is, when it hears of a worker's end; also in handling the first.
    with translate_worker_errors(), _translate_file_errors(cfg), translate_worker_errors():
        yield


@contextmanager
def _translate_file_errors(cfg: Config) -> Iterator[None]:
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


@contextmanager
def translate_build_errors(cfg: Config) -> Iterator[None]:
    """Around building: turn a host's error into one line, as its stack says less than its text."""
    try:
        yield
    except (UserError, OSError, EOFError, pickle.UnpicklingError):
        raise
    except Exception as error:
        if worker_trouble(error):
            raise  # translate_errors tells
        raise InputError(f'{name_of(cfg)}: cannot be built: {type(error).__name__}: {_last_words(error)}') from error


def _last_words(error: Exception) -> str:
    """An error's text in one line, without the stack that a DataLoader worker puts into it."""
    lines = str(error).strip().splitlines() or ['']
    return lines[-1].partition(': ')[2] if 'DataLoader worker' in lines[0] else ' '.join(' '.join(lines).split())
