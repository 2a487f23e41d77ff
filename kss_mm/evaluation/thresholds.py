"""Per-class decision thresholds, fitted on the scores of a validation set."""

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.evaluation.functional import check_scores_and_targets, ranked_hits
from kss_mm.graph.unknown import UNKNOWN

# Where nothing can be fitted: a class without positives keeps the threshold of one half.
DEFAULT_THRESHOLD, DEFAULT_LOGIT = 0.5, 0.
# What stands in for the neighbour of the lowest logit: so far below it.
_BELOW = 1.


def f1_per_class(scores: ArrayLike, targets: ArrayLike, thresholds: ArrayLike) -> np.ndarray:
    """F1 of every class where scores reach their threshold: (N, K), (N, K), (K,) -> (K,); 0 without any hit.

    Targets of -1, unknown, do not count.

    >>> f1_per_class([[.9], [.6], [.2]], [[1], [0], [1]], [.5])  # one hit, two predicted, two true
    array([0.5])
    """
    scores, targets = check_scores_and_targets(scores, targets)
    predicted = (scores >= np.asarray(thresholds)) & (targets != UNKNOWN)
    positives = targets == 1
    hits = (predicted & positives).sum(axis=0)
    return 2 * hits / np.maximum(predicted.sum(axis=0) + positives.sum(axis=0), 1)


def fit_thresholds(scores: ArrayLike, targets: ArrayLike, *, logits: bool = False) -> np.ndarray:
    """The threshold of every class that gives it the highest F1 on these samples.

    Candidates lie halfway between neighbouring scores; of equally good ones the nearest to one half is taken. A sample
    without a prediction, a score of -inf, is predicted by none of them. Samples where the label is unknown, a target of
    -1, do not count.

    >>> fit_thresholds([[.75], [.25], [.125]], [[1], [0], [0]])
    array([0.5], dtype=float32)

    Shapes:
        - **input:** scores :math:`(N, K)`, probabilities, or logits if so said; targets :math:`(N, K)`
        - **output:** :math:`(K,)`, float32 as the heads keep them, of the kind of the scores
    """
    scores, targets = check_scores_and_targets(scores, targets)
    default = DEFAULT_LOGIT if logits else DEFAULT_THRESHOLD
    thresholds = np.full(scores.shape[1], default, dtype=np.float32)
    for label in np.flatnonzero((targets == 1).any(axis=0)):
        ranked, hits = ranked_hits(scores[:, label], targets[:, label])
        cuts = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # the last rank of each run of equal scores
        cuts = cuts[np.isfinite(ranked[cuts])]
        if not len(cuts):
            continue
        f1 = 2 * hits[cuts] / (cuts + 1 + hits[-1])
        below = np.append(ranked[cuts[1:]], ranked[cuts[-1]] - _BELOW if logits else 0.)
        candidates = _between(below, ranked[cuts])
        best = np.flatnonzero(f1 == f1.max())
        thresholds[label] = candidates[best[np.argmin(np.abs(candidates[best] - default))]]
    return thresholds


def _between(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """float32 numbers in (below, above], halfway where there is room."""
    halfway = ((below + above) / 2).astype(np.float32)
    return np.where(halfway > below, halfway, np.nextafter(halfway, np.float32(np.inf)))
