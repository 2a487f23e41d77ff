"""The one place where repairs of the hosts are put in."""

import logging
from collections.abc import Callable

_done: set[Callable] = set()


def repair(install: Callable[..., None], *arguments: object) -> None:
    """Put a repair in place, once in a process.

    Args:
        install: Does so; the first line of its docstring says at debug level what is repaired.
        arguments: Of ``install``.
    """
    if install in _done:
        return
    _done.add(install)  # before it runs: what it imports may ask for it again
    try:
        install(*arguments)
    except BaseException:
        _done.discard(install)
        raise
    logging.getLogger(__name__).debug('repaired: %s', (install.__doc__ or install.__name__).strip().splitlines()[0])
