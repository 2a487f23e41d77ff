"""Separators of the labels in a cell, and errors of a cell that could be one label or several."""

import re
import unicodedata
from collections.abc import Iterable

#: Separators by the pattern that finds them, of East Asian writing too; None leaves the cell whole.
SEPARATORS = {name: pattern and re.compile(pattern) for name, pattern in {
    '': None, ';': '[;；]', '|': '[|｜]', '; and |': '[;；|｜]', ',': '[,，、]',
    'line breaks': r'[\r\n]+', 'tabs': r'\t+', '/': '/', '+': r'\+', '&': '&', 'blanks': r'\s+'}.items()}
#: A label index, also as pandas writes a column that has gaps: 3.0.
INDEX = re.compile(r'[0-9]{1,9}(?:\.0+)?')


class CellError(Exception):
    """An error in a cell, which the message does not name."""

    def __init__(self, cell: str, message: str):
        super().__init__(message)
        self.cell = cell


def composed(text: str) -> str:
    """A text with its accents in one form, so that equal names are equal."""
    return text if text.isascii() else unicodedata.normalize('NFC', text)


def parts_of(cell: str, pattern: re.Pattern | None) -> list[str]:
    """The parts of a cell without blanks around them, and without empty ones."""
    parts = (cell,) if pattern is None else pattern.split(cell)
    return [part for part in map(str.strip, parts) if part]


def occurring(cells: Iterable[str]) -> list[str]:
    """The separators that stand in any of the cells."""
    text = '\0'.join(cells)
    return [name for name, pattern in SEPARATORS.items() if pattern is not None and pattern.search(text)]


def doubt(cell: str, separator: str) -> CellError:
    option = {'blanks': 'space', 'tabs': 'tab'}.get(separator, f"'{separator}'")
    what = 'blanks' if separator == 'blanks' else f'"{separator}"'
    return CellError(cell, f'may be one label or several between {what}: say --separator {option} for several or '
                     '--separator none for one, or give --classes names.txt and the names decide')
