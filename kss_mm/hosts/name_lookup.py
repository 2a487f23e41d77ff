"""MMEngine imports a name that no registry has: ``type='subprocess.Popen'`` in a config is a command that runs.

For names that came with a config from others, :mod:`kss_mm.checkpoints.guard` finds what they may mean. A MMEngine that
builds registered types only ends this repair.
"""

import functools
from collections.abc import Callable
from typing import Any

from mmengine.registry import Registry


def look_up_by(find: Callable[[Registry, str, Callable], Any]) -> None:
    """MMEngine imports whatever a config names.

    Args:
        find: Takes a registry, a name and MMEngine's own way to find it, and finds it.
    """
    theirs = Registry.get

    @functools.wraps(theirs)
    def get(self: Registry, key: str) -> Any:
        return find(self, key, theirs)

    Registry.get = get
