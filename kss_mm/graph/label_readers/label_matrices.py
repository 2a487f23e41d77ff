"""From what a file says of its samples to one matrix of 0 and 1: names to indices, repeated samples to one."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.graph.class_names import check_classes, did_you_mean
from kss_mm.graph.label_readers.file_names import clean_names
from kss_mm.graph.label_readers.label_repeats import check_same_split, merge_repeats
from kss_mm.graph.label_readers.label_samples import Found, Label, LabelMatrix
from kss_mm.graph.label_readers.label_separators import composed
from kss_mm.graph.label_readers.label_splits import rows_of_split, splits_note
from kss_mm.graph.statistics import label_matrix
from kss_mm.graph.unknown import UNKNOWN

#: How pandas and NumPy write a missing value; a class may be called so, if the class list says it.
MISSING_VALUES = frozenset(('nan', 'NaN', '<NA>', 'NaT', 'None', 'null', 'NULL', 'N/A', 'n/a', '#N/A', '-', '--'))
# How many names a note lists.
_NAMED = 3


def to_matrix(found: Found, wanted: Sequence[str] | None, source: dict,
              split: str | int | Sequence[str | int] | None = None) -> LabelMatrix:
    """The matrix over the classes that are wanted, or those that the file has.

    Args:
        split: Only samples of this part of the data, or of these; the classes are those of all.
    """
    own = wanted if found.classes is None else found.classes
    if sp.issparse(found.labels) or isinstance(found.labels, np.ndarray):
        classes, matrix = _checked_matrix(found, own)
        listed = False
    else:
        classes, matrix = _indexed(found, own)
        listed = True
    if found.classes is not None and wanted is not None:
        wanted = check_classes(wanted)
        matrix, classes = _in_order(matrix, classes, wanted, found), wanted
    rows = np.arange(matrix.shape[0])
    if found.ids is not None and found.files is None:
        found.files, found.ids = found.ids, clean_names(found.ids)
    if found.ids is not None and len(set(found.ids)) < len(found.ids):
        if split is not None and found.splits is not None:
            check_same_split(found)
        matrix, rows = merge_repeats(matrix, found, listed)
    splits = _taken(found.splits, rows)
    if split is not None:
        chosen = rows_of_split(splits, split)
        names = split if isinstance(split, str | int) else ', '.join(map(str, split))
        found.notes.append(f'split {shown(names)}: {len(chosen):,} of {len(rows):,} samples')
        matrix, rows, splits = matrix[chosen], rows[chosen], _taken(splits, chosen)
    elif splits is not None:
        found.notes += splits_note(splits)
    if matrix.nnz and (matrix > 0).sum(axis=1).max() < 2:
        found.notes.append('no sample has more than one label, so no label occurs together with another')
    return LabelMatrix(classes, matrix, source if split is None else {**source, 'split': split},
                       _taken(found.ids, rows), tuple(found.notes), _taken(found.files, rows),
                       _taken(found.times, rows), splits, tuple(found.where(row) for row in rows.tolist()))


def _taken(values: Sequence | None, rows: np.ndarray) -> tuple | None:
    return None if values is None else tuple(values[row] for row in rows.tolist())


def _checked_matrix(found: Found, classes: Sequence[str] | None) -> tuple[tuple[str, ...], sp.csr_matrix]:
    labels = found.labels
    if labels.ndim != 2 or labels.dtype.kind not in 'biuf':
        raise InputError(f'expected a (samples, labels) matrix of 0 and 1, got shape {tuple(labels.shape)} of '
                         f'{labels.dtype}')
    if classes is None:
        raise InputError('a matrix has no class names; give --classes names.txt, one name a line')
    if len(classes) != labels.shape[1]:
        raise InputError(f'the matrix has {labels.shape[1]} columns, but there are {len(classes)} class names')
    if not labels.shape[0]:
        raise InputError('it has no samples')
    matrix = sp.csr_matrix(labels)
    wrong = np.flatnonzero(~np.isin(matrix.data, (0, 1, UNKNOWN)))
    if wrong.size:
        row = int(np.searchsorted(matrix.indptr, wrong[0], side='right')) - 1
        value = matrix.data[wrong[0]]
        raise InputError(f'row {row}, column {matrix.indices[wrong[0]]} (counted from 0) holds {value}, a label matrix '
                         f'0 and 1 only, and {UNKNOWN} for unknown; binarise counts and scores, or replace {value} by '
                         '0 or 1, whichever it means')
    matrix = matrix.astype(np.int64)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    if matrix.nnz and matrix.data.max() > 1:
        raise InputError('the matrix stores an entry twice; save it with its duplicates summed')
    classes = check_classes(classes)
    _note_unknown(matrix, classes, found)
    return classes, matrix


def _note_unknown(matrix: sp.csr_matrix, classes: Sequence[str], found: Found) -> None:
    """Say how many labels are unknown; refuse -1 where it can as well stand for "absent"."""
    unknown = np.flatnonzero(matrix.data == UNKNOWN)
    if not unknown.size:
        return
    size = matrix.shape[0] * matrix.shape[1]
    if matrix.nnz == size:
        row = int(np.searchsorted(matrix.indptr, unknown[0], side='right')) - 1
        raise InputError(f'{found.where(row)}, column {shown(classes[matrix.indices[unknown[0]]])} holds '
                         f"'{UNKNOWN}', and nothing in the file is 0: some sets say \"absent\" by {UNKNOWN}, then "
                         f'write 0 for it; if it is unknown, no label is known to be absent, and nothing can be learnt')
    found.notes.append(f'{unknown.size:,} of {size:,} labels ({unknown.size / size:.1%}) are {UNKNOWN}: unknown, '
                       'neither present nor absent')


def _indexed(found: Found, classes: Sequence[str] | None) -> tuple[tuple[str, ...], sp.csr_matrix]:
    if not found.labels:
        raise InputError('it has no samples')
    if classes is None:
        classes = _names_of(found)
    classes = check_classes(classes)
    index = {composed(name): position for position, name in enumerate(classes)}
    matrix = label_matrix(_rows(found.labels, found, index), len(classes))
    if found.unknown is not None and any(found.unknown):
        unknown = label_matrix(_rows(found.unknown, found, index), len(classes))
        matrix = (matrix + UNKNOWN * (unknown - unknown.multiply(matrix))).tocsr()
        matrix.eliminate_zeros()
    return classes, matrix


def _rows(labels: Sequence[Sequence[Label]], found: Found, index: dict[str, int]) -> list[list[int]]:
    """Label indices of every sample."""
    rows, number_of_classes = [], len(index)
    for number, sample in enumerate(labels):
        row = []
        for label in sample:
            if isinstance(label, str):
                place = index.get(label, index.get(composed(label)))
                if place is None:
                    raise InputError(f'{found.where(number)} has label {shown(label)}, which is not one of the '
                                     f'{number_of_classes} classes{_other_names(labels, index, label)}'
                                     + did_you_mean(label, index))
                row.append(place)
            elif isinstance(label, bool) or not isinstance(label, int | np.integer):
                raise InputError(f'{found.where(number)} has label {shown(label)}; labels are names or indices')
            elif not 0 <= label < number_of_classes:
                raise InputError(f'{found.where(number)} has label index {shown(label)}, but there are '
                                 f'{number_of_classes} classes (0 .. {number_of_classes - 1}); check the class list')
            else:
                row.append(int(label))
        if len(row) == number_of_classes > 1 and len(set(row)) < len(row) and set(sample) <= {0, 1}:
            raise InputError(f'{found.where(number)} looks like a row of 0 and 1: {shown(sample)}; lists hold label '
                             'indices or names, such rows go into a .npy or .csv matrix')
        rows.append(row)
    return rows


def _other_names(labels: Sequence[Sequence[Label]], index: dict[str, int], first: str) -> str:
    """How many more names are no class, and one of them."""
    others = {label: None for sample in labels for label in sample if isinstance(label, str) and label not in index}
    others.pop(first, None)
    return f' (nor are {len(others)} others, such as {shown(next(iter(others)))})' if others else ''


def _names_of(found: Found) -> list[str]:
    """The classes of labels that are all names, in alphabetical order."""
    names: set[str] = set()
    for number, sample in enumerate(found.labels):
        for label in sample:
            if not isinstance(label, str | int) or isinstance(label, bool):
                raise InputError(f'{found.where(number)} has label {shown(label)}; labels are names or indices')
            if not isinstance(label, str):
                raise InputError(f'its labels are indices and it has no class names; give --classes names.txt (the '
                                 f'first is {shown(label)} of {found.where(number)})')
            if label in MISSING_VALUES and label not in names:
                raise InputError(f'{found.where(number)}: {label!r} is a missing value, no label; leave it empty, or '
                                 'give --classes names.txt if it is a class')
        names.update(map(composed, sample))
    for sample in found.unknown or ():
        names.update(composed(label) for label in sample if isinstance(label, str))
    if not names:
        raise InputError('none of its samples has a label')
    for name in sorted(names):
        for separator in ',;|':
            parts = [part.strip() for part in name.split(separator)]
            if len(parts) > 1 and names.issuperset(parts):
                number = next(number for number, sample in enumerate(found.labels) if name in map(composed, sample))
                raise InputError(f'{found.where(number)}: {shown(name)} is one label, but so are its parts '
                                 f'{shown(parts)}: separate them, or give --classes names.txt with all names')
    _note_alike(names, found)
    return sorted(names)


def _note_alike(names: Iterable[str], found: Found) -> None:
    """Say which names differ in case, blanks and signs between words only, as of typing errors."""
    alike: dict[str, list[str]] = {}
    for name in sorted(names):
        alike.setdefault(re.sub(r'[\W_]+', ' ', name.casefold()).strip() or name, []).append(name)
    if pairs := [' and '.join(map(shown, others)) for others in alike.values() if len(others) > 1]:
        found.notes.append(f'labels that are alike, and count as different: {"; ".join(pairs[:_NAMED])}'
                           + (f' and {len(pairs) - _NAMED} more' if len(pairs) > _NAMED else ''))


def _in_order(matrix: sp.csr_matrix, found: Sequence[str], classes: Sequence[str], file: Found) -> sp.csr_matrix:
    """The columns of a matrix, which are ``found``, as those of ``classes``; further classes have no samples."""
    index = {composed(name): position for position, name in enumerate(classes)}
    found = list(map(composed, found))
    if missing := [name for name in found if name not in index]:
        raise InputError(f'it has the class {shown(missing[0])}, which is not in the class list')
    there = set(found)
    if absent := [name for name in classes if composed(name) not in there]:
        file.notes.append(f'{len(absent)} of the classes are not in the file and have no sample: '
                          f'{shown(", ".join(absent))}')
    entries, order = matrix.tocoo(), np.array([index[name] for name in found])
    return sp.csr_matrix((entries.data, (entries.row, order[entries.col])), (matrix.shape[0], len(classes)))
