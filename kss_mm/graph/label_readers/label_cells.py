"""Cells of a table that hold several labels: what separates them is found where there is no doubt, else asked for."""

import re
from collections.abc import Callable, Iterable, Sequence

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_readings import split_by_names
from kss_mm.graph.label_readers.label_samples import Label
from kss_mm.graph.label_readers.label_separators import (
    INDEX,
    SEPARATORS,
    CellError,
    composed,
    doubt,
    occurring,
    parts_of,
)

#: Values of --separator that are words; any other text stands for itself.
WORDS = {'none': '', 'space': ' ', 'blank': ' ', 'tab': '\t', 'comma': ',', 'semicolon': ';', 'bar': '|'}
#: No name holds these, so that they separate without a doubt.
CERTAIN = (';', '|', 'line breaks', 'tabs')
# "(no genres listed)" is a name; round brackets and braces hold a list only where quotes or numbers follow.
_LIST = re.compile(r"""(?s)\[.*\]|\((?:\s*['"\d].*)?\)|\{(?:\s*['"\d].*)?\}|(?:frozen)?set\(.*\)""")
_QUOTED = re.compile(r"""(?s)\s*(['"])((?:\\.|(?!\1).)*)\1\s*(,?)""")
_ESCAPE = re.compile(r'(?s)\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)')
_ESCAPED = {'n': '\n', 't': '\t', 'r': '\r'}
_INDICES = re.compile(r'[0-9]+(?:\.0+)?(?:[\s,;|]+[0-9]+(?:\.0+)?)*')
_NUMBERS = re.compile(r'[0-9.\s]+')
_BETWEEN_NUMBERS = re.compile(r'[\s,;|]+')

Split = dict[str, list[Label]]


def split_cells(cells: Sequence[str], where: Callable[[int], str], classes: Sequence[str] | None = None,
                separator: str | None = None, *, one_each: bool = False) -> tuple[list[list[Label]], list[str]]:
    """The labels of every cell, names or indices, and how they were told apart.

    Args:
        where: What messages call the place of a cell, by its index.
        classes: The class names; they decide, where given.
        separator: What ``--separator`` says; a word of ``WORDS`` or the separator itself.
        one_each: The file is known to hold one label a cell, so that only doubtless separators split one.

    Raises:
        InputError: Naming a cell that could be one label or several.
    """
    cells = [composed(cell.strip()) for cell in cells]
    classes = classes and [composed(name) for name in classes]
    try:
        split, how = _split(list(dict.fromkeys(cells)), classes, separator, one_each)
    except CellError as error:
        raise InputError(f'{where(cells.index(error.cell))}: {shown(error.cell)} {error}') from None
    if not any(map(INDEX.fullmatch, classes or ())):
        split = {cell: list(map(_index_or_name, labels)) for cell, labels in split.items()}
    return [split[cell] for cell in cells], [f'labels within a cell: {how}'] if how else []


def _split(distinct: list[str], classes: Sequence[str] | None, separator: str | None,
           one_each: bool) -> tuple[Split, str]:
    filled = [cell for cell in distinct if cell]
    if separator is not None:
        separator = WORDS.get(separator.lower(), separator)
        return _separated(distinct, _pattern(separator)), ''
    if filled and all(map(_LIST.fullmatch, filled)):
        return {cell: _parse_list(cell, cell) for cell in distinct}, 'a list in every cell'
    if classes is not None:
        return split_by_names(distinct, classes)
    return _without_names(distinct, filled, one_each)


def _pattern(separator: str) -> re.Pattern | None:
    if separator in (*CERTAIN, ','):
        return SEPARATORS[separator]
    return SEPARATORS['blanks'] if separator == ' ' else re.compile(re.escape(separator)) if separator else None


def _index_or_name(label: Label) -> Label:
    return int(label.partition('.')[0]) if isinstance(label, str) and INDEX.fullmatch(label) else label


