"""Cells of a table that hold several labels: what separates them is found where there is no doubt, else asked for."""

import re
from collections.abc import Callable, Iterable, Sequence

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_samples import Label

#: Values of --separator that are words; any other text stands for itself.
WORDS = {'none': '', 'space': ' ', 'blank': ' ', 'tab': '\t', 'comma': ',', 'semicolon': ';', 'bar': '|'}
#: Separators that are tried where class names decide, by the pattern that finds them.
CANDIDATES = {'': None, ';': ';', '|': r'\|', '; and |': '[;|]', ',': ',', 'line breaks': r'[\r\n]+', 'tabs': r'\t+',
              '/': '/', '+': r'\+', '&': '&', 'blanks': r'\s+'}
#: No name holds these, so that they separate without a doubt.
CERTAIN = (';', '|', 'line breaks', 'tabs')
# "(no genres listed)" is a name; round brackets and braces hold a list only where quotes or numbers follow.
_LIST = re.compile(r"""(?s)\[.*\]|\((?:\s*['"\d].*)?\)|\{(?:\s*['"\d].*)?\}|(?:frozen)?set\(.*\)""")
_QUOTED = re.compile(r"""(?s)\s*(['"])((?:\\.|(?!\1).)*)\1\s*(,?)""")
_INDEX = re.compile(r'[0-9]{1,9}(?:\.0+)?')
_INDICES = re.compile(r'[0-9]+(?:\.0+)?(?:[\s,;|]+[0-9]+(?:\.0+)?)*')

Split = dict[str, list[Label]]


class _CellError(Exception):
    """What is wrong with a cell, which the message does not name."""

    def __init__(self, cell: str, message: str):
        super().__init__(message)
        self.cell = cell


def split_cells(cells: Sequence[str], where: Callable[[int], str], classes: Sequence[str] | None = None,
                separator: str | None = None, *, one_each: bool = False) -> tuple[list[list[Label]], list[str]]:
    """The labels of every cell, names or indices, and how they were told apart.

    Args:
        where: what messages call the place of a cell, by its index.
        classes: the class names; they decide, where given.
        separator: what ``--separator`` says; a word of ``WORDS`` or the separator itself.
        one_each: the file is known to hold one label a cell, so that only doubtless separators split one.

    Raises:
        InputError: naming a cell that could be one label or several.
    """
    cells = [cell.strip() for cell in cells]
    try:
        split, how = _split(list(dict.fromkeys(cells)), classes, separator, one_each)
    except _CellError as error:
        raise InputError(f'{where(cells.index(error.cell))}: {shown(error.cell)} {error}') from None
    if not any(map(_INDEX.fullmatch, classes or ())):
        split = {cell: list(map(_index_or_name, labels)) for cell, labels in split.items()}
    return [split[cell] for cell in cells], [f'labels within a cell: {how}'] if how else []


def _split(distinct: list[str], classes: Sequence[str] | None, separator: str | None,
           one_each: bool) -> tuple[Split, str]:
    filled = [cell for cell in distinct if cell]
    if separator is not None:
        separator = WORDS.get(separator.lower(), separator)
        return _separated(distinct, _pattern(separator) if separator else None), ''
    if filled and all(map(_LIST.fullmatch, filled)):
        return {cell: _parse_list(cell, cell) for cell in distinct}, 'a list in every cell'
    if classes is not None:
        return _by_names(distinct, classes)
    return _without_names(distinct, filled, one_each)


def _index_or_name(label: Label) -> Label:
    return int(label.partition('.')[0]) if isinstance(label, str) and _INDEX.fullmatch(label) else label


def _pattern(separator: str) -> str:
    return r'\s+' if separator == ' ' else re.escape(separator)


def _parts(cell: str, pattern: str | None) -> list[str]:
    parts = [cell] if pattern is None else re.split(pattern, cell)
    return [part.strip() for part in parts if part.strip()]


def _separated(cells: Iterable[str], pattern: str | None) -> Split:
    return {cell: _parts(cell, pattern) for cell in cells}


def _parse_list(text: str, cell: str) -> list[Label]:
    """The items of a list as Python, JSON or NumPy writes it; never two strings in a row as one, as Python has it."""
    if text.startswith(('set(', 'frozenset(')):
        return _parse_list(text.partition('(')[2][:-1].strip(), cell)
    inner = text[1:-1].strip()
    if not inner.startswith(('"', "'")):
        if any(character in inner for character in '[]{}()"'):
            raise _CellError(cell, 'is no plain list of labels')
        return _parts(inner, ',' if ',' in inner or not re.fullmatch(r'[0-9.\s]+', inner) else r'\s+')
    labels, position = [], 0
    while position < len(inner):
        match = _QUOTED.match(inner, position)
        if not match:
            raise _CellError(cell, 'is no plain list of labels')
        labels.append(re.sub(r'\\(.)', r'\1', match[2]).strip())
        position = match.end()
    return [label for label in labels if label]


