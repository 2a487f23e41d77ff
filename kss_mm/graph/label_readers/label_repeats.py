"""Rows of one sample: joined where each holds one of its labels or all hold the same, refused where they differ."""

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_samples import Found


def merge_repeats(matrix: sp.csr_matrix, found: Found, listed: bool) -> tuple[sp.csr_matrix, np.ndarray]:
    """The matrix with one row a sample, and the first row of each in the file.

    Args:
        matrix: Labels of every row of the file, (N, K).
        listed: Whether a row lists labels, so that one label a row may be a way to write several.

    Raises:
        InputError: Naming both rows of a sample that have different labels.
    """
    place: dict[str, int] = {}
    target = np.array([place.setdefault(name, len(place)) for name in found.ids])
    _, first = np.unique(target, return_index=True)
    before = first[target]
    repeats = np.flatnonzero(before != np.arange(len(target)))
    one_a_row = listed and not (matrix.nnz and (matrix != 0).sum(axis=1).max() > 1)
    if not one_a_row:
        different = np.flatnonzero((matrix[repeats] != matrix[before[repeats]]).getnnz(axis=1))
        if different.size:
            row = repeats[different[0]]
            raise InputError(f'{shown(found.ids[row])} stands in {found.where(before[row])} and {found.where(row)} '
                             f'with other labels{_others(different.size)}; leave one of them'
                             + (', or --separator none if every row holds one label'
                                if listed and found.place == 'row' else ''))
    row = repeats[0]
    found.notes.append(f'{"one label a row" if one_a_row else "repeated rows"}: {len(target):,} rows are '
                       f'{len(place):,} samples ({shown(found.ids[row])} in {found.where(before[row])} and '
                       f'{found.where(row)})')
    entries = matrix.tocoo()
    summed = sp.csr_matrix((entries.data, (target[entries.row], entries.col)), (len(place), matrix.shape[1]))
    summed.data[:] = np.sign(summed.data)  # rows of one sample are the same, or hold one label each
    return summed, first


def check_same_split(found: Found) -> None:
    """Raise an InputError for a sample whose rows are of different splits: training would see what is held out."""
    splits: dict[str, tuple[int, str]] = {}
    for row, (name, split) in enumerate(zip(found.ids, found.splits)):
        first, other = splits.setdefault(name, (row, split))
        if other != split:
            raise InputError(f'{shown(name)} is {shown(other)} in {found.where(first)} and {shown(split)} in '
                             f'{found.where(row)}; a sample belongs to one split')


def _others(count: int) -> str:
    return f' ({count:,} rows are like that)' if count > 1 else ''
