"""Rows of long tables of 0 and 1, read without making a text of each cell: a hundred million of them in seconds."""

import csv
import re
from collections.abc import Iterator, Sequence

import numpy as np

_LINE = re.compile(r'[^\r\n]*(?:\r\n?|\n)|[^\r\n]+')
#: How pandas and others write 0 and 1; no two of them make a third.
_FORMS = (('.', (('1.0', '1'), ('0.0', '0'))), ('u', (('True', '1'),)), ('l', (('False', '0'),)),
          ('U', (('TRUE', '1'),)), ('L', (('FALSE', '0'),)), ('-', (('-1', '\0'),)))  # no text file has a NUL
_ZERO, _ONE, _UNKNOWN = b'01\0'


class NotPlainError(Exception):
    """A row that has to be read cell by cell."""


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text with their ends, whichever these are, one at a time."""
    if text.count('\r') != text.count('\r\n'):
        yield from (match[0] for match in _LINE.finditer(text))
        return
    start = 0
    while stop := text.find('\n', start) + 1:
        yield text[start:stop]
        start = stop
    if start < len(text):
        yield text[start:]


def quick_rows(text: str, delimiter: str, classes: Sequence[int], width: int,
               unknown: int) -> Iterator[tuple[int, list[str], np.ndarray]]:
    """Line number, cells before the classes, and 0, 1 or ``unknown`` of every class; without the header's row.

    Args:
        classes: Positions of the columns of classes.
        width: Number of columns.
        unknown: What stands for -1, up to 255.

    Raises:
        NotPlainError: If the classes are not the last columns, or a row holds something else, such as a quoted cell
            among them or a wrong value.
    """
    before = width - len(classes)
    if list(classes) != list(range(before, width)) or not before:
        raise NotPlainError
    header = True
    for number, line in enumerate(lines_of(text), 1):
        line = line.rstrip('\r\n')
        if not line:
            continue
        if header:
            if len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))) != width:
                raise NotPlainError  # a header of several lines
            header = False
            continue
        stop = _end_of_head(line, delimiter, before)
        yield number, _cells(line[:stop], delimiter, before), _codes(line[stop + 1:], delimiter, len(classes), unknown)


def _end_of_head(line: str, delimiter: str, before: int) -> int:
    """Where the delimiter after the first cells is."""
    quote = line.rfind('"')
    stop = line.find(delimiter, quote + 1)
    missing = before - 1 if quote < 0 else before - len(_cells(line[:stop], delimiter))
    for _ in range(missing):
        stop = line.find(delimiter, stop + 1)
        if stop < 0:
            break
    if stop < 0 or missing < 0:
        raise NotPlainError
    return stop


def _cells(head: str, delimiter: str, count: int | None = None) -> list[str]:
    if '"' not in head:
        cells = head.split(delimiter)
    else:
        try:
            cells = next(csv.reader([head], delimiter=delimiter, skipinitialspace=delimiter != '\t', strict=True))
        except csv.Error:
            raise NotPlainError from None
    if count is not None and (len(cells) != count or not any(map(str.strip, cells))):
        raise NotPlainError
    return cells


def _codes(tail: str, delimiter: str, count: int, unknown: int) -> np.ndarray:
    for sign, forms in _FORMS:
        if sign in tail:
            for written, short in forms:
                tail = tail.replace(written, short)
    if len(tail) != 2 * count - 1 or not tail.isascii():
        raise NotPlainError
    characters = np.frombuffer(tail.encode('ascii'), np.uint8)
    values = characters[::2]
    if (characters[1::2] != ord(delimiter)).any() or not (
            (values == _ZERO) | (values == _ONE) | (values == _UNKNOWN)).all():
        raise NotPlainError
    return np.where(values == _UNKNOWN, unknown, values - _ZERO).astype(np.uint8)
