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
    of a group go to one part, a label of two groups or more is wanted in both parts whatever its share, and single
    groups are moved in the end, to give it both where the assignment did not, and validation its share. The package
    iterative-stratification knows no groups and works on dense matrices, for hours on tables of thousands of labels.
    Neither the order of the rows nor that of the groups plays a part.

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
    parts = _Parts(counts, sizes, _assigned(counts, sizes, val_share))
    _mend(parts)
    _trim(parts, val_share)
    return parts.part[unit_of] == VAL


def _assigned(counts: sp.csr_matrix, sizes: np.ndarray, val_share: float) -> np.ndarray:
    """The part of every group, by Algorithm 1."""
    columns = counts.tocsc()
    totals, remaining = np.asarray(counts.sum(axis=0)).ravel(), np.diff(columns.indptr)
    # What is wanted of a label in validation; one sample at least, and one is left to train.
    wanted_val = np.where(remaining > 1, np.clip(val_share * totals, 1, np.maximum(totals - 1, 1)), val_share * totals)
    wanted = np.stack([totals - wanted_val, wanted_val])  # (2, K)
    room = np.array([1 - val_share, val_share]) * sizes.sum()
    part = np.full(len(sizes), -1)
    # What is seen in one group only is trained on.
    only = np.zeros(len(sizes), bool)
    only[columns.indices[np.repeat(remaining == 1, remaining)]] = True

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
                put(unit, VAL if more > 0 and not only[unit] else TRAIN)
    for unit in np.flatnonzero(part < 0):  # of no labels
        put(unit, VAL if room[VAL] > room[TRAIN] else TRAIN)
    return part


class _Parts:
    """The part of every group, and what moving one changes.

    ``units`` is how many groups of each part have each label, (2, K); ``shared`` the labels that can be in both parts.
    """

    def __init__(self, counts: sp.csr_matrix, sizes: np.ndarray, part: np.ndarray):
        self.counts, self.sizes, self.part = counts, sizes, part
        self.there = sp.csr_matrix((np.ones_like(counts.data), counts.indices, counts.indptr), counts.shape)
        self.units = np.stack([np.asarray(self.there[part == side].sum(axis=0)).ravel() for side in (TRAIN, VAL)])
        self.shared = self.units.sum(axis=0) > 1

    def move(self, unit: int, side: int) -> None:
        own = self.counts.indices[self.counts.indptr[unit]:self.counts.indptr[unit + 1]]
        self.units[self.part[unit], own] -= 1
        self.units[side, own] += 1
        self.part[unit] = side

    def free(self, side: int) -> np.ndarray:
        """The groups of a part that can leave it: each of their labels has another there, (U,) bool.

        From training they could take a label that validation has no need of; the other way round that is welcome.
        """
        last = self.units[side] == 1 if side == TRAIN else self.shared & (self.units[side] == 1)
        return (self.part == side) & (self.there @ last.astype(np.int64) == 0)


def _mend(parts: _Parts) -> None:
    """Move single groups until no part lacks a label that can be in both, or is empty."""
    columns = parts.counts.tocsc()
    for side in (TRAIN, VAL):  # a label that is never trained is worse than one that is never validated
        for label in np.flatnonzero(parts.shared & (parts.units[side] == 0)):
            having = np.sort(columns.indices[columns.indptr[label]:columns.indptr[label + 1]])
            free = having[parts.free(1 - side)[having]]
            candidates = free if free.size or side == VAL else having
            if parts.units[side, label] == 0 and candidates.size:
                parts.move(candidates[parts.sizes[candidates].argmin()], side)
    for side in (TRAIN, VAL):
        if not (parts.part == side).any():  # no label is in two groups
            parts.move(int(parts.sizes.argmin()), side)


def _trim(parts: _Parts, val_share: float) -> None:
    """Give back to training what validation has beyond its share and does not need for any label."""
    totals = np.asarray(parts.counts.sum(axis=0)).ravel()
    while (over := parts.sizes[parts.part == VAL].sum() - val_share * parts.sizes.sum()) > 0:
        # No group that would leave validation further below its share than it is above.
        candidates = np.flatnonzero(parts.free(VAL) & (parts.sizes <= 2 * over))
        if not candidates.size or (parts.part == VAL).sum() == 1:
            return
        excess = np.asarray(parts.counts[parts.part == VAL].sum(axis=0)).ravel() - val_share * totals
        gain = (parts.counts[candidates] @ excess) / parts.sizes[candidates]
        parts.move(candidates[gain.argmax()], TRAIN)
