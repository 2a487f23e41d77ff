"""Run a command-line tool: one line for errors that the user can mend, the exit statuses of a shell."""

import errno
import logging
import os
import select
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from kss_mm.cli import as_commands
from kss_mm.errors import UserError, one_line
from kss_mm.files import FULL_DISK

# Before torch loads OpenMP: threads that wait by spinning slow each other down badly, up to twenty times on a shared
# machine, once DataLoader workers or other programs want the same cores. Nothing changes for work on a GPU.
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
# Before torch loads its profiler, which would tell of its every start and stop.
os.environ.setdefault('KINETO_LOG_LEVEL', '99')
# mmcv-lite has no compiled operators, and says so of one that nothing here uses.
warnings.filterwarnings('ignore', message='Fail to import ``MultiScaleDeformableAttention``')

# Exit statuses: an error that the user can mend, as argparse has it for wrong arguments; the others as shells have them
# for a program that SIGINT or SIGPIPE ended.
USER_ERROR, INTERRUPTED, PIPE_CLOSED = 2, 130, 141
# What the user can do about a place that cannot be read or written; for other reasons, choose another one.
_OWN_REASONS = {
    errno.EACCES: 'no permission to read or write it; mend that (ls -l) or choose another place',
    errno.EPERM: 'no permission to read or write it; mend that (ls -l) or choose another place',
    errno.EISDIR: 'is a folder; give the name of a file',
    errno.ENOTDIR: 'a part of it is a file, where a folder is wanted; choose another place',
    errno.EEXIST: 'is a file, where a folder is wanted; choose another place',
    errno.ENOENT: 'no such file or folder',
    errno.ENOSPC: 'no space is left on its disk; make some or choose another place',
    errno.EDQUOT: "the user's share of its disk is used up; make space or choose another place",
}


def run_tool(main: Callable[[], None]) -> None:
    """Run a tool; an error that the user can mend becomes one line on stderr and exit status 2.

    A reader that has seen enough, as ``head`` has, ends it quietly. Set ``KSS_MM_TRACEBACK=1`` to see the whole stack
    of an error.
    """
    for stream in (sys.stdout, sys.stderr):
        # Names of files and labels may hold what the terminal's encoding lacks.
        with suppress(AttributeError, OSError, ValueError):  # something else in a stream's place
            stream.reconfigure(errors='backslashreplace')
    try:
        with _errors_of_logs():
            try:
                _run(main)
            finally:  # what is buffered meets a closed pipe here, not when the interpreter ends
                sys.stdout.flush()
    except BrokenPipeError:
        if not (_is_closed_pipe(sys.stdout) or _is_closed_pipe(sys.stderr)):
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in filter(_is_closed_pipe, (sys.stdout, sys.stderr)):
            os.dup2(nowhere, stream.fileno())
        sys.exit(PIPE_CLOSED)


def _run(main: Callable[[], None]) -> None:
    with_stack = os.environ.get('KSS_MM_TRACEBACK') == '1'
    try:
        main()
    except UserError as error:
        if with_stack:
            raise
        _fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:  # other errors without a file keep their stack
        if with_stack or error.filename is None and error.errno not in FULL_DISK:
            raise
        reason = _OWN_REASONS.get(error.errno, f'{error.strerror}; choose another place')
        _fail(one_line(f'{"a file" if error.filename is None else error.filename}: {reason}'))
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        sys.exit(INTERRUPTED)


def _fail(line: str) -> None:
    sys.stdout.flush()  # first what came before
    print(f'error: {as_commands(line)}', file=sys.stderr)
    sys.exit(USER_ERROR)


@contextmanager
def _errors_of_logs() -> Iterator[None]:
    """Logging shows the stack of a line that it cannot write, and goes on; at a closed pipe and on a full disk it shall
    end as print does."""
    original = logging.StreamHandler.handleError

    def handle(self, record):
        error = sys.exc_info()[1]
        if isinstance(error, BrokenPipeError) or isinstance(error, OSError) and error.errno in FULL_DISK:
            raise error
        original(self, record)

    logging.StreamHandler.handleError = handle
    try:
        yield
    finally:
        logging.StreamHandler.handleError = original


def _is_closed_pipe(stream: TextIO) -> bool:
    """Return True if nobody can read any more what is written to ``stream``."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # no file of the system's
        return False
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return any(event & select.POLLERR for _, event in poll.poll(0))
