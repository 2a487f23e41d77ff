"""A second look at the names of a config from others, when something is built from them.

Not every name stands under ``type``: hooks, optimisers and layers have arguments of their own for one. Whatever text of
such a config reaches a registry of MMEngine is held to the same rules, and never imported.
"""

import importlib
from collections.abc import Callable, Iterable
from typing import Any

from mmengine.registry import Registry

from kss_mm.checkpoints.known_types import SCOPES, check_allowed
from kss_mm.errors import InputError, shown
from kss_mm.hosts import repair
from kss_mm.hosts.name_lookup import look_up_by

# Every text of every config from others that this process has read -> the file.
_foreign: dict[str, str] = {}


def guard(texts: Iterable[str], path: str) -> None:
    """From now on, let these texts name nothing but what is registered and harmless; ``path`` is for messages."""
    _foreign.update(dict.fromkeys(texts, path))
    repair(look_up_by, _find)


def _find(registry: Registry, key: str, import_and_get: Callable[[Registry, str], Any]) -> Any:
    if not isinstance(key, str) or key not in _foreign:
        return import_and_get(registry, key)
    found = _registered(registry, key)
    if found is None:
        raise InputError(f'{_foreign[key]}: the config in it names {shown(key)}, which is not a registered '
                         f'{registry.name}')
    return check_allowed(key, found)


def _registered(registry: Registry, key: str) -> Any:
    """The part that is registered under a name; unlike MMEngine, nothing is imported by it."""
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
            # By `get`, which notes that the run uses a part of ours.
            return registry.get(name) if name in registry.module_dict else None
    return None
