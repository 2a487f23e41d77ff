"""What tells the rows of a table apart: the names of samples, the part of a video that one is, its split."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_columns import Columns
from kss_mm.graph.label_readers.label_samples import Found, Times
from kss_mm.graph.label_readers.label_splits import split_names


@dataclass
class RowKeys:
    """Names, times and splits of the rows of a table, collected as they are read.

    Args:
        header: Names of the columns.
        columns: Which of them are what.
    """

    header: list[str]
    columns: Columns
    names: list[str] = field(default_factory=list)
    times: list[tuple[str, ...]] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)

    def add(self, number: int, row: list[str]) -> None:
        if self.columns.key:
            name = row[self.columns.key[0]].strip()
            if not name and self.columns.key_is_named:
                raise InputError(f'row {number} has no name in column {shown(self.header[self.columns.key[0]])}; fill '
                                 'it in, or take the row out')
            self.names.append(name)
            if len(self.columns.key) > 1:
                self.times.append(tuple(row[p].strip() for p in self.columns.key[1:]))
        if self.columns.split is not None:
            self.splits.append(row[self.columns.split])

    def _times_header(self) -> str:
        return ', '.join(self.header[p] for p in self.columns.key[1:])

    def ids(self) -> list[str]:
        return [' '.join((name, *times)) for name, times in zip(self.names, self.times)] if self.times else self.names

    def repeat(self) -> bool:
        return len(set(self.ids())) < len(self.names)

    def describe(self, found: Found) -> Found:
        """Put into ``found`` the names of its samples, and what was not taken for a label."""
        if self.columns.key and (self.columns.key_is_named or not self.repeat()):
            found.ids = self.ids()
            if self.times:
                found.files, found.times = self.names, seconds_of(self.times)
                if found.times is None and len(self.times[0]) > 1:
                    found.notes.append(f'{shown(self._times_header())} do not hold begin and end of every sample in '
                                       'seconds, and only tell samples apart')
        if aside := [self.header[p] or 'the one without a name' for p in self.columns.aside]:
            found.notes.append(f'columns that are not classes: {shown(", ".join(aside))}')
        if self.columns.split is not None:
            found.splits = split_names(self.header[self.columns.split], self.splits)
        return found


def seconds_of(times: Sequence[Sequence[str]]) -> list[Times] | None:
    """Begin and end of every sample in seconds; None where its columns are not these two."""
    try:
        parts = [tuple(map(float, pair)) for pair in times]
    except ValueError:
        return None
    return parts if all(len(pair) == 2 and 0 <= pair[0] < pair[1] < math.inf for pair in parts) else None
