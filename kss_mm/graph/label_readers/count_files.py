"""Counts of labels that are given ready made, as ML-GCN's released code keeps them."""

import os
from typing import NamedTuple

import numpy as np

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike
from kss_mm.graph.archive import read_numpy
from kss_mm.graph.matrices import as_square

# Arrays of the file, by ML-GCN's names and ours.
_NAMES = {'counts': ('adj', 'counts'), 'num_samples': ('nums', 'num_samples'), 'total': ('total',)}
_REMEDY = 'np.savez(FILE, adj=..., nums=..., total=...)'


class Counts(NamedTuple):
    """Samples with both labels (K, K), with each label (K,), and all of them; and the file they are from."""

    counts: np.ndarray
    num_samples: np.ndarray
    total: int
    source: dict


def read_counts(path: PathLike, classes: int) -> Counts:
    """Counts of ``classes`` labels from an ``.npz`` file with the arrays ``adj``, ``nums`` and ``total``.

    ``adj`` (K, K) are the samples with both labels; its diagonal holds the samples with the label, or zeros as in
    ML-GCN's files. ``nums`` (K,) are the samples with each label, ``total`` their number in all. Their names in a label
    graph, ``counts`` and ``num_samples``, do as well.

    Raises:
        MissingFileError, InputError: In one line, with the file's name.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such file of counts')
    try:
        arrays = read_numpy(path)
    except ValueError as error:
        raise InputError(f'{path}: not a readable NumPy file without pickles ({error}); save the counts by '
                         f'{_REMEDY}') from error
    try:
        if isinstance(arrays, np.ndarray):
            raise InputError(f'is a single array, and counts are three; save them by {_REMEDY}')
        counts, num_samples, total = (_whole(arrays, name) for name in _NAMES)
        as_square(counts, 'adj')
        _check_sizes(counts, num_samples, total, classes)
    except ValueError as error:
        raise InputError(f'{path}: {error}') from error
    counts = counts.copy()
    np.fill_diagonal(counts, num_samples)
    return Counts(counts, num_samples, int(total), {'counts': os.path.basename(path)})


def _whole(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    found = [known for known in _NAMES[name] if known in arrays]
    if not found:
        raise InputError(f'has no array {" or ".join(_NAMES[name])}, it has {shown(", ".join(sorted(arrays)))}; save '
                         f'them by {_REMEDY}')
    array = arrays[found[0]]
    if array.dtype.kind not in 'iuf' or not np.isfinite(array).all() or (array < 0).any() or (array % 1).any():
        raise InputError(f'{found[0]} must hold whole numbers of samples >= 0, not shares of them')
    return array.astype(np.int64)


def _check_sizes(counts: np.ndarray, num_samples: np.ndarray, total: np.ndarray, classes: int) -> None:
    if len(counts) != classes:
        raise InputError(f'adj is for {len(counts)} labels, but there are {classes} classes')
    if num_samples.shape != (classes,) or total.ndim:
        raise InputError(f'nums must have one entry for each of the {classes} labels and total be one number, got '
                         f'shapes {num_samples.shape} and {total.shape}')
    diagonal = counts.diagonal()
    if diagonal.any() and (diagonal != num_samples).any():
        raise InputError('the diagonal of adj holds neither zeros nor nums; both belong to different data')
    if (counts.max(axis=1) > num_samples).any() or num_samples.max() > total:
        raise InputError('some label occurs more often with another than nums or total says; they belong to different '
                         'data')
