"""Comparison of two label orders by which labels occur together, which changes less than how frequent each is."""

from typing import NamedTuple

import numpy as np

from kss_mm.graph.label_counts import LabelCounts

# Random orders that an order is compared with, and how many labels take part, the most frequent.
_ORDERS, _MOST = 49, 400


class Agreement(NamedTuple):
    """How well pairs agree in the order given, in standard deviations above random orders of the labels.

    Args:
        found: Of these pairs.
        expected: Of pairs that are those of the other set of samples.
        number: How many pairs of labels the samples have in all.
    """

    found: float
    expected: float
    number: int


def pair_agreement(counts: LabelCounts, others: LabelCounts) -> Agreement | None:
    r"""Compare the pairs of labels of two sets of samples in the order given with those in random orders.

    .. math::
        a = \frac{\sum_{i \ne j} C_{ij} w_{ij}}{\sum_{i \ne j} C_{ij}}, \qquad
        w_{ij} = \log \frac{C'_{ij} + 1}{c'_i c'_j / N' + 1}

    How frequent each label is plays no part, so that samples that were chosen by their labels agree as well.

    >>> clear = LabelCounts(np.array([9, 9, 9, 9]), 18, np.kron(np.eye(2, dtype=int), np.full((2, 2), 9)))
    >>> pair_agreement(clear, clear.placed(np.array([0, 2, 1, 3]))).found < 0 < pair_agreement(clear, clear).found
    True

    Returns:
        None where pairs are not known, there are none, or all orders agree alike.
    """
    if counts.pairs is None or others.pairs is None:
        return None
    labels = np.argsort(-counts.samples * np.maximum(others.samples, 1), kind='stable')[:_MOST]
    pairs, weights = counts.among(labels), lifts(others, labels)
    number = int(pairs.sum()) // 2
    if not number:
        return None
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(labels)) for _ in range(_ORDERS)]
    random = np.array([_mean(pairs, weights[order][:, order]) for order in orders])
    spread = random.std()
    if not spread:
        return None
    return Agreement(float((_mean(pairs, weights) - random.mean()) / spread),
                     float((_mean(others.among(labels), weights) - random.mean()) / spread), number)


def improves(counts: LabelCounts, others: LabelCounts, here: np.ndarray, there: np.ndarray) -> bool:
    """Tell if pairs agree better where labels ``here`` of the one are those ``there`` of the other.

    >>> clear = LabelCounts(np.array([9, 9, 9, 9]), 18, np.kron(np.eye(2, dtype=int), np.full((2, 2), 9)))
    >>> improves(clear, clear.placed(np.array([0, 2, 1, 3])), np.array([1, 2]), np.array([2, 1]))
    True

    Returns:
        True as well where pairs are not known or say nothing.
    """
    if counts.pairs is None or others.pairs is None:
        return True
    first = dict.fromkeys(here.tolist())
    rest = (label for label in np.argsort(-counts.samples, kind='stable').tolist() if label not in first)
    labels = np.array([*first, *(label for label, _ in zip(rest, range(max(_MOST - len(first), 0))))])
    places = dict(zip(here.tolist(), there.tolist()))
    pairs = counts.among(labels)
    moved = np.array([places.get(label, label) for label in labels.tolist()])
    return _mean(pairs, lifts(others, moved)) >= _mean(pairs, lifts(others, labels))


def lifts(counts: LabelCounts, labels: np.ndarray) -> np.ndarray:
    """(k, k) logarithms of how much more often than by chance two of some labels occur together; 0 where neither says.

    >>> lifts(LabelCounts(np.array([1, 1]), 4, np.array([[1, 1], [1, 1]])), np.arange(2)).round(2)
    array([[0.  , 0.47],
           [0.47, 0.  ]])
    """
    samples = counts.samples[labels]
    weights = np.log((counts.among(labels) + 1) / (np.outer(samples, samples) / max(counts.total, 1) + 1))
    np.fill_diagonal(weights, 0)
    return weights


def _mean(pairs: np.ndarray, weights: np.ndarray) -> float:
    return float((pairs * weights).sum() / max(pairs.sum(), 1))
