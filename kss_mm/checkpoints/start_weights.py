"""A config without the weights that its training started from."""

from collections.abc import Callable, Mapping
from typing import Any

#: What a change returns for a value that is to be left out.
LEFT_OUT = object()


def drop_pretrained(part: Any) -> Any:
    """A part of a config without weights to start from: some backbones fetch them as soon as they are built."""
    def start(key: str | None, value: Any) -> Any:
        if key == 'init_cfg' and value:
            steps = value if isinstance(value, list | tuple) else [value]
            return [step for step in steps if not _names_weights(step)] or LEFT_OUT
        if key in ('pretrained', 'checkpoint_path') or key == 'weights' and isinstance(value, str):
            return LEFT_OUT
        return False if key in ('pretrained2d', 'clip_pretrained') else value

    return mapped(part, start)


def mapped(part: Any, change: Callable[[str | None, Any], Any], key: str | None = None) -> Any:
    """A part of a config, with ``change(key, value)`` in place of every value, outer ones first."""
    part = change(key, part)
    if isinstance(part, Mapping):
        items = ((name, mapped(value, change, name)) for name, value in part.items())
        return type(part)({name: value for name, value in items if value is not LEFT_OUT})
    if isinstance(part, list | tuple):
        return type(part)(mapped(value, change) for value in part)
    return part


def _names_weights(step: Any) -> bool:
    return isinstance(step, Mapping) and 'checkpoint' in step
