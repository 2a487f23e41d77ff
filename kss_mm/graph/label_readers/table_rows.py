"""Rows of CSV and TSV tables: what is between their columns, where the header is, and cells in whole rows."""

import csv
import itertools
from collections.abc import Iterator

from kss_mm.errors import InputError
from kss_mm.graph.label_readers.quick_rows import lines_of

DELIMITERS = {',': 'commas', ';': 'semicolons', '\t': 'tabs'}
#: Rows that decide how a table is written and what its columns are; all rows are then held to it.
PEEKED = 1000


def table_rows(text: str, delimiter: str) -> tuple[Iterator[tuple[int, list[str]]], str]:
    """Line numbers and cells of the header and all rows, and what is between the columns."""
    text, used = prepared(text, delimiter)
    return rows_of(text, used, []), used


def prepared(text: str, delimiter: str) -> tuple[str, str]:
    """The table from its header on, and what is between its columns."""
    text, own = _without_preamble(text)
    return text, own or _delimiter(text, delimiter)


def _without_preamble(text: str) -> tuple[str, str | None]:
    """The table without a spreadsheet's ``sep=;`` and with AudioSet's header, whose line is a comment, as the header.
    """
    first, _, rest = text.partition('\n')
    if first.strip().lower().startswith('sep=') and len(first.strip()) == 5:
        return rest, first.strip()[-1]
    comments = list(itertools.takewhile(lambda line: line.lstrip().startswith('#'), lines_of(text)))
    if not comments:
        return text, None
    header = comments[-1].lstrip().removeprefix('#').lstrip()
    return (header if ',' in header or '\t' in header else '') + text[sum(map(len, comments)):], None


def _parsed(text: str, delimiter: str, empty: list[int] | None = None) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of rows that hold anything; those of nothing but empty cells go into ``empty``."""
    reader = csv.reader(lines_of(text), delimiter=delimiter, skipinitialspace=delimiter != '\t',
                        strict=True)
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield reader.line_num, row
            elif row and empty is not None:
                empty.append(reader.line_num)
    except csv.Error as error:  # such as a quote that is never closed, which would swallow all rows after it
        raise InputError(f'row {reader.line_num}: not a readable CSV row ({error})') from error


def _delimiter(text: str, usual: str) -> str:
    """The usual one, unless another is in all of the first rows as often and the usual one is not."""
    def columns(delimiter: str) -> int:
        try:
            widths = {len(row) for _, row in itertools.islice(_parsed(text, delimiter), PEEKED)}
        except InputError:
            return 0
        return widths.pop() if len(widths) == 1 else 0

    if columns(usual) > 1:
        return usual
    best = max(DELIMITERS, key=columns)
    return best if columns(best) > 1 else usual


def rows_of(text: str, delimiter: str, empty: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of the rows, the header's first, all of one width; ``empty`` gets those of empty ones."""
    width = None
    for number, row in _parsed(text, delimiter, empty):
        width = len(row) if width is None else width
        if len(row) != width:
            raise InputError(f'row {number} has {len(row)} cells, the header {width}; '
                             + ('a cell with several labels stands in quotes, or its labels between ";"'
                                if len(row) > width else 'write all cells, empty ones too'))
        yield number, row
