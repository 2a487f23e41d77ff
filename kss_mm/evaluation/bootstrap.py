"""Intervals of metrics by the bootstrap over samples: the metrics of many resampled data sets at once.

A data set drawn with replacement is a number of times that each sample is in it, so nothing is sorted twice.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse as sp

from kss_mm.evaluation.functional import check_scores_and_targets
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.numeric import check_integer

#: Draws of an interval, and the share of them that lies in it.
DRAWS, LEVEL = 1000, .95
# Elements of the largest array that one class takes.
_BLOCK = 1 << 22


def draw_counts(samples: int, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """How many times each sample is in each of ``draws`` data sets of ``samples``, drawn with replacement.

    >>> draw_counts(4, draws=3).sum(axis=0)
    array([4, 4, 4])

    Returns:
        (samples, draws) int32, the same for the same seed.
    """
    check_integer('samples', samples, 1)
    check_integer('draws', draws, 1)
    rng = np.random.default_rng(seed)
    counts = np.empty((samples, draws), np.int32)
    for draw in range(draws):
        counts[:, draw] = np.bincount(rng.integers(samples, size=samples), minlength=samples)
    return counts


def resampled_average_precision(scores: ArrayLike, targets: ArrayLike, counts: np.ndarray) -> np.ndarray:
    """:func:`~kss_mm.evaluation.functional.average_precision` of every class in every drawn data set.

    >>> scores, targets = [[.9], [.8], [.7]], [[1], [0], [1]]
    >>> resampled_average_precision(scores, targets, np.array([[1, 2], [1, 0], [1, 1]]))  # 5/6, and all are hits
    array([[0.83333333],
           [1.        ]])

    Shapes:
        - **input:** scores, targets :math:`(N, K)`, as for the metric; counts :math:`(N, B)` of :func:`draw_counts`
        - **output:** :math:`(B, K)`, NaN where a drawn data set has no positive of a class
    """
    scores, targets = check_scores_and_targets(scores, targets)
    precisions = np.full((counts.shape[1], scores.shape[1]), np.nan)
    for label in range(scores.shape[1]):
        ranks = _Ranks(scores[:, label], targets[:, label])
        for part in _blocks(ranks.all.shape[0], counts.shape[1]):
            precisions[part, label] = ranks.average_precision(counts[:, part])
    return precisions


class _Ranks:
    """Samples of one label from the highest score down to the last positive, in the steps in which precision counts."""

    def __init__(self, scores: np.ndarray, targets: np.ndarray):
        known = np.flatnonzero(targets != UNKNOWN)
        order = known[np.argsort(-scores[known], kind='stable')]
        ranked, positive = scores[order], targets[order] == 1
        ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)  # of runs of equal scores
        step = np.searchsorted(ends, np.flatnonzero(positive))  # the run of each positive
        ends = ends[np.unique(step)] if len(ranked) else ends[:0]
        #: Sums of samples, and of positives, that each step adds: (steps, N) of ones.
        self.all = _sums(order, np.append(0, ends + 1), len(scores))
        self.positive = _sums(order[positive], np.append(np.unique(step, return_index=True)[1], positive.sum()),
                              len(scores))

    def average_precision(self, counts: np.ndarray) -> np.ndarray:
        """(N, B) -> (B,)"""
        if not self.all.shape[0]:
            return np.full(counts.shape[1], np.nan)
        seen = np.cumsum(self.all @ counts, axis=0)  # (steps, B)
        gained = self.positive @ counts
        hits = np.cumsum(gained, axis=0)
        with np.errstate(invalid='ignore'):
            return (gained * (hits / np.maximum(seen, 1))).sum(axis=0) / hits[-1]


def _sums(samples: np.ndarray, starts: np.ndarray, number: int) -> sp.csr_matrix:
    """The matrix that adds up the rows of its samples from each start to the next."""
    samples = samples[:starts[-1]]
    return sp.csr_matrix((np.ones(len(samples), np.int32), samples, starts), (len(starts) - 1, number))


def _blocks(steps: int, draws: int) -> Iterator[slice]:
    size = max(_BLOCK // max(steps, 1), 1)
    return (slice(start, start + size) for start in range(0, draws, size))


def resampled_precision_recall_f1(predicted: np.ndarray, targets: np.ndarray,
                                  counts: np.ndarray) -> dict[str, np.ndarray]:
    """:func:`~kss_mm.evaluation.functional.precision_recall_f1` of every drawn data set.

    >>> figures = resampled_precision_recall_f1(np.array([[True], [False]]), np.array([[1], [1]]),
    ...                                         np.array([[1, 2], [1, 0]]))
    >>> figures['CR'], figures['OP']
    (array([0.5, 1. ]), array([1., 1.]))

    Shapes:
        - **input:** predicted :math:`(N, K)`, bool; targets :math:`(N, K)`; counts :math:`(N, B)`
        - **output:** :math:`(B,)` each, NaN where a drawn data set has no positive at all
    """
    weights = counts.T.astype(np.float64)
    predicted = predicted & (targets != UNKNOWN)
    hits, predictions, positives = (weights @ matrix for matrix in (
        (predicted & (targets == 1)).astype(float), predicted.astype(float), (targets == 1).astype(float)))  # (B, K)
    present = positives > 0
    classes = present.sum(axis=1)
    one = np.maximum(predictions, 1)  # as the metric has it for a class that is never predicted
    with np.errstate(invalid='ignore', divide='ignore'):
        cp = np.where(present, hits / one, 0).sum(axis=1) / classes
        cr = np.where(present, hits / positives, 0).sum(axis=1) / classes
        op = hits.sum(axis=1) / one.sum(axis=1)
        recall = hits.sum(axis=1) / positives.sum(axis=1)
    figures = {'CP': cp, 'CR': cr, 'CF1': _harmonic(cp, cr), 'OP': op, 'OR': recall, 'OF1': _harmonic(op, recall)}
    return {name: np.where(classes > 0, values, np.nan) for name, values in figures.items()}


def _harmonic(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(invalid='ignore', divide='ignore'):
        return np.where(a + b > 0, 2 * a * b / (a + b), 0.)


def interval(value: ArrayLike, draws: ArrayLike, *, level: float = LEVEL, share: bool = True) -> np.ndarray:
    r"""The reverse percentile interval ("basic") of a figure, which takes out the bias of the draws.

    .. math:: [2 \theta - q_{(1 + level) / 2}, \; 2 \theta - q_{(1 - level) / 2}]

    with the quantiles q of the draws; of a share all of them as :math:`\arcsin \sqrt{x}`, which has ends at 0 and 1. A
    drawn data set holds samples twice, which lifts average precision: the plain percentile interval of a mAP can lie
    wholly above what it should hold. Where the draws lie wholly on one side of the figure, the interval ends at it.

    >>> interval(.5, np.linspace(.4, .7, 1001), share=False).round(4)  # 2 x .5 minus .6925 and .4075
    array([0.3075, 0.5925])
    >>> interval(1., np.ones(9))
    array([1., 1.])
    >>> interval(.5, np.array([.6, .7]), share=False).round(2)
    array([0.3, 0.5])

    Args:
        share: The figure lies in 0..1, and so will the interval; False for a difference.

    Shapes:
        - **input:** value :math:`(...)`, draws :math:`(B, ...)`; NaN of a draw does not count
        - **output:** :math:`(2, ...)`, low and high; NaN where the value is or no draw has one
    """
    value, draws = np.asarray(value, np.float64), np.asarray(draws, np.float64)
    found = np.isfinite(draws).any(axis=0) & np.isfinite(value)
    middle, drawn = (_angle(value), _angle(draws)) if share else (value, draws)
    tail = (1 - level) / 2
    ends = 2 * middle - np.nanquantile(np.where(found, drawn, 0.), (1 - tail, tail), axis=0)
    if share:
        ends = np.square(np.sin(np.clip(ends, 0, np.pi / 2)))
    ends = np.stack([np.minimum(ends[0], value), np.maximum(ends[1], value)])
    return np.where(found, ends, np.nan)


def _angle(share: np.ndarray) -> np.ndarray:
    return np.arcsin(np.sqrt(np.clip(share, 0, 1)))
