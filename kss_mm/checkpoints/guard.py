"""A second look at the names of a config from others, when something is built from them.

Not every name stands under ``type``: hooks, optimisers and layers have arguments of their own for one. Whatever text of
such a config reaches a registry of MMEngine is held to the same rules, and never imported.
"""

import functools
import importlib
from collections.abc import Iterable
from typing import Any

from mmengine.registry import Registry

from kss_mm.checkpoints.known_types import SCOPES, check_allowed
from kss_mm.errors import InputError, shown

# Every text of every config from others that this process has read -> the file.
_foreign: dict[str, str] = {}


def guard(texts: Iterable[str], path: str) -> None:
    """From now on, let these texts name nothing but what is registered and harmless; ``path`` is for messages."""
    _foreign.update(dict.fromkeys(texts, path))
    if Registry.get is not _get:
        Registry.get = _get


_import_and_get = Registry.get


@functools.wraps(_import_and_get)
def _get(self: Registry, key: str) -> Any:
    if not isinstance(key, str) or key not in _foreign:
        return _import_and_get(self, key)
    found = _registered(self, key)
    if found is None:
        raise InputError(f'{_foreign[key]}: the config in it names {shown(key)}, which is no registered {self.name}')
    return check_allowed(key, found)


def _registered(registry: Registry, key: str) -> Any:
    """What MMEngine finds under a name, but for what it imports by it."""
    scope, name = registry.split_scope_key(key)
    if scope is None:
        while registry is not None:
            registry.import_from_location()
            if name in registry.module_dict:
                return registry.module_dict[name]
            registry = registry.parent
        return None
    if scope not in SCOPES:
        return None
    importlib.import_module(f'{scope}.registry')
    root = registry
    while root.parent is not None:
        root = root.parent
    for registry in (root, *root.children.values()):
        if registry.scope == scope:
            registry.import_from_location()
            return registry.module_dict.get(name)
    return None
