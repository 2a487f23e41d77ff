"""One line for a DataLoader worker that died, or memory that ran out between processes."""

import re
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from kss_mm.errors import InputError, UserError

# What torch says of it, and what to do. Its messages are whole paragraphs about its own options.
_SHARED_MEMORY = re.compile(r'out of shared memory|bus error encountered in worker|'
                            r'unable to (?:mmap|write to file|(?:open|allocate) shared memory).*torch_')
_MORE_SHARED_MEMORY = ('the shared memory through which DataLoader workers hand over batches (/dev/shm) is full: make '
                       'it larger (docker run --shm-size=8g, or --ipc=host), or use fewer num_workers or a smaller '
                       'batch_size')
_DIED = re.compile(r'DataLoader worker \(pid[\w()]*? ([\d, ]+)\) (?:is killed by signal: ([\w ]+)|exited unexpectedly)')
_REMEDY = ('where memory ran out (dmesg tells), use fewer num_workers or a smaller batch_size of the dataloaders; '
           'where /dev/shm is full, docker run --shm-size=8g; num_workers=0 shows every other cause')
_FILES = re.compile(r'Too many open files|received \d+ items of ancdata')
_MORE_FILES = 'too many files are open: raise the limit (ulimit -n 65536), or use fewer num_workers'
# Where batches come in from workers: a connection that breaks off there, or is gone, had a worker at its other end.
_HAND_OVER = 'torch/multiprocessing/reductions.py'


@contextmanager
def translate_worker_errors() -> Iterator[None]:
    """Around fetching: an error of a DataLoader's processes becomes the one line for it."""
    try:
        yield
    except UserError:
        raise
    except (RuntimeError, OSError, EOFError) as error:
        trouble = worker_trouble(error)
        if trouble:
            raise trouble from error
        raise


def worker_trouble(error: BaseException) -> InputError | None:
    """The one line for an error of a DataLoader's processes; None for every other error."""
    try:
        return _unheard(error)
    except RuntimeError as news:  # torch raises where the main process happens to be when it hears of a worker's end
        return _unheard(news)


def _unheard(error: BaseException) -> InputError | None:
    """The line; where there is one, no news of workers is raised from now on, as the run ends anyway."""
    main = hasattr(signal, 'SIGCHLD') and threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGCHLD, signal.SIG_DFL) if main else None
    trouble = _trouble(error)
    if trouble is None and main:
        signal.signal(signal.SIGCHLD, handler)
    return trouble


def _trouble(error: BaseException) -> InputError | None:
    # Which error of a worker's end comes first is a matter of chance; the others are its causes.
    chain = list(_with_causes(error))
    texts = [' '.join(str(part).split()) for part in chain if isinstance(part, RuntimeError | OSError)]
    if any(map(_SHARED_MEMORY.search, texts)):
        return InputError(_MORE_SHARED_MEMORY)
    deaths = [found for found in map(_DIED.search, texts) if found]
    for found in sorted(deaths, key=lambda found: found[2] is None):
        how = f'was ended by the signal "{found[2].strip()}"' if found[2] else 'ended without a word'
        return InputError(f'a DataLoader worker (pid {found[1].strip()}) {how}; {_REMEDY}')
    if any(isinstance(part, ConnectionError | EOFError | FileNotFoundError) and _in_hand_over(part) for part in chain):
        return InputError(f'a DataLoader worker ended while it handed over a batch; {_REMEDY}')
    return InputError(_MORE_FILES) if any(map(_FILES.search, texts)) else None


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _in_hand_over(error: BaseException) -> bool:
    return any(frame.filename.replace('\\', '/').endswith(_HAND_OVER) for frame in
               traceback.extract_tb(error.__traceback__))
