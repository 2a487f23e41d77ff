"""The config inside a checkpoint, which may be anyone's: parts of it are used, left out, or refused.

A ``.py`` config is code that the user chose to run, and stays so. A checkpoint is a file of data.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log

from kss_mm.checkpoints.foreign_rules import (
    CHECKPOINT_NAME,
    KEPT_ENVIRONMENT,
    OF_THE_RUN,
    OUTPUTS,
    WRITERS,
    check_imports,
    check_key,
    check_storage,
    check_value,
)
from kss_mm.checkpoints.guard import guard
from kss_mm.checkpoints.known_types import check_scope, find
from kss_mm.checkpoints.plain_config import parse_plain
from kss_mm.checkpoints.start_weights import LEFT_OUT, drop_pretrained
from kss_mm.errors import InputError, shown

#: Opens all of it: the config is then used as it is, and may do whatever a Python program can.
TRUST = 'KSS_MM_TRUST_CONFIG'
_DEFAULT_SCOPE = 'mmengine'


class ForeignConfig(Config):
    """A config that came out of a file, its ``path``, of ``file_size`` bytes; 0 where the user trusts it."""

    path: str = ''
    file_size: int = 0


def source_of(cfg: Config) -> str:
    """The file that a config was read from, for messages."""
    return cfg.path if isinstance(cfg, ForeignConfig) else cfg.filename


def read_config(text: str, path: str) -> Config:
    """The config whose text a checkpoint holds.

    Only types of the hosts and of this project are built, see :mod:`~kss_mm.checkpoints.known_types`. Left out is what
    belongs to a run, the weights that it started from, and all that would write files, which is told. Whatever else a
    published config never needs is refused.

    Args:
        path: The checkpoint.

    Raises:
        InputError: If it is not a config, or refused; naming what is wrong and where.
    """
    try:
        values = parse_plain(text)
    except ValueError as error:
        raise InputError(f'{path}: the config in it (meta.cfg) is not read, {error}; give the config file that belongs '
                         'to it') from error
    trusted = os.environ.get(TRUST) == '1'
    if not trusted:
        values = _checked(values, path)
    try:
        # MMEngine reads a config's file where it has no text. A run writes its config down under the name of the file.
        cfg = ForeignConfig(values, cfg_text=f'# from {path}\n', filename=f'{os.path.splitext(path)[0]}.py')
    except (KeyError, TypeError, AttributeError, ValueError) as error:  # names that MMEngine keeps for itself
        raise InputError(f'{path}: the config in it (meta.cfg) is not read, {error}') from error
    # MMEngine's configs make values of what is set in the usual way.
    object.__setattr__(cfg, 'path', path)
    object.__setattr__(cfg, 'file_size', 0 if trusted else os.path.getsize(path))
    return cfg


def _checked(values: dict[str, Any], path: str) -> dict[str, Any]:
    left_out: list[str] = []
    try:
        values = {key: value for key, value in values.items() if not _of_the_run(key, value)}
        scope = values.get('default_scope', _DEFAULT_SCOPE)
        check_scope(scope, 'default_scope')
        imports = values.pop('custom_imports', None)
        if imports is not None:
            check_imports(imports)
        values = _Reader(path, left_out).read(drop_pretrained(values), (scope, _DEFAULT_SCOPE))
    except InputError as error:
        raise InputError(f'{path}: the config in it is refused, {error}; give your own config before the checkpoint, '
                         f'or, if you trust where this file comes from, set {TRUST}=1') from error
    if imports is not None:
        values['custom_imports'] = imports
    if left_out:
        print_log(f'{path}: of the config in it are left out, as a file from others writes none: '
                  f'{", ".join(left_out)}', logger='current', level=logging.WARNING)
    guard(_texts(values), path)
    return values


def _of_the_run(key: str, value: Any) -> bool:
    """Also variables that only named an address, such as that of the weights to start from."""
    return key in OF_THE_RUN or isinstance(value, str) and '://' in value


class _Reader:
    """Walks through a config; ``left_out`` gets the names of what it leaves out and should be told."""

    def __init__(self, path: str, left_out: list[str]):
        self.path, self.left_out = path, left_out

    def read(self, values: Any, scopes: tuple[str, ...], where: str = '', key: str | int | None = None) -> Any:
        """A part of a config without what is left out, itself LEFT_OUT perhaps; InputError for what is refused."""
        if isinstance(values, Mapping):
            return self._dict(values, scopes, where)
        if isinstance(values, list | tuple | set):
            if key == 'classes':  # names are not paths, and may look like anything
                return values
            items = (self.read(value, scopes, f'{where}.{index}', key) for index, value in enumerate(values))
            return type(values)(item for item in items if item is not LEFT_OUT)
        check_value(key, values, where)
        return values

    def _dict(self, values: Mapping, scopes: tuple[str, ...], where: str) -> Any:
        if '_scope_' in values:
            check_scope(values['_scope_'], f'{where}._scope_')
            scopes = (values['_scope_'], _DEFAULT_SCOPE)
        kind = self._kind(values, scopes, where)
        if kind in WRITERS or kind.endswith('VisBackend') and kind != 'LocalVisBackend':
            self.left_out.append(f'{where} ({kind})')
            return LEFT_OUT
        result = {}
        for key, value in values.items():
            place = f'{where}.{key}' if where else str(key)
            check_key(key, place)
            if key == '_delete_':  # of merging, which is done
                continue
            if value is not None and (key in OUTPUTS or (kind, key) == CHECKPOINT_NAME):
                self.left_out.append(place)
                continue
            if key in ('backend_args', 'file_client_args'):
                check_storage(value, place)
            if key == 'env_cfg' and isinstance(value, Mapping):
                value = {name: value[name] for name in KEPT_ENVIRONMENT if name in value}
            part = value if key == 'type' else self.read(value, scopes, place, key)
            if part is not LEFT_OUT:
                result[key] = part
        return result

    def _kind(self, values: Mapping, scopes: tuple[str, ...], where: str) -> str:
        """The name of a dict's type without its scope; '' where it has none."""
        kind = values.get('type')
        if kind is None:
            return ''
        if not isinstance(kind, str):
            raise InputError(f'{where}.type={shown(kind)} is not a name')
        short = kind.rpartition('.')[2]
        if short not in WRITERS and not short.endswith('VisBackend'):
            try:
                find(kind, scopes, self.path)
            except InputError as error:
                raise InputError(f'{where}.type: {error}') from error
        return short


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, Mapping):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, list | tuple | set):
        for value in values:
            yield from _texts(value)
    elif isinstance(values, str):
        yield values
