"""An iterator that runs ahead in a thread of its own."""

import queue
import threading
from collections.abc import Iterable, Iterator

# How often a thread looks whether anybody still waits for what it makes.
_SECONDS = .1


def ahead(items: Iterable, size: int) -> Iterator:
    """The same items, of which up to ``size`` are made in a thread before they are asked for.

    What the thread raises is raised here, after the items before it. When this is closed, the thread ends.
    """
    made: queue.Queue[tuple[str, object]] = queue.Queue(size)
    closed = threading.Event()

    def put(what: str, value: object) -> None:
        while not closed.is_set():
            try:
                return made.put((what, value), timeout=_SECONDS)
            except queue.Full:
                pass

    def work() -> None:
        try:
            for item in items:
                put('item', item)
                if closed.is_set():
                    break
            put('end', None)
        except BaseException as error:  # the reader gets it
            put('error', error)

    thread = threading.Thread(target=work, name='kss_mm_ahead', daemon=True)
    thread.start()
    try:
        while True:
            what, value = made.get()
            if what == 'end':
                return
            if what == 'error':
                raise value
            yield value
    finally:
        closed.set()
        thread.join()
