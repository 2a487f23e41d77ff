"""Files from wherever a config's ``io_backend`` says, with errors of the place kept apart from those of the file."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mmengine.fileio import FileClient

from kss_mm.errors import InputError, MissingPackageError, StorageError, UserError

_NOT_FOUND = 404  # of HTTP


def file_client(io_backend: str, options: dict) -> FileClient:
    """MMEngine's client of a storage.

    Raises:
        InputError: For a backend or an option that does not exist.
        MissingPackageError: For one whose package is not installed.
    """
    try:
        return FileClient(io_backend, **options)
    except ImportError as error:
        raise MissingPackageError(f'io_backend={io_backend!r}: {error}') from error
    except Exception as error:  # whatever the constructor of a client makes of its options
        raise InputError(f'io_backend={io_backend!r} with {options}: {type(error).__name__}: {error}') from error


def fetch(get: Callable[[str], bytes], name: str, where: str) -> bytes:
    """The content of a file.

    Args:
        get: Method of a storage client that fetches a file by its name.
        where: The option that names the storage, for errors.

    Raises:
        FileNotFoundError: If the storage has no such file.
        StorageError: If it does not answer, or does not let it be read.
    """
    try:
        return get(name)
    except (UserError, FileNotFoundError):
        raise
    except ImportError as error:
        raise MissingPackageError(f'{where}: {error}') from error
    except Exception as error:  # whatever a client raises: that of HTTP alone has three families
        if getattr(error, 'code', None) == _NOT_FOUND:
            raise FileNotFoundError(name) from error
        raise StorageError(f'{name}: cannot be fetched by {where}: {type(error).__name__}: {error}') from error


@contextmanager
def on_disk(content: bytes) -> Iterator[str]:
    """The name of a file that holds ``content`` as long as this lasts; who has opened it can read on."""
    descriptor, path = tempfile.mkstemp(prefix='kss_mm_')
    try:
        with open(descriptor, 'wb') as file:
            file.write(content)
        yield path
    finally:
        with suppress(OSError):
            os.remove(path)
