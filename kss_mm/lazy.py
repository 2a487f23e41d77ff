"""Names of a package that load their modules when they are first asked for.

The readers and tools that need neither torch nor a host then start without loading them.
"""

import importlib
from collections.abc import Callable, Mapping


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """A module-level ``__getattr__`` (PEP 562) for ``package``.

    Args:
        modules: Name -> the submodule that defines it.
    """
    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f'module {package!r} has no attribute {name!r}')
        return getattr(importlib.import_module(f'{package}.{modules[name]}'), name)

    return get