def _separated(cells: Iterable[str], pattern: re.Pattern | None) -> Split:
    return {cell: parts_of(cell, pattern) for cell in cells}


def _parse_list(text: str, cell: str) -> list[Label]:
    """The items of a list as Python, JSON or NumPy writes it; never two strings in a row as one, as Python has it."""
    if text.startswith(('set(', 'frozenset(')):
        return _parse_list(text.partition('(')[2][:-1].strip(), cell)
    inner = text[1:-1].strip()
    if not inner.startswith(('"', "'")):
        if any(character in inner for character in '[]{}()"'):
            raise CellError(cell, 'is not a plain list of labels')
        return parts_of(inner, SEPARATORS['blanks' if _NUMBERS.fullmatch(inner) else ','])
    labels, position = [], 0
    while position < len(inner):
        match = _QUOTED.match(inner, position)
        if not match:
            raise CellError(cell, 'is not a plain list of labels')
        labels.append(_unescaped(match[2]).strip())
        position = match.end()
    return [label for label in labels if label]


def _unescaped(text: str) -> str:
    """A quoted text as Python and JSON mean it: ``\\u00d6`` is an umlaut, and two of them may be one character."""
    text = _ESCAPE.sub(lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else
                       _ESCAPED.get(found[1], found[1]), text)
    return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'surrogatepass')


def _without_names(cells: list[str], filled: list[str], one_each: bool) -> tuple[Split, str]:
    if listed := [cell for cell in filled if _LIST.fullmatch(cell)]:
        raise CellError(listed[0], 'is a list, other cells are not; write all of them alike')
    if all(map(_INDICES.fullmatch, filled)):
        return _separated(cells, _BETWEEN_NUMBERS), ''
    there = occurring(filled)
    certain = {name: [cell for cell in filled if SEPARATORS[name].search(cell)] for name in CERTAIN if name in there}
    if len(certain) > 1:
        (first, _), (second, lists) = list(certain.items())[:2]
        raise CellError(lists[0], f'has {second} between its parts, other cells have {first}; say by --separator '
                         'which one is between labels, or give --classes names.txt')
    if certain:
        (name,) = certain
        _check_commas(filled, name)
        return _separated(cells, SEPARATORS[name]), f'separated by {name}'
    lists, recurring = _lists(filled, ',')
    if lists and recurring == len(lists):
        return _separated(cells, SEPARATORS[',']), 'separated by ,'
    if lists and (recurring or not one_each):
        raise doubt(lists[0], ',')
    for name in () if one_each else ('/', '+', '&', 'blanks'):
        lists, recurring = _lists(filled, name)
        if recurring or lists and name == 'blanks':
            raise doubt(lists[0], name)
    return _separated(cells, None), ''


def _check_commas(cells: list[str], separator: str) -> None:
    """Commas belong to names where something else separates, unless a cell has only them and a label beside them."""
    pattern = SEPARATORS[separator]
    labels = {label for cell in cells for label in parts_of(cell, pattern)}
    for cell in cells:
        parts = parts_of(cell, SEPARATORS[','])
        if len(parts) > 1 and not pattern.search(cell) and not labels.isdisjoint(parts):
            raise CellError(cell, f'has "," between its parts, other cells have {separator}; write all alike, or give '
                            '--classes names.txt and the names decide')


def _lists(cells: list[str], separator: str) -> tuple[list[str], int]:
    """The cells of several parts, and how many of them have a part that stands in another cell too, as in lists.

    Of names that hold the separator themselves ("maillot, tank suit") few or none do.
    """
    split = _separated(cells, SEPARATORS[separator])
    cells_of: dict[str, int] = {}
    for parts in split.values():
        for part in set(parts):
            cells_of[part] = cells_of.get(part, 0) + 1
    lists = [cell for cell, parts in split.items() if len(parts) > 1]
    return lists, sum(any(cells_of[part] > 1 for part in split[cell]) for cell in lists)
