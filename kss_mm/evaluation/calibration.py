"""How far predicted probabilities are from shares of positives: reliability bins and expected calibration errors.

Every label of every sample is a binary prediction of its probability. Unknown labels, targets of -1, and samples
without a prediction, NaN, do not count.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.errors import InputError
from kss_mm.graph.unknown import UNKNOWN

#: Bins of equal width, as in Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017).
BINS = 15


class Reliability(NamedTuple):
    """Predictions by their probability, in bins of equal width from 0 to 1.

    Shapes:
        - **counts:** :math:`(..., bins)`, predictions in each bin
        - **confidence, positives:** the same, their mean probability and the share that is true; NaN in empty bins
    """

    counts: np.ndarray
    confidence: np.ndarray
    positives: np.ndarray

    @property
    def error(self) -> np.ndarray:
        r"""The expected calibration error, :math:`\sum_b \frac{n_b}{n} |\text{positives}_b - \text{confidence}_b|`;
        NaN without predictions."""
        total = self.counts.sum(axis=-1)
        gaps = self.counts * np.abs(np.nan_to_num(self.positives) - np.nan_to_num(self.confidence))
        with np.errstate(invalid='ignore'):
            return gaps.sum(axis=-1) / total


def reliability(probabilities: ArrayLike, targets: ArrayLike, bins: int = BINS) -> Reliability:
    """The bins of every class.

    >>> found = reliability([[.1], [.3], [.9]], [[0], [1], [1]], bins=2)
    >>> found.counts, found.confidence, found.positives, found.error.round(3)
    (array([[2, 1]]), array([[0.2, 0.9]]), array([[0.5, 1. ]]), array([0.233]))

    Shapes:
        - **input:** probabilities :math:`(N, K)` in 0..1, NaN for none; targets :math:`(N, K)` of 0, 1, -1
        - **output:** see :class:`Reliability`, :math:`(K, bins)`
    """
    probabilities, targets = np.asarray(probabilities, np.float64), np.asarray(targets)
    if probabilities.ndim != 2 or probabilities.shape != targets.shape:
        raise InputError('probabilities and targets must both be (samples, labels), got '
                         f'{probabilities.shape} and {targets.shape}')
    counted = (targets != UNKNOWN) & ~np.isnan(probabilities)
    values = probabilities[counted]
    if len(values) and not 0 <= values.min() <= values.max() <= 1:
        raise InputError(f'probabilities must lie in 0..1, got {values.min():g} to {values.max():g}')
    classes = targets.shape[1]
    place = np.minimum((values * bins).astype(np.int64), bins - 1) + bins * np.nonzero(counted)[1]
    sums = [np.bincount(place, weights, bins * classes).reshape(classes, bins)
            for weights in (None, values, (targets[counted] == 1).astype(float))]
    return _as_means(*sums)


def pooled(bins: Reliability) -> Reliability:
    """The bins of all classes together: (K, bins) -> (bins,).

    >>> pooled(reliability([[.1, .3], [.9, .9]], [[0, 1], [1, 1]], bins=2)).confidence
    array([0.2, 0.9])
    """
    sums = [(np.nan_to_num(values) * bins.counts).sum(axis=0) for values in (bins.confidence, bins.positives)]
    return _as_means(bins.counts.sum(axis=0), *sums)


def _as_means(counts: np.ndarray, confidence: np.ndarray, positives: np.ndarray) -> Reliability:
    with np.errstate(invalid='ignore'):
        return Reliability(counts, confidence / counts, positives / counts)
