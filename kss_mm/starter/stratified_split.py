"""Splitting of samples with several labels each: every label with its share in both parts, groups never torn apart."""

import hashlib
from collections.abc import Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.numeric import check_number

TRAIN, VAL = 0, 1


def stratified_split(labels: sp.csr_matrix, groups: Sequence[str], *, val_share: float, seed: int = 0) -> np.ndarray:
    """Choose the validation samples by iterative stratification, the labels with the fewest samples first.

    (Sechidis et al., "On the Stratification of Multi-Label Data", ECML PKDD 2011, Algorithm 1.) Beyond it, all samples
    of a group go to one part, a label of two groups or more is wanted in both parts whatever its share, and what the
    assignment leaves out is put right by moving single groups. The package iterative-stratification knows no groups
    and works on dense matrices, for hours on tables of thousands of labels. Neither the order of the rows nor that of
    the groups plays a part.

    >>> labels = sp.csr_matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
    >>> stratified_split(labels, ['a', 'b', 'c', 'd'], val_share=0.5).sum()
    2

    Args:
        labels: (N, K) of 0, 1 and -1; only the 1 count.
        groups: What may not be torn apart, such as the video that a clip was cut from; a name for each sample.
        val_share: Share of the samples that are to validate.
        seed: Of the order in which groups of the same labels are taken.

    Returns:
        (N,) bool, True for the validation samples.

    Raises:
        InputError: With fewer than two groups.
    """
    check_number('val_share', val_share, 0.01, 0.9)
    names, unit_of = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        raise InputError(f'a split takes two groups of samples at least, and there is {len(names)}')
    # By a hash, so that the order depends on names and seed alone, and means nothing.
    order = sorted(range(len(names)), key=lambda unit: hashlib.sha256(f'{seed}\0{names[unit]}'.encode()).digest())
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    unit_of = rank[unit_of]
    member = sp.csr_matrix((np.ones(len(unit_of), np.int64), (unit_of, np.arange(len(unit_of)))))
    counts = sp.csr_matrix(member @ (labels > 0).astype(np.int64))  # (U, K): samples of each group with each label
    sizes = np.bincount(unit_of)
    part = _assigned(counts, sizes, val_share)
    _mend(counts, sizes, part)
    return part[unit_of] == VAL


def _assigned(counts: sp.csr_matrix, sizes: np.ndarray, val_share: float) -> np.ndarray:
    """The part of every group, by Algorithm 1."""
    columns = counts.tocsc()
    totals, remaining = np.asarray(counts.sum(axis=0)).ravel(), np.diff(columns.indptr)
    # What is wanted of a label in validation; one sample at least, and one is left to train.
    wanted_val = np.where(remaining > 1, np.clip(val_share * totals, 1, np.maximum(totals - 1, 1)), val_share * totals)
    wanted = np.stack([totals - wanted_val, wanted_val])  # (2, K)
    room = np.array([1 - val_share, val_share]) * sizes.sum()
    part = np.full(len(sizes), -1)

    def put(unit: int, side: int) -> None:
        part[unit] = side
        room[side] -= sizes[unit]
        own = slice(counts.indptr[unit], counts.indptr[unit + 1])
        wanted[side, counts.indices[own]] -= counts.data[own]
        remaining[counts.indices[own]] -= 1

    most = len(sizes) + 1
    while remaining.any():
        label = int(np.where(remaining > 0, remaining, most).argmin())
        for unit in np.sort(columns.indices[columns.indptr[label]:columns.indptr[label + 1]]):
            if part[unit] < 0:
                more = wanted[VAL, label] - wanted[TRAIN, label] or room[VAL] - room[TRAIN]
                put(unit, VAL if more > 0 else TRAIN)
    for unit in np.flatnonzero(part < 0):  # of no labels
        put(unit, VAL if room[VAL] > room[TRAIN] else TRAIN)
    return part


def _mend(counts: sp.csr_matrix, sizes: np.ndarray, part: np.ndarray) -> None:
    """Move single groups until no part lacks a label that can be in both, or is empty."""
    columns = counts.tocsc()
    there = sp.csr_matrix((np.ones_like(counts.data), counts.indices, counts.indptr), counts.shape)
    units = np.stack([np.asarray(there[part == side].sum(axis=0)).ravel() for side in (TRAIN, VAL)])  # (2, K)

    def move(unit: int, side: int) -> None:
        own = counts.indices[counts.indptr[unit]:counts.indptr[unit + 1]]
        units[part[unit], own] -= 1
        units[side, own] += 1
        part[unit] = side

    shared = units.sum(axis=0) > 1  # labels that can be in both parts
    for side in (TRAIN, VAL):  # a label that is never trained is worse than one that is never validated
        for label in np.flatnonzero(shared & (units[side] == 0)):
            candidates = np.sort(columns.indices[columns.indptr[label]:columns.indptr[label + 1]])
            free = [unit for unit in candidates if not _last_of(counts, unit, units[1 - side], shared)]
            if units[side, label] == 0 and (free or side == TRAIN):
                move(min(free or candidates, key=lambda unit: sizes[unit]), side)
    for side in (TRAIN, VAL):
        if not (part == side).any():  # no label is in two groups
            move(int(np.argmin(sizes)), side)


def _last_of(counts: sp.csr_matrix, unit: int, units: np.ndarray, shared: np.ndarray) -> bool:
    """True if a group is the only one in its part that has some label which could be in both."""
    own = counts.indices[counts.indptr[unit]:counts.indptr[unit + 1]]
    return bool((shared[own] & (units[own] == 1)).any())
