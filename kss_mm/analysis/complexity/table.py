"""Aligned columns of text."""

from collections.abc import Sequence

GIGA = 1e9
MEBI = 2**20


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    return '\n'.join('  '.join(cell.rjust(width) if index else cell.ljust(width)
                               for index, (cell, width) in enumerate(zip(row, widths))).rstrip()
                     for row in (header, *rows))
