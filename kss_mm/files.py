"""Files that are there only when they are whole: every output of this project is written through here.

A reader, a second writer of the same name, a kill and a full disk all meet either the old file or the new one.
"""

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from kss_mm.errors import InputError, UserError

PathLike = str | os.PathLike[str]

#: What the system calls a disk that is full, or the user's share of it.
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
# A file's name may have 255 bytes; this much of it is kept in the name that it has while it is written.
_KEPT_NAME = 100


def check_target(path: PathLike, *inputs: PathLike | None) -> None:
    """Check that ``path`` can name a file to write, and is none of the ``inputs`` that are read for it.

    Raises:
        InputError: If it is a folder, one of the inputs, or there as something else that a file must not replace, such
            as /dev/null.
    """
    path = os.fspath(path)
    if not os.path.basename(path) or os.path.isdir(path):
        raise InputError(f'{path}: is a folder; give the name of a file')
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f'{path}: is not a regular file but a device or pipe, and stays; give the name of a file')
    for read in inputs:
        if read is not None and os.path.exists(path) and os.path.exists(read) and os.path.samefile(path, read):
            raise InputError(f'{path}: is a file that is read, and stays; give another name')


@contextmanager
def whole_path(path: PathLike) -> Iterator[str]:
    """The name of a file beside ``path``, for whoever writes to it by name; it becomes ``path`` when all went well.

    It ends as ``path`` does, and no other writer has it. What a link points to is replaced, not the link.

    Raises:
        InputError: See :func:`check_target`.
        OSError: Naming ``path``, if the place cannot be written to or the disk is full; what was there stays.
    """
    path = os.fspath(path)
    check_target(path)
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    part = os.path.join(folder, f'.{os.path.splitext(name)[0][:_KEPT_NAME]}.{secrets.token_hex(4)}.part'
                                f'{os.path.splitext(name)[1][:_KEPT_NAME]}')
    try:
        os.makedirs(folder, exist_ok=True)
        yield part
        _to_disk(part)
        os.replace(part, target)
        _to_disk(folder)
    except BaseException as error:
        with suppress(OSError):
            os.remove(part)
        if isinstance(error, OSError) and not isinstance(error, UserError) and error.filename in (None, part):
            # The system's error names no file, or one that nobody knows.
            raise OSError(error.errno, error.strerror or str(error), path) from error
        raise


@contextmanager
def whole_file(path: PathLike, mode: str = 'wb', **kwargs) -> Iterator[IO]:
    """An open file that becomes ``path`` when it is whole; ``kwargs`` are those of :func:`open`.

    Raises:
        InputError, OSError: As :func:`whole_path`.
    """
    with whole_path(path) as part:
        with open(part, mode.replace('w', 'x'), **kwargs) as file:
            yield file


def write_whole(content: bytes | memoryview, path: PathLike) -> None:
    """Write a file that is there only when it is whole; errors as :func:`whole_path`."""
    with whole_file(path) as file:
        file.write(content)


def sha256_of(path: PathLike) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def growing_file(path: PathLike) -> Iterator[IO[bytes]]:
    """An open file to read from its beginning and to add to at its end: what is flushed survives a kill.

    The one kind of output that is not there as a whole; who opens it tells a half-written end, and cuts it off.

    Raises:
        InputError: See :func:`check_target`; and where another process adds to it.
        OSError: If the place cannot be written to.
    """
    path = os.fspath(path)
    check_target(path)
    os.makedirs(os.path.dirname(os.path.realpath(path)), exist_ok=True)
    with open(path, 'a+b') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f'{path}: another process is writing to it; wait for it, or give another name') from error
        except OSError:  # some network disks have no locks
            pass
        file.seek(0)
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def locked_folder(path: PathLike) -> Iterator[None]:
    """One process at a time, where the disk has locks."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _to_disk(path: str) -> None:
    """Wait until a file or the names in a folder have reached the disk; a power cut then finds them there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
