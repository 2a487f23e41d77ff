"""Counts of unknown labels: what the statistics of partly annotated data leave out."""

from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph.matrices import Matrix, as_square
from kss_mm.graph.statistics import DENSE_LIMIT, entries_of, label_chunks
from kss_mm.graph.unknown import UNKNOWN


class UnknownCounts(NamedTuple):
    """Samples in which a label is unknown: of all, and of those with another label.

    Shapes:
        - **samples:** :math:`(K,)`, int64
        - **pairs:** :math:`(K, K)`, int64, samples with label i in which j is unknown; dense or CSR
    """

    samples: np.ndarray
    pairs: Matrix

    def checked(self, num_samples: np.ndarray, total: int) -> 'UnknownCounts':
        """These counts, if they can be of ``total`` samples of which ``num_samples`` (K,) carry each label.

        Raises:
            InputError: They cannot.
        """
        samples, pairs = np.asarray(self.samples), as_square(self.pairs, 'unknown pairs')
        if samples.shape != num_samples.shape or pairs.shape[0] != len(num_samples) or samples.dtype.kind not in 'iu':
            raise InputError(f'the counts of unknown labels are for {samples.size} and {pairs.shape[0]} labels, but '
                             f'there are {len(num_samples)} classes')
        largest = pairs.max(axis=1).toarray().ravel() if sp.issparse(pairs) else pairs.max(axis=1)
        if (samples < 0).any() or (samples + num_samples > total).any() or (largest > num_samples).any():
            raise InputError('the counts of unknown labels are more than the samples; they belong to different data')
        return UnknownCounts(samples.astype(np.int64), pairs)


def unknown_counts(labels, *, sparse: bool | None = None) -> UnknownCounts | None:
    r"""Samples in which each label is unknown, and samples with label i in which j is; None where all are known.

    .. math:: u_j = |\{n: Y_{nj} = -1\}|, \qquad U_{ij} = |\{n: Y_{ni} = 1, Y_{nj} = -1\}|

    >>> samples, pairs = unknown_counts([[1, -1], [1, 0], [1, 1]])
    >>> samples, pairs
    (array([0, 1]), array([[0, 1],
           [0, 0]]))

    Args:
        labels: (N, K) matrix of 0, 1 and -1, or an iterable of such, as for
            :func:`~kss_mm.graph.statistics.cooccurrence`.
        sparse: CSR pairs (True) or dense ones (False); by default dense up to ``DENSE_LIMIT`` labels.
    """
    samples = pairs = 0
    for chunk in label_chunks(labels):
        unknown = entries_of(chunk, UNKNOWN)
        samples = samples + np.asarray(unknown.sum(axis=0)).ravel()  # (K,)
        pairs = pairs + (entries_of(chunk, 1).T @ unknown).tocsr()  # (K, K)
    if not np.any(samples):
        return None
    if sparse is None:
        sparse = len(samples) > DENSE_LIMIT
    return UnknownCounts(samples, pairs if sparse else pairs.toarray())
