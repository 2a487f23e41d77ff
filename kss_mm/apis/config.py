"""Reading a config file, with its mistakes told in one line."""

import os
from collections.abc import Callable, Sequence

from mmengine.config import Config

from kss_mm.apis.config_kinds import check_kinds
from kss_mm.checkpoints.foreign_config import read_config
from kss_mm.errors import InputError, MissingFileError

# A checkpoint in place of a config gives the config in it.
CHECKPOINT_SUFFIX = '.pth'


def load_config(path: str, options: dict | None = None) -> Config:
    """The config at ``path`` with ``--cfg-options`` merged in.

    A checkpoint (``.pth``) gives the config in it, with ``load_from`` set to the file: the label graph of a published
    one comes with its weights.

    Raises:
        MissingFileError: if it, or a base of it, is not there.
        InputError: if it is no valid config, or an option does not fit it.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such config file')
    if path.endswith(CHECKPOINT_SUFFIX):
        from kss_mm.checkpoints.checkpoint import load_plain  # torch

        cfg = config_in(path, load_plain(path))
        cfg.merge_from_dict(dict(load_from=path, resume=False))
    else:
        cfg = _parsed(path, lambda: Config.fromfile(path))
    try:
        cfg.merge_from_dict(options or {})
    except Exception as error:
        raise InputError(f'--cfg-options {options}: does not fit {path}: {type(error).__name__}: {error}') from error
    check_kinds(cfg, path)
    return cfg


def config_in(path: str, checkpoint: dict) -> Config:
    """The config that a checkpoint holds, as MMEngine stores it; the checkpoint may be anyone's.

    Raises:
        InputError: if it holds none, one that cannot be read, or one that does more than build a model and read data,
            see :func:`~kss_mm.checkpoints.foreign_config.read_config`.
    """
    text = checkpoint.get('meta', {}).get('cfg')
    if not isinstance(text, str):
        raise InputError(f'{path}: has no config in it (meta.cfg); give the config file that belongs to it')
    return read_config(text, path)


def checkpoint_of(config: str, checkpoint: str | None) -> str:
    """The checkpoint that belongs to a config: the one given, else the config itself, if it is one.

    Raises:
        InputError: if neither is.
    """
    if checkpoint is None and not config.endswith(CHECKPOINT_SUFFIX):
        raise InputError(f'{config}: give a checkpoint after it; alone stands only a published checkpoint, '
                         f'{CHECKPOINT_SUFFIX}, which has its config inside')
    return config if checkpoint is None else checkpoint


def _parsed(path: str, parse: Callable[[], Config]) -> Config:
    try:
        return parse()
    except FileNotFoundError as error:
        raise MissingFileError(f'{path}: a file that it names is not there: {error}') from error
    except Exception as error:  # the config is Python code: anything can come out of it
        line = f', line {error.lineno}' if isinstance(error, SyntaxError) else ''
        raise InputError(f'{path}{line}: the config does not load: {type(error).__name__}: {error}') from error


def evaluation_pipeline(cfg: Config) -> Sequence[dict]:
    """What evaluation does to a file: the pipeline of the test dataset, else of the validation's; () without one."""
    for loader in ('test_dataloader', 'val_dataloader'):
        dataset = (cfg.get(loader) or {}).get('dataset')
        while dataset and 'pipeline' not in dataset:  # wrappers of one or several datasets
            dataset = dataset.get('dataset') or next(iter(dataset.get('datasets', ())), None)
        if dataset:
            return dataset['pipeline']
    return cfg.get('test_pipeline', ())


def set_work_dir(cfg: Config, path: str, work_dir: str | None) -> None:
    """The folder of logs and checkpoints: command line, else config, else ``work_dirs/{name of the config}``."""
    if work_dir is not None:
        cfg.work_dir = work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = os.path.join('work_dirs', os.path.splitext(os.path.basename(path))[0])
