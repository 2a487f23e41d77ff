"""From what a file says of its samples to one matrix of 0 and 1: names to indices, repeated samples to one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.graph.class_names import check_classes
from kss_mm.graph.statistics import label_matrix
from kss_mm.graph.unknown import UNKNOWN

Label = str | int
#: How pandas and NumPy write a missing value; a class may be called so, if the class list says it.
MISSING_VALUES = frozenset(('nan', 'NaN', '<NA>', 'NaT'))


class LabelMatrix(NamedTuple):
    """Names of the K classes, the (N, K) CSR matrix of 0, 1 and -1 (unknown), and where both came from.

    ``matrix`` is None where only the names are known. ``ids`` are the samples' names, of files as a rule, where the
    source has them; ``notes`` say how it was read wherever that was a choice.
    """

    classes: tuple[str, ...]
    matrix: sp.csr_matrix | None
    source: dict
    ids: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass
class Found:
    """Findings of the reader of one format.

    Args:
        labels: Names or indices of every sample, or the (N, K) matrix itself.
        classes: What the file calls its labels, by index.
        ids: The samples' names.
        numbers: Where in the file each sample stands, as ``place`` counts it.
        notes: What was decided in reading.
    """

    labels: Sequence[Sequence[Label]] | np.ndarray | sp.csr_matrix
    classes: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    place: str = 'sample'
    numbers: Sequence[int] | None = None
    notes: list[str] = field(default_factory=list)

    def where(self, index: int) -> str:
        if self.numbers is not None:
            return f'{self.place} {self.numbers[index]}'
        name = '' if self.ids is None else f', {shown(self.ids[index])}'
        return f'{self.place} {index} (counted from 0{name})'


def splits_note(splits: Counter) -> list[str]:
    """Notes on samples of several splits in one file."""
    if len(splits) < 2:
        return []
    counts = ', '.join(f'{shown(name)} {count:,}' for name, count in splits.most_common(5))
    return [f'samples of all splits are counted ({counts}); for training, give a file of the training samples only']


def to_matrix(found: Found, wanted: Sequence[str] | None, source: dict) -> LabelMatrix:
    """The matrix over the classes that are wanted, or those that the file has."""
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
    ids = None if found.ids is None else list(found.ids)
    if ids is not None and len(set(ids)) < len(ids):
        matrix, ids = _merged(matrix, ids, found, listed)
    if matrix.nnz and (matrix > 0).sum(axis=1).max() < 2:
        found.notes.append('no sample has more than one label, so no label occurs together with another')
    return LabelMatrix(classes, matrix, source, None if ids is None else tuple(ids), tuple(found.notes))


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
    labels = found.labels
    if not labels:
        raise InputError('it has no samples')
    if classes is None:
        classes = _names_of(found)
    classes = check_classes(classes)
    index = {name: position for position, name in enumerate(classes)}
    rows = []
    for number, sample in enumerate(labels):
        row = []
        for label in sample:
            if isinstance(label, str):
                if label not in index:
                    raise InputError(f'{found.where(number)} has label {shown(label)}, which is not one of the '
                                     f'{len(classes)} classes')
                row.append(index[label])
            elif isinstance(label, bool) or not isinstance(label, int | np.integer):
                raise InputError(f'{found.where(number)} has label {shown(label)}; labels are names or indices')
            elif not 0 <= label < len(classes):
                raise InputError(f'{found.where(number)} has label index {shown(label)}, but there are {len(classes)} '
                                 f'classes (0 .. {len(classes) - 1}); check the class list')
            else:
                row.append(int(label))
        if len(row) == len(classes) > 1 and len(set(row)) < len(row) and set(sample) <= {0, 1}:
            raise InputError(f'{found.where(number)} looks like a row of 0 and 1: {shown(sample)}; lists hold label '
                             'indices or names, such rows go into a .npy or .csv matrix')
        rows.append(row)
    return classes, label_matrix(rows, len(classes))


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
        names.update(sample)
    if not names:
        raise InputError('none of its samples has a label')
    for name in sorted(names):
        for separator in ',;|':
            parts = [part.strip() for part in name.split(separator)]
            if len(parts) > 1 and names.issuperset(parts):
                raise InputError(f'{shown(name)} is one label, but so are its parts {shown(parts)}: separate them, or '
                                 'give --classes names.txt with all names')
    return sorted(names)


def _in_order(matrix: sp.csr_matrix, found: Sequence[str], classes: Sequence[str], file: Found) -> sp.csr_matrix:
    """The columns of a matrix, which are ``found``, as those of ``classes``; further classes have no samples."""
    index = {name: position for position, name in enumerate(classes)}
    if missing := [name for name in found if name not in index]:
        raise InputError(f'it has the class {shown(missing[0])}, which is not in the class list')
    if absent := [name for name in classes if name not in set(found)]:
        file.notes.append(f'{len(absent)} of the classes are not in the file and have no sample: '
                          f'{shown(", ".join(absent))}')
    entries, order = matrix.tocoo(), np.array([index[name] for name in found])
    return sp.csr_matrix((entries.data, (entries.row, order[entries.col])), (matrix.shape[0], len(classes)))


def _merged(matrix: sp.csr_matrix, ids: list[str], found: Found, listed: bool) -> tuple[sp.csr_matrix, list[str]]:
    """Rows of one sample as one row, where each holds one of its labels or all hold the same."""
    first: dict[str, int] = {}
    target = np.array([first.setdefault(name, len(first)) for name in ids])
    one_a_row = listed and not (matrix.nnz and matrix.sum(axis=1).max() > 1)
    seen: dict[str, int] = {}
    example = None
    for number, name in enumerate(ids):
        before = seen.setdefault(name, number)
        if before == number:
            continue
        example = example or (before, number)
        same = (matrix[before] != matrix[number]).nnz == 0
        if not (one_a_row or same):
            raise InputError(f'{shown(name)} stands in {found.where(before)} and {found.where(number)} with other '
                             'labels; leave one of them' + (', or --separator none if every row holds one label'
                                                            if listed and found.place == 'row' else ''))
    how = 'one label a row' if one_a_row else 'repeated rows'
    found.notes.append(f'{how}: {len(ids):,} rows are {len(first):,} samples ({shown(ids[example[0]])} in '
                       f'{found.where(example[0])} and {found.where(example[1])})')
    entries = matrix.tocoo()
    summed = sp.csr_matrix((entries.data, (target[entries.row], entries.col)), (len(first), matrix.shape[1]))
    summed.data[:] = np.sign(summed.data)  # rows of one sample are the same, or hold one label each
    return summed, list(first)
