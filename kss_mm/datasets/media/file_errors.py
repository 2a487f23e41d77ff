"""What the system says of a file that cannot be opened, as errors that name it."""

from collections.abc import Iterator
from contextlib import contextmanager

from kss_mm.errors import BadFileError, MissingFileError, StorageError


@contextmanager
def named_file_errors(name: str, what: str, missing: type[MissingFileError], bad: type[BadFileError]) -> Iterator[None]:
    """Around reading a file.

    Args:
        name: Of the file, for messages.
        what: What it is to be, such as 'a video'.
        missing: Raised for a file that is not there.
        bad: Raised for a folder.

    Raises:
        StorageError: For one that may not be read.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise missing(f'{name}: no such file') from error
    except IsADirectoryError as error:
        raise bad(f'{name}: is a folder, not {what}') from error
    except OSError as error:
        raise StorageError(f'{name}: cannot be read: {error.strerror}') from error