def _by_names(cells: list[str], classes: Sequence[str]) -> tuple[Split, str]:
    """Where class names are known, what separates is whatever leaves nothing but names and indices."""
    readings: list[tuple[str, Split]] = []
    doubtful: list[tuple[str, str]] = []
    fewest: tuple[int, str, str | None] | None = None
    text = '\0'.join(cells)
    for name, pattern in CANDIDATES.items():
        if pattern and not re.search(pattern, text):
            continue
        segment = _segmenter(classes, pattern)
        found = {cell: segment(cell) for cell in cells}
        wrong = [cell for cell, ways in found.items() if not ways]
        if not wrong:
            readings.append((name, {cell: ways[0] for cell, ways in found.items()}))
            doubtful += [(cell, name) for cell, ways in found.items() if len(ways) > 1][:1]
        elif fewest is None or len(wrong) < fewest[0]:
            fewest = (len(wrong), wrong[0], pattern)
    if not readings:
        known = set(classes)
        _, cell, pattern = fewest
        odd = next((part for part in _parts(cell, pattern) if part not in known), cell)
        raise _CellError(cell, f'has label {shown(odd)}, which is not one of the {len(classes)} classes; if it holds '
                         'several, --separator says what is between them')
    if doubtful:
        raise _doubt(*doubtful[0])
    (name, split), *others = readings
    for other, reading in others:
        for cell in cells:
            if reading[cell] != split[cell]:
                raise _doubt(cell, other)
    return split, f'separated by {name}' if name else ''


def _segmenter(classes: Sequence[str], pattern: str | None) -> Callable[[str], list[list[Label]]]:
    """A function that gives the readings of a cell as names and indices, two at most.

    Names may hold the separator themselves ("salt, pepper", "hot dog"); parts are joined wherever that gives a name.
    """
    names = {tuple(_parts(name, pattern)): name for name in classes}
    longest = max(map(len, names), default=1)
    digits = not any(_INDEX.fullmatch(name) for name in classes)

    def segment(cell: str) -> list[list[Label]]:
        parts = _parts(cell, pattern)
        # readings[i]: those of the parts from i on, so that every part is looked at a few times only.
        readings: list[list[list[Label]]] = [[] for _ in parts] + [[[]]]
        for start in range(len(parts) - 1, -1, -1):
            for stop in range(start + 1, min(start + longest, len(parts)) + 1):
                name = names.get(tuple(parts[start:stop]))
                if name is None and digits and stop == start + 1 and _INDEX.fullmatch(parts[start]):
                    name = parts[start]
                if name is not None:
                    readings[start] += [[name, *rest] for rest in readings[stop]]
            del readings[start][2:]
        return readings[0]
    return segment


def _without_names(cells: list[str], filled: list[str], one_each: bool) -> tuple[Split, str]:
    if listed := [cell for cell in filled if _LIST.fullmatch(cell)]:
        raise _CellError(listed[0], 'is a list, other cells are not; write all of them alike')
    if all(map(_INDICES.fullmatch, filled)):
        return _separated(cells, r'[\s,;|]+'), ''
    certain = {name: [cell for cell in filled if len(_parts(cell, CANDIDATES[name])) > 1] for name in CERTAIN}
    certain = {name: lists for name, lists in certain.items() if lists}
    if len(certain) > 1:
        (first, _), (second, lists) = list(certain.items())[:2]
        raise _CellError(lists[0], f'has {second} between its parts, other cells have {first}; say by --separator '
                         'which one is between labels, or give --classes names.txt')
    if certain:
        (name,) = certain
        return _separated(cells, CANDIDATES[name]), f'separated by {name}'
    lists, recurring = _lists(filled, ',')
    if lists and recurring == len(lists):
        return _separated(cells, ','), 'separated by ,'
    if lists and (recurring or not one_each):
        raise _doubt(lists[0], ',')
    for name in () if one_each else ('/', '+', '&', 'blanks'):
        lists, recurring = _lists(filled, name)
        if recurring or lists and name == 'blanks':
            raise _doubt(lists[0], name)
    return _separated(cells, None), ''


def _lists(cells: list[str], separator: str) -> tuple[list[str], int]:
    """The cells of several parts, and how many of them have a part that stands in another cell too, as in lists.

    Of names that hold the separator themselves ("maillot, tank suit") few or none do.
    """
    split = _separated(cells, CANDIDATES[separator])
    cells_of: dict[str, int] = {}
    for parts in split.values():
        for part in set(parts):
            cells_of[part] = cells_of.get(part, 0) + 1
    lists = [cell for cell, parts in split.items() if len(parts) > 1]
    return lists, sum(any(cells_of[part] > 1 for part in split[cell]) for cell in lists)


def _doubt(cell: str, separator: str) -> _CellError:
    option = {'blanks': 'space', 'tabs': 'tab'}.get(separator, f"'{separator}'")
    what = 'blanks' if separator == 'blanks' else f'"{separator}"'
    return _CellError(cell, f'may be one label or several between {what}: say --separator {option} for several or '
                      '--separator none for one, or give --classes names.txt and the names decide')
