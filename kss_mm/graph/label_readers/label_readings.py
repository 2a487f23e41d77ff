"""Cells of labels whose names are known: what separates is whatever leaves nothing but names and indices."""

import re
from collections.abc import Callable, Sequence

from kss_mm.errors import shown
from kss_mm.graph.class_names import did_you_mean
from kss_mm.graph.label_readers.label_samples import Label
from kss_mm.graph.label_readers.label_separators import INDEX, SEPARATORS, CellError, doubt, occurring, parts_of

#: Cells that a separator is tried on first: it is given up where one of them has another word than names.
TRIED = 1000


def split_by_names(cells: Sequence[str], classes: Sequence[str]) -> tuple[dict[str, list[Label]], str]:
    """The labels of every cell, and what separates them.

    Raises:
        CellError: No separator leaves names only, or more than one reading does.
    """
    readings: dict[str, dict[str, list[list[Label]]]] = {}
    for name in ('', *occurring(cells)):
        segment = _segmenter(classes, SEPARATORS[name])
        for tried in (cells[:TRIED], cells):
            found = {cell: segment(cell) for cell in tried}
            wrong = [cell for cell, ways in found.items() if not ways]
            if wrong:
                break
        if not wrong:
            readings[name] = found
    if not readings:
        raise _odd_cell(cells, set(classes))
    first, split = next(iter(readings.items()))
    for name, reading in readings.items():
        for cell, ways in reading.items():
            if len(ways) > 1 or ways != split[cell]:
                raise doubt(cell, name)
    return {cell: ways[0] for cell, ways in split.items()}, f'separated by {first}' if first else ''


def _odd_cell(cells: Sequence[str], classes: set[str]) -> CellError:
    """The first cell with another word than names, by the separator that leaves most names."""
    digits = not any(map(INDEX.fullmatch, classes))

    def known(word: str) -> bool:
        return word in classes or digits and INDEX.fullmatch(word) is not None

    best, shares = '', {}
    for name in ('', *occurring(cells)):
        words = [part for cell in cells for part in parts_of(cell, SEPARATORS[name])]
        shares[name] = sum(map(known, words)) / max(len(words), 1)
        best = name if shares[name] > shares[best] else best
    odd: dict[str, str] = {}
    for cell in cells:
        for part in parts_of(cell, SEPARATORS[best]):
            if not known(part):
                odd.setdefault(part, cell)
    (label, cell), *others = (odd or {cells[0]: cells[0]}).items()
    more = f' (nor are {len(others)} others, such as {shown(others[0][0])})' if others else ''
    hint = did_you_mean(label, classes) or '; if it holds several, --separator says what is between them'
    return CellError(cell, f'has label {shown(label)}, which is not one of the {len(classes)} classes{more}{hint}')


def _segmenter(classes: Sequence[str], pattern: re.Pattern | None) -> Callable[[str], list[list[Label]]]:
    """A function that gives the readings of a cell as names and indices, two at most.

    Names may hold the separator themselves ("salt, pepper", "hot dog"); parts are joined wherever that gives a name.
    """
    names = {tuple(parts_of(name, pattern)): name for name in classes}
    longest = max(map(len, names), default=1)
    single = {parts[0]: name for parts, name in names.items() if len(parts) == 1}
    digits = not any(map(INDEX.fullmatch, classes))

    def name_of(parts: list[str]) -> str | None:
        if len(parts) > 1:
            return names.get(tuple(parts))
        return single.get(parts[0]) or (parts[0] if digits and INDEX.fullmatch(parts[0]) else None)

    def segment(cell: str) -> list[list[Label]]:
        parts = parts_of(cell, pattern)
        if longest == 1:
            labels = [name_of([part]) for part in parts]
            return [] if None in labels else [labels]
        # readings[i]: those of the parts from i on, so that every part is looked at a few times only.
        readings: list[list[list[Label]]] = [[] for _ in parts] + [[[]]]
        for start in range(len(parts) - 1, -1, -1):
            for stop in range(start + 1, min(start + longest, len(parts)) + 1):
                name = name_of(parts[start:stop]) if readings[stop] else None
                if name is not None:
                    readings[start] += [[name, *rest] for rest in readings[stop]]
            del readings[start][2:]
        return readings[0]
    return segment
