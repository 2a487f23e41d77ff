"""CSV and TSV tables of labels: a cell with all labels of a sample, a column a class, or a row a label."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_cells import split_cells
from kss_mm.graph.label_readers.label_columns import Columns, columns_of, names_a_file
from kss_mm.graph.label_readers.label_samples import Found
from kss_mm.graph.label_readers.label_studio import is_label_studio_header, read_label_studio
from kss_mm.graph.label_readers.quick_rows import NotPlainError, quick_rows
from kss_mm.graph.label_readers.row_keys import RowKeys
from kss_mm.graph.label_readers.table_rows import DELIMITERS, PEEKED, prepared, rows_of
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.json_files import parse_json

_UNKNOWN_CODE = 2  # a byte, as -1 is not
_WORDS = {'true': 1, 'false': 0, 'yes': 1, 'no': 0}


class _Values(dict):
    """0, 1, or 2 for unknown (-1), by cell, however it is written; KeyError for another cell."""

    def __missing__(self, cell: str) -> int:
        text = cell.strip().lower()
        value = _WORDS.get(text)
        if value is None:
            try:
                value = float(text)
            except ValueError:
                raise KeyError(cell) from None
            if value not in (0, 1, UNKNOWN):
                raise KeyError(cell)
        self[cell] = _UNKNOWN_CODE if value == UNKNOWN else int(value)
        return self[cell]

    def has(self, cell: str) -> bool:
        try:
            self[cell]
        except KeyError:
            return False
        return True


def read_table(text: str, delimiter: str, classes: Sequence[str] | None = None, *, separator: str | None = None,
               label_column: str | None = None, id_column: str | None = None) -> Found:
    """The samples of a table.

    Args:
        text: The whole file, its line ends as they are.
        delimiter: What the file's suffix says is between columns; another that fits better is taken, and said.
        classes: The class names, where known.
        separator: What is between the labels in a cell; None finds it.
        label_column: The column of labels; None finds it.
        id_column: The column that names the samples; None finds it.

    Raises:
        InputError: Naming row and column.
    """
    text, used = prepared(text, delimiter)
    empty: list[int] = []
    rows = rows_of(text, used, empty)
    _, header = next(rows, (0, []))
    header = [cell.strip() for cell in header]
    peeked = list(itertools.islice(rows, PEEKED))
    if not peeked:
        raise InputError('expected a header and at least one row')
    if is_label_studio_header(header) and separator is None and id_column is None:
        return _label_studio(header, itertools.chain(peeked, rows), label_column)
    values = _Values()
    _check_header(header, peeked[0][1], values)
    columns = columns_of(header, [row for _, row in peeked], values.has, classes, label_column, id_column)
    rows = itertools.chain(peeked, rows)
    if columns.labels is None:
        try:
            found = _read_classes(header, columns, quick_rows(text, used, columns.classes, len(header), _UNKNOWN_CODE))
        except NotPlainError:
            found = _read_classes(header, columns, _coded(header, rows, columns, values))
    else:
        found = _read_labels(header, rows, columns, classes, separator)
    if empty:
        found.notes.append(f'{len(empty)} empty rows are left out, the first is row {empty[0]}')
    if used != delimiter:
        found.notes.insert(0, f'{DELIMITERS.get(used, shown(used))} between columns')
    return found


def _label_studio(header: list[str], rows: Iterator[tuple[int, list[str]]], label_column: str | None) -> Found:
    """A row an annotation, whose cells are texts or JSON."""
    numbers, records = [], []
    for number, row in rows:
        numbers.append(number)
        records.append({name: parse_json(cell, f'row {number}, column {shown(name)}') if cell[:1] in ('[', '{')
                        and name != 'history' else cell for name, cell in zip(header, row)})
    return read_label_studio(records, label_column, 'row', numbers)


def _check_header(header: list[str], first: list[str], values: _Values) -> None:
    """Column names, not the first sample."""
    if any(map(names_a_file, header)) and any(map(names_a_file, first)):
        raise InputError(f'row 1 is a sample and not a header: {shown(", ".join(header))}; put the names of the '
                         'columns before it, such as file,labels')
    numbers = [cell for cell in header[1:] if cell and values.has(cell)]
    if numbers and len(numbers) == len(header) - 1 and (
            len(set(numbers)) < len(numbers) or '.' in header[0] or '/' in header[0]):
        raise InputError(f'row 1 is a sample and not a header: {shown(", ".join(header))}; put the names of the '
                         'columns before it')


def _read_classes(header: list[str], columns: Columns, coded: Iterator[tuple[int, list[str], np.ndarray]]) -> Found:
    """A column of 0 and 1 for every class.

    Args:
        coded: Number, first cells and codes of the classes of every row.
    """
    found = Found([], classes=[header[p] for p in columns.classes], place='row', numbers=[])
    positions, entries, counts, keys = [], [], [], RowKeys(header, columns)
    for number, row, codes in coded:
        filled = codes.nonzero()[0]
        positions.append(filled)
        entries.append(codes[filled])
        counts.append(len(filled))
        found.numbers.append(number)
        keys.add(number, row)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    indices = np.concatenate(positions).astype(np.int64)
    data = np.where(np.concatenate(entries) == _UNKNOWN_CODE, UNKNOWN, 1).astype(np.int64)
    found.labels = sp.csr_matrix((data, indices, indptr), (len(counts), len(columns.classes)))
    return keys.describe(found)


def _coded(header: list[str], rows: Iterator[tuple[int, list[str]]], columns: Columns,
           values: _Values) -> Iterator[tuple[int, list[str], np.ndarray]]:
    """Rows with the codes of their classes, cell by cell."""
    contiguous = columns.classes == list(range(columns.classes[0], columns.classes[-1] + 1))
    part = slice(columns.classes[0], columns.classes[-1] + 1)
    for number, row in rows:
        cells = row[part] if contiguous else [row[p] for p in columns.classes]
        try:
            yield number, row, np.frombuffer(bytes(map(values.__getitem__, cells)), np.uint8)
        except KeyError:
            raise _bad_cell(number, header, columns, row, values) from None


def _read_labels(header: list[str], rows: Iterator[tuple[int, list[str]]], columns: Columns,
                 classes: Sequence[str] | None, separator: str | None) -> Found:
    """A column that holds the labels of a sample, or one of them a row."""
    found = Found([], place='row', numbers=[])
    cells, denied, more, keys = [], 0, [], RowKeys(header, columns)
    for number, row in rows:
        found.numbers.append(number)
        cell = row[columns.labels]
        if columns.confidence is not None:
            value = row[columns.confidence].strip()
            if value not in ('0', '1', '0.0', '1.0'):
                raise InputError(f'row {number}, column {shown(header[columns.confidence])} holds {shown(value)}: keep '
                                 'the rows of labels that you are sure of, and take the column out')
            if float(value) == 0:  # Open Images: somebody looked, and it is not there
                cell, denied = '', denied + 1
        cells.append(cell)
        if columns.more_labels:
            texts = (row[p].strip() for p in (columns.labels, *columns.more_labels))
            more.append(list(dict.fromkeys(filter(None, texts))))
        keys.add(number, row)
    one_each = columns.key_is_named and keys.repeat()
    if more:
        found.labels, notes = more, []
    else:
        found.labels, notes = split_cells(cells, found.where, classes, separator, one_each=one_each)
    names = [header[p] for p in (columns.labels, *columns.more_labels)]
    found.notes += [f'labels are in column {shown(", ".join(names))}', *notes]
    if denied:
        found.notes.append(f'{denied:,} rows of confidence 0 are not labels')
    return keys.describe(found)


def _bad_cell(number: int, header: list[str], columns: Columns, row: list[str], values: _Values) -> InputError:
    position = next(p for p in columns.classes if not values.has(row[p]))
    cell = row[position].strip()
    remedy = (f'an empty cell says nothing: write 0 or 1, or {UNKNOWN} for unknown' if not cell else
              'binarise counts and scores, take out columns that are not classes (or give --classes names.txt), or put '
              'names into a column "labels" (or say by --label-column which it is)')
    return InputError(f'row {number}, column {shown(header[position])} holds {shown(cell)}, other than 0 and 1; '
                      f'{remedy}')
