"""Samples that belong together, so that a split does not tear them apart."""

import os

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph.label_readers.table_rows import table_rows
from kss_mm.starter.samples import Samples
from kss_mm.text_files import read_text

#: What ``--group`` says to take the folder of a file for its group.
BY_FOLDER = 'by-folder'


def groups_of(samples: Samples, table: PathLike, group: str | None) -> list[str]:
    """A name of a group for every sample; parts of one file are a group by themselves.

    Args:
        group: A column of the table, ``BY_FOLDER``, or None for files alone.

    Raises:
        InputError: For a column that is not there, or a sample without a value in it.
    """
    if group is None:
        return list(samples.names)
    if group == BY_FOLDER:
        return [os.path.dirname(name) for name in samples.names]
    values = _column(table, group)
    missing = next((place for place in samples.places if not values.get(place)), None)
    if missing is not None:
        raise InputError(f'{table}: {missing} has nothing in column {shown(group)}, by which the samples are grouped; '
                         'fill it in')
    # A video that has several groups would tie them together: its first row counts for all of its parts.
    first: dict[str, str] = {}
    return [first.setdefault(name, values[place]) for name, place in zip(samples.names, samples.places)]


def _column(table: PathLike, column: str) -> dict[str, str]:
    """The cells of a column by place."""
    if not str(table).lower().endswith(('.csv', '.tsv')):
        raise InputError(f'--group {shown(column)[1:-1]}: {table} is no table with columns; --group {BY_FOLDER} goes '
                         'by the folders of the files')
    rows, _ = table_rows(read_text(table, 'table of labels'), '\t' if str(table).lower().endswith('.tsv') else ',')
    _, header = next(rows, (0, []))
    header = [cell.strip() for cell in header]
    if header.count(column) != 1:
        raise InputError(f'{table}: --group {shown(column)}: no such column, or twice; the columns are '
                         f'{shown(", ".join(header), 400)}')
    return {f'row {number}': row[header.index(column)].strip() for number, row in rows}
