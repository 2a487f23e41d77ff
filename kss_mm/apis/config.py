"""Reading a config file, with its mistakes told in one line."""

import os

from mmengine.config import Config

from kss_mm.errors import InputError, MissingFileError


def load_config(path: str, options: dict | None = None) -> Config:
    """The config at ``path`` with ``--cfg-options`` merged in.

    Raises:
        MissingFileError: if it, or a base of it, is not there.
        InputError: if it is no valid config, or an option does not fit it.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such config file')
    try:
        cfg = Config.fromfile(path)
    except FileNotFoundError as error:
        raise MissingFileError(f'{path}: a file that it names is not there: {error}') from error
    except Exception as error:  # the config is Python code: anything can come out of it
        line = f', line {error.lineno}' if isinstance(error, SyntaxError) else ''
        raise InputError(f'{path}{line}: the config does not load: {type(error).__name__}: {error}') from error
    try:
        cfg.merge_from_dict(options or {})
    except Exception as error:
        raise InputError(f'--cfg-options {options}: does not fit {path}: {type(error).__name__}: {error}') from error
    return cfg


def set_work_dir(cfg: Config, path: str, work_dir: str | None) -> None:
    """The folder of logs and checkpoints: command line, else config, else ``work_dirs/{name of the config}``."""
    if work_dir is not None:
        cfg.work_dir = work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = os.path.join('work_dirs', os.path.splitext(os.path.basename(path))[0])
