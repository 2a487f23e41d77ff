"""Counts of labels: what a set of samples says of its labels without their names."""

from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.graph.matrices import Matrix


class LabelCounts(NamedTuple):
    """How many samples carry each label, and each two.

    >>> counts = LabelCounts(np.array([3, 2]), 4, np.array([[3, 1], [1, 2]]))
    >>> counts.others
    array([1, 1])

    Shapes:
        - **samples:** :math:`(K,)`, samples that carry each label, of ``total``
        - **pairs:** :math:`(K, K)`, samples that carry both labels, dense or CSR; None where that is not known
    """

    samples: np.ndarray
    total: int
    pairs: Matrix | None = None

    @property
    def others(self) -> np.ndarray | None:
        """(K,) other labels that the samples of each label carry, in all; None without ``pairs``."""
        if self.pairs is None:
            return None
        return np.asarray(self.pairs.sum(axis=1)).ravel() - self.pairs.diagonal()

    def joined(self, more: 'LabelCounts') -> 'LabelCounts':
        """The counts of two sets of samples together."""
        pairs = None if self.pairs is None or more.pairs is None else self.pairs + more.pairs
        return LabelCounts(self.samples + more.samples, self.total + more.total, pairs)

    def placed(self, places: np.ndarray) -> 'LabelCounts':
        """The counts in another order: label k there is label ``places[k]`` here."""
        pairs = None if self.pairs is None else self.pairs[places][:, places]
        return LabelCounts(self.samples[places], self.total, pairs)

    def among(self, labels: np.ndarray) -> np.ndarray:
        """(k, k) samples that carry both of some labels, dense, without the diagonal."""
        pairs = self.pairs[labels][:, labels]
        pairs = pairs.toarray() if sp.issparse(pairs) else np.array(pairs)
        np.fill_diagonal(pairs, 0)
        return pairs
