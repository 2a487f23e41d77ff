"""Steps of a host's pipelines that mean others in runs with parts of this project."""

from collections.abc import Callable
from typing import Any

from mmengine.registry import Registry


def replace_step(registry: Registry, name: str, ours: str, acts: Callable[[], bool]) -> None:
    """Let the name of a host's step build another one.

    Args:
        registry: The host's, of transforms.
        name: Of the step there.
        ours: Name of the other one with its scope, by which it is found once it is needed.
        acts: Whether it is meant, asked each time that a step is built; else the host's is.
    """
    theirs = registry.get(name)

    def build(*args, **kwargs) -> Any:
        return (registry.get(ours) if acts() else theirs)(*args, **kwargs)

    build.__name__ = name
    registry.register_module(name=name, module=build, force=True)
