"""Reading a config file, with its mistakes told in one line."""

import copy
import os
from collections.abc import Callable, Mapping, Sequence

from mmengine.config import Config

from kss_mm.apis.cfg_options import parse_options
from kss_mm.apis.config_kinds import check_kinds
from kss_mm.checkpoints.foreign_config import ForeignConfig, read_config, source_of
from kss_mm.errors import InputError, MissingFileError
from kss_mm.files import PathLike
from kss_mm.hosts import repair
from kss_mm.hosts.config_bases import find_own_bases
from kss_mm.package_files import package_config

# A checkpoint in place of a config gives the config in it.
CHECKPOINT_SUFFIX = '.pth'


def load_config(path: PathLike, options: Mapping | Sequence[str] | None = None) -> Config:
    """Read a config and merge changes into it.

    A checkpoint (``.pth``) gives the config in it, with ``load_from`` set to the file: the label graph of a published
    one comes with its weights.

    Args:
        path: The file, or the name of a config that comes with the package.
        options: Changes by dotted key, or as the ``KEY=VALUE`` texts of ``--cfg-options``.

    Raises:
        MissingFileError: If it, or a base of it, is not there.
        InputError: If it is not a valid config, or an option does not fit it.
    """
    path = package_config(path)
    if not os.path.isfile(path):
        kind = 'checkpoint' if path.endswith(CHECKPOINT_SUFFIX) else 'config file'
        raise MissingFileError(f'{path}: no such {kind}')
    if path.endswith(CHECKPOINT_SUFFIX):
        from kss_mm.checkpoints.checkpoint import load_plain  # torch

        cfg = config_in(path, load_plain(path))
        cfg.merge_from_dict(dict(load_from=path, resume=False))
    else:
        repair(find_own_bases)
        cfg = _parsed(path, lambda: Config.fromfile(path))
    return _changed(cfg, options, path)


def own_config(config: PathLike | Config, options: Mapping | Sequence[str] | None = None) -> Config:
    """The config of a file, or a copy of the one given, so that a caller's own is never changed.

    Args:
        config: As :func:`load_config` takes it, or a config that is loaded already.
        options: Changes of the config, as :func:`load_config` takes them.
    """
    if not isinstance(config, Config):
        return load_config(config, options)
    return _changed(copy.deepcopy(config), options, name_of(config))


def name_of(config: PathLike | Config) -> str:
    """The name of a config in messages: the file that was given, or was read."""
    return (source_of(config) or 'the config') if isinstance(config, Config) else os.fspath(config)


def _changed(cfg: Config, options: Mapping | Sequence[str] | None, name: str) -> Config:
    options = options or {}
    if isinstance(options, str):
        options = [options]
    if not isinstance(options, Mapping):
        options = parse_options(options)
    try:
        cfg.merge_from_dict(dict(options))
    except Exception as error:
        raise InputError(f'--cfg-options {options}: does not fit {name}: {type(error).__name__}: {error}') from error
    check_kinds(cfg, name)
    return cfg


def config_in(path: str, checkpoint: dict) -> Config:
    """The config that a checkpoint holds, as MMEngine stores it; the checkpoint may be anyone's.

    Raises:
        InputError: If it holds none, one that cannot be read, or one that does more than build a model and read data,
            see :func:`~kss_mm.checkpoints.foreign_config.read_config`.
    """
    text = checkpoint.get('meta', {}).get('cfg')
    if not isinstance(text, str):
        raise InputError(f'{path}: has no config in it (meta.cfg); give the config file that belongs to it')
    return read_config(text, path)


def checkpoint_of(config: PathLike | Config, checkpoint: PathLike | None) -> str:
    """The checkpoint that belongs to a config: the one given, else the one that the config is, or came out of.

    Raises:
        InputError: If there is none.
    """
    if checkpoint is not None:
        return os.fspath(checkpoint)
    found = name_of(config)
    if isinstance(config, Config) and not isinstance(config, ForeignConfig) or not found.endswith(CHECKPOINT_SUFFIX):
        raise InputError(f'{name_of(config)}: give a checkpoint after it; alone stands only a published checkpoint, '
                         f'{CHECKPOINT_SUFFIX}, which has its config inside')
    return found


def _parsed(path: str, parse: Callable[[], Config]) -> Config:
    try:
        return parse()
    except FileNotFoundError as error:
        raise MissingFileError(f'{path}: a file that it names is not there: {error}') from error
    except Exception as error:  # the config is Python code: anything can come out of it
        line = f', line {error.lineno}' if isinstance(error, SyntaxError) else ''
        raise InputError(f'{path}{line}: the config does not load: {type(error).__name__}: {error}') from error


def evaluation_pipeline(cfg: Config) -> Sequence[dict]:
    """Return the pipeline of the test dataset, which evaluation runs, else of the validation's; () without one."""
    for loader in ('test_dataloader', 'val_dataloader'):
        dataset = (cfg.get(loader) or {}).get('dataset')
        while dataset and 'pipeline' not in dataset:  # wrappers of one or several datasets
            dataset = dataset.get('dataset') or next(iter(dataset.get('datasets', ())), None)
        if dataset:
            return dataset['pipeline']
    return cfg.get('test_pipeline', ())


def set_work_dir(cfg: Config, config: PathLike | Config, work_dir: PathLike | None) -> None:
    """Set the folder of logs and checkpoints: the one given, the config's, or ``work_dirs/{name of the config}``.

    Args:
        config: What ``cfg`` was made from.

    Raises:
        InputError: If there is none, as the config has no file either.
    """
    if work_dir is not None:
        cfg.work_dir = os.fspath(work_dir)
    elif cfg.get('work_dir') is None:
        path = source_of(cfg) if isinstance(config, Config) else os.fspath(config)
        if not path:
            raise InputError('the config was not read from a file that logs could be named after: give a work_dir')
        cfg.work_dir = os.path.join('work_dirs', os.path.splitext(os.path.basename(path))[0])
