"""Per-class decision thresholds, fitted on the scores of a validation set."""

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.evaluation.functional import _checked

# Where nothing can be fitted: a class without positives keeps the threshold of one half.
DEFAULT_THRESHOLD = 0.5


def f1_per_class(scores: ArrayLike, targets: ArrayLike, thresholds: ArrayLike) -> np.ndarray:
    """F1 of every class where scores reach their threshold: (N, K), (N, K), (K,) -> (K,); 0 without any hit."""
    scores, targets = _checked(scores, targets)
    predicted = scores >= np.asarray(thresholds)
    hits = (predicted & targets).sum(axis=0)
    return 2 * hits / np.maximum(predicted.sum(axis=0) + targets.sum(axis=0), 1)


def fit_thresholds(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """The threshold of every class that gives it the highest F1 on these samples.

    Candidates lie halfway between neighbouring scores; of equally good ones the nearest to one half is taken.

    Shapes:
        - **input:** scores :math:`(N, K)`, probabilities; targets :math:`(N, K)`
        - **output:** :math:`(K,)`
    """
    scores, targets = _checked(scores, targets)
    thresholds = np.full(scores.shape[1], DEFAULT_THRESHOLD)
    for label in np.flatnonzero(targets.any(axis=0)):
        order = np.argsort(-scores[:, label], kind='stable')
        ranked, hits = scores[order, label], np.cumsum(targets[order, label])
        cuts = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # the last rank of each run of equal scores
        f1 = 2 * hits[cuts] / (cuts + 1 + hits[-1])
        below = np.append(ranked, 0.)[cuts + 1]
        candidates = (np.maximum(ranked[cuts], 0.) + np.maximum(below, 0.)) / 2  # -inf: a missing prediction
        best = np.flatnonzero(f1 == f1.max())
        thresholds[label] = candidates[best[np.argmin(np.abs(candidates[best] - DEFAULT_THRESHOLD))]]
    return thresholds
