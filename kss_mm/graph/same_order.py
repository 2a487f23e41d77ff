"""Comparison of two label orders by counts, where the labels have no names: of a data set and of a label graph."""

import enum

import numpy as np

# Shares of a label that differ by more than this factor, and by more than this many standard errors, are far apart:
# splits of one data set have such labels by the exception.
FACTOR, STANDARD_ERRORS = 2., 3.
# Another order is assumed where at least this share of the labels is far apart, though at most that share would be
# were both sorted, and the rank correlation is below this. Of fewer labels chance alone gives such a correlation.
FAR, FAR_SORTED, CORRELATION = .25, .05, .5
FEWEST = 12
# Below this chance two sets of samples, of different size, have the same counts only if one was counted on the other.
CHANCE = .01


class Order(enum.Enum):
    """Verdict of two vectors of counts about the order of their labels."""

    EQUAL = enum.auto()  # the same counts
    PERMUTED = enum.auto()  # the same counts, in another order
    OTHER = enum.auto()  # counts of other samples, and most likely in another order
    UNKNOWN = enum.auto()  # counts of other samples, which may well be in the same order


def compare_order(counts: np.ndarray, total: int, others: np.ndarray, others_total: int) -> Order:
    r"""Compare how many samples carry each label in two sets of samples of the same K labels.

    ``PERMUTED`` are the same counts of as many samples, or of another number where chance would hardly give them; the
    counts 1, 1 and 0 of small sets say nothing. ``OTHER`` must not be said of another split of the same data, which
    gives a label nearly the same share of its samples. So all of this has to hold: a quarter of the labels has shares
    that differ by more than a factor of two and by more than chance (three standard errors of their log ratio,
    :math:`\sqrt{1/n + 1/m}`); next to none would if both were sorted; the ranks of the counts correlate by less than
    .5; and there are at least twelve labels. Few labels or samples, labels that are equally frequent, or other
    frequencies altogether therefore give ``UNKNOWN``. Of labels with equal counts the order cannot be told at all.

    >>> compare_order(np.array([90, 40, 7]), 100, np.array([7, 90, 40]), 100)
    <Order.PERMUTED: 2>

    Shapes:
        - **counts, others:** :math:`(K,)`, samples with each label, of ``total`` and ``others_total`` samples
    """
    if np.array_equal(counts, others):
        return Order.EQUAL
    if np.array_equal(np.sort(counts), np.sort(others)):
        return Order.PERMUTED if total == others_total or _chance_of_equal(counts) < CHANCE else Order.UNKNOWN
    another = (len(counts) >= FEWEST and _far_apart(counts, total, others, others_total) >= FAR
               and _far_apart(np.sort(counts), total, np.sort(others), others_total) <= FAR_SORTED
               and _rank_correlation(counts, others) < CORRELATION)
    return Order.OTHER if another else Order.UNKNOWN


def _chance_of_equal(counts: np.ndarray) -> float:
    r"""Roughly, of two samples of Poisson counts being equal, :math:`1 / \sqrt{4 \pi n}` each; ties count once."""
    different = np.unique(counts[counts > 0])
    return float(np.prod(1 / np.sqrt(4 * np.pi * different)))


def _far_apart(counts: np.ndarray, total: int, others: np.ndarray, others_total: int) -> float:
    """The share of labels whose shares of samples are far apart."""
    n, m = counts + .5, others + .5  # half a sample more, so that a label without any has a logarithm
    ratio = np.abs(np.log(n / (total + 1)) - np.log(m / (others_total + 1)))
    return float(np.mean((ratio > np.log(FACTOR)) & (ratio > STANDARD_ERRORS * np.sqrt(1 / n + 1 / m))))


def _rank_correlation(counts: np.ndarray, others: np.ndarray) -> float:
    """Spearman's; 1, so that nothing follows from it, where all counts of one side are equal."""
    from scipy.stats import rankdata  # takes a third of a second to import

    ranks, other_ranks = rankdata(counts), rankdata(others)
    if not ranks.std() or not other_ranks.std():
        return 1.
    return float(np.corrcoef(ranks, other_ranks)[0, 1])
