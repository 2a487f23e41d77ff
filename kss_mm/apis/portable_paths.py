"""Paths of this machine in a config, made relative."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mmengine.config import Config

# A list of this name holds class names, which may look like paths ('/m/01g317').
_NAMES = 'classes'


def hide_paths(cfg: Config) -> dict[str, str]:
    """Replace every path that leads into the folders of this machine: ``/...``, ``~...``, ``../...``, ``file:///...``.

    Below the current folder they become relative to it. Others lose the folders that they have in common, so that
    what lies beside or within each other still does.

    Returns:
        What was replaced, and by what.
    """
    renamed = _relative({text for text in _texts(cfg._cfg_dict) if _absolute(text)})
    for key in list(cfg):
        cfg[key] = _replaced(cfg[key], renamed)
    return renamed


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from _texts(key)
            yield from () if _holds_names(key, value) else _texts(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _texts(value)
    elif isinstance(part, str):
        yield part


def _holds_names(key: Any, value: Any) -> bool:
    return key == _NAMES and not isinstance(value, str)


def _absolute(text: str) -> str | None:
    """The place that a path leads to on this machine; None for any other text."""
    path = os.path.expanduser(text.removeprefix('file://'))
    if path.startswith(os.pardir + os.sep):
        path = os.path.abspath(path)
    return os.path.normpath(path) if os.path.isabs(path) and path.strip(os.sep) else None


def _relative(texts: Iterable[str]) -> dict[str, str]:
    paths = {text: _absolute(text) for text in sorted(texts)}
    outside: dict[str, list[str]] = {}  # first folder -> all paths within
    for path in paths.values():
        if not _inside(path):
            outside.setdefault(path.split(os.sep)[1], []).append(path)
    renamed, taken = {}, {}
    for text, path in paths.items():
        start = os.getcwd() if _inside(path) else _common(outside[path.split(os.sep)[1]])
        short, number = os.path.relpath(path, start), 1
        while taken.setdefault(short if number == 1 else f'{short}_{number}', path) != path:
            number += 1  # another path that ends alike
        renamed[text] = (short if number == 1 else f'{short}_{number}') + os.sep * text.endswith(os.sep)
    return renamed


def _inside(path: str) -> bool:
    return os.path.commonpath((path, os.getcwd())) == os.getcwd()


def _common(paths: list[str]) -> str:
    """The folder that these paths lie in."""
    common = os.path.commonpath(paths)
    return os.path.dirname(common) if common in paths else common


def _replaced(part: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(part, Mapping):
        return type(part)({renamed.get(key, key): value if _holds_names(key, value) else _replaced(value, renamed)
                           for key, value in part.items()})
    if isinstance(part, list | tuple):
        return type(part)(_replaced(value, renamed) for value in part)
    return renamed.get(part, part) if isinstance(part, str) else part
