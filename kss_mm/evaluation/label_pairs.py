"""Pairs of labels: which are predicted together, taken for each other, or missed together.

A label that is unknown for a sample, a target of -1, says nothing of the pairs it is in.
"""

from typing import NamedTuple

import numpy as np

from kss_mm.evaluation.functional import check_scores_and_targets
from kss_mm.graph.unknown import UNKNOWN


class LabelPairs(NamedTuple):
    """Counts of samples by pair of labels, each (K, K) with the first label in rows.

    Args:
        together: Both are true.
        predicted: Both are predicted, of samples where both are known.
        confused: The first is true and not predicted, and the second, which is not true, is predicted.
        missed: Both are true, and neither is predicted.
        by_chance: Confusions to expect if the misses of the first had nothing to do with the false predictions of the
            second: the product of both counts over the samples.
    """

    together: np.ndarray
    predicted: np.ndarray
    confused: np.ndarray
    missed: np.ndarray
    by_chance: np.ndarray


def label_pairs(predicted: np.ndarray, targets: np.ndarray) -> LabelPairs:
    """Count the pairs of all labels.

    >>> predicted = np.array([[False, True], [True, True], [False, False]])
    >>> pairs = label_pairs(predicted, np.array([[1, 0], [1, 1], [1, 1]]))
    >>> pairs.confused.tolist(), pairs.missed[0, 1], pairs.predicted[0, 1], pairs.together[0, 1]
    ([[0, 1], [0, 0]], 1, 1, 2)

    Shapes:
        - **input:** predicted :math:`(N, K)`, bool; targets :math:`(N, K)` of 0, 1, -1
    """
    _, targets = check_scores_and_targets(np.zeros(np.shape(targets)), targets)
    predicted = predicted & (targets != UNKNOWN)
    true, false = targets == 1, targets == 0
    missed, wrong = true & ~predicted, predicted & false
    by_chance = np.outer(missed.sum(axis=0), wrong.sum(axis=0)) / max(len(targets), 1)
    return LabelPairs(_counts(true, true), _counts(predicted, predicted), _counts(missed, wrong),
                      _counts(missed, missed), by_chance)


def _counts(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(N, K) twice -> (K, K); float32 holds counts up to 2 ** 24, and multiplies fast."""
    kind = np.float32 if len(first) < 1 << 24 else np.float64
    return np.rint(first.T.astype(kind) @ second.astype(kind)).astype(np.int64)
