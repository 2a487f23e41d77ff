"""Class names: what every list of them has to be, wherever it comes from."""

import difflib
import unicodedata
from collections.abc import Iterable

from kss_mm.errors import InputError, shown

#: Names are shown in tables and pictures; the longest of ImageNet's has 121 characters.
LONGEST_NAME = 500
# Characters that turn the direction of writing round, so that a line shows another text than it holds.
_DIRECTIONS = frozenset('\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')


def check_classes(classes: Iterable[str]) -> tuple[str, ...]:
    """The class names as a tuple.

    >>> check_classes(['dog', 'cat'])
    ('dog', 'cat')

    Raises:
        InputError: None, an empty one, one that comes twice, one that a terminal or a picture could not show.
    """
    classes = tuple(classes)
    if not classes:
        raise InputError('there are no classes; a label graph needs at least one')
    first: dict[str, int] = {}
    for index, name in enumerate(classes):
        if not isinstance(name, str) or not name.strip():
            raise InputError(f'class {index} (counted from 0) has no name: {shown(name)}')
        if len(name) > LONGEST_NAME or not name.isprintable() and any(map(_moves_the_cursor, name)):
            raise InputError(f'class {index} (counted from 0) has a name of more than {LONGEST_NAME} characters or '
                             f'with control characters: {shown(name)}')
        if name in first:
            raise InputError(f'class name {shown(name)} comes twice (classes {first[name]} and {index}, counted from '
                             '0); make the names different')
        first[name] = index
    return classes


def did_you_mean(name: str, classes: Iterable[str]) -> str:
    """A question for the class that is called almost like ``name``, for the end of a message; '' where none is.

    >>> did_you_mean('gren', ['red', 'green'])
    "; did you mean 'green'?"
    """
    near = difflib.get_close_matches(name, list(classes), n=1)
    return f'; did you mean {shown(near[0])}?' if near else ''


def _moves_the_cursor(character: str) -> bool:
    return unicodedata.category(character) in ('Cc', 'Cs') or character in _DIRECTIONS
