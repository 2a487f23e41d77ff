"""Errors that the user can mend: the command-line tools show them as one line, without a stack."""

import unicodedata

# Messages quote files of anyone's making: longer ones lose their middle, longer values their end.
LONGEST_MESSAGE, KEPT_END = 1200, 400
LONGEST_VALUE = 80
# They join letters or keep them apart in names in Persian, Hindi and emoji, and move nothing.
_JOINERS = '\u200c\u200d'


def shown(value: object, limit: int = LONGEST_VALUE) -> str:
    """A value for a message: its ``repr``, cut at ``limit`` characters.

    >>> shown('dog' * 100, limit=10)
    "'dogdog..."
    """
    # A text is cut first: to quote one of a gigabyte only to throw it away would take longer than reading it.
    text = repr(value[:limit + 1] if isinstance(value, str | bytes) else value)
    return text if len(text) <= limit else f'{text[:limit - 3]}...'


def one_line(text: str) -> str:
    r"""A text without line breaks, control characters and what else could move a terminal's cursor, not too long.

    >>> one_line('two\nlines \x1b[31m')
    'two lines \\x1b[31m'
    """
    if len(text) > LONGEST_MESSAGE:
        text = f'{text[:LONGEST_MESSAGE - KEPT_END]} [...] {text[-KEPT_END:]}'
    return _visible(' '.join(text.split()))


def short_name(name: str) -> str:
    """A name of anyone's for the terminal or a picture: in one line, and not too long."""
    name = one_line(name)
    return name if len(name) <= LONGEST_VALUE else f'{name[:LONGEST_VALUE - 3]}...'


def _visible(text: str) -> str:
    # Cc, Cf, Cs, Co, Cn: control and format characters (such as those that reverse the direction), lone surrogates.
    return ''.join(character.encode('unicode_escape').decode() if unicodedata.category(character)[0] == 'C'
                   and character not in _JOINERS else character for character in text)


def _without_stack(message: str) -> str:
    """torch raises an error of a DataLoader worker anew, with the worker's stack before its text."""
    if not message.startswith('Caught ') or 'DataLoader worker' not in message.partition('\n')[0]:
        return message
    return message.strip().splitlines()[-1].partition(': ')[2]


class UserError(Exception):
    """Base of all errors that name a bad input and its remedy, in one line whatever the input holds.

    Args:
        message: The line.
        help: More lines of ours to show after it, such as how to get a data set.
    """

    def __init__(self, message: object = '', help: str = ''):
        super().__init__(one_line(_without_stack(str(message))))
        self.help = '\n'.join(map(_visible, help.splitlines()))

    def __str__(self) -> str:
        return f'{self.args[0]}\n{self.help}' if self.help else self.args[0]


class InputError(UserError, ValueError):
    """A value, file or config that cannot be used as it is."""


class MissingFileError(UserError, FileNotFoundError):
    """A file or folder that is not where it should be."""


class MissingCheckpointError(MissingFileError):
    """A checkpoint that is not where it should be."""


class BadFileError(InputError):
    """An image or video file that cannot be read; training replaces it by another."""


class BadVideoError(BadFileError):
    """A video file that cannot be read."""


class BadImageError(BadFileError):
    """An image file that cannot be read."""


class MissingVideoError(BadVideoError, MissingFileError):
    """A video file that is not where it should be."""


class MissingImageError(BadImageError, MissingFileError):
    """An image file that is not where it should be."""


class StorageError(UserError, OSError):
    """A place that files are fetched from and that does not give them: nothing is known of the files themselves."""


class MissingPackageError(UserError, ImportError):
    """A package that the requested part needs is absent, does not work, or is of an unsupported version."""


#: Its name before, which scripts may catch.
MissingHostError = MissingPackageError
