"""Comparison of two label orders by counts, where the labels have no names: of data sets, and of a label graph."""

import enum
from typing import NamedTuple

import numpy as np

from kss_mm.graph.label_counts import LabelCounts
from kss_mm.graph.pair_agreement import improves, pair_agreement

# Shares of a label that differ by more than this factor, and by more than this many standard errors, are far apart:
# splits of one data set have such labels by the exception.
FACTOR, STANDARD_ERRORS, ONE_IN = 2., 3., 5
# Another order is assumed where the ranks of the counts correlate by less than this, and by less than so many standard
# deviations of a random order. Of fewer labels chance alone gives such a correlation.
CORRELATION, RANDOM, FEWEST = .5, 2.5, 12
# The same order is drawn so often, with shares that differ by this standard deviation of their logarithms.
TRIALS, WIDE_DRIFT = 100, .8
# Pairs of labels agree from so many standard deviations above random orders on. From so many, for pairs of the other
# set of samples, and so many pairs on they must agree.
AGREEING, CLEAR, PAIRS = 2.5, 10., 50
# Below this chance two sets of samples, of different size, have the same counts only if one was counted on the other.
CHANCE = .01
# Splits of one data set give a label shares whose logarithms differ by this standard deviation beside chance.
DRIFT = .2
# Labels that are far apart fit each other's places within so many standard errors, at least this share of them.
FITTING, FITTED = 2., .8


class Order(enum.Enum):
    """Verdict of the counts of two sets of samples about the order of their labels."""

    EQUAL = enum.auto()  # the same counts
    PERMUTED = enum.auto()  # the same counts, in another order
    OTHER = enum.auto()  # counts of other samples, and most likely in another order
    EXCHANGED = enum.auto()  # counts of other samples, and some labels look as if they were exchanged
    UNKNOWN = enum.auto()  # counts of other samples, which may well be in the same order


class Comparison(NamedTuple):
    """A verdict, and the labels that it rests on, the most telling first."""

    order: Order
    labels: tuple[int, ...] = ()


def compare_order(counts: LabelCounts, others: LabelCounts) -> Comparison:
    r"""Compare the counts of two sets of samples of the same K labels, whose orders may differ.

    ``PERMUTED`` are the same counts of as many samples, or of another number where chance would hardly give them; the
    counts 1, 1 and 0 of small sets say nothing. Of labels that are equally frequent the other labels of their samples
    are compared.

    What else is said must not be said of another split of the same data, which gives a label nearly the same share of
    its samples and has the same labels together, nor of samples that were chosen by their labels. ``OTHER`` are at
    least twelve labels whose ranks correlate no more than in a random order, and less than those of a hundred draws in
    the same order do, though sorted shares look alike; where it is known which labels occur together
    (:func:`~kss_mm.graph.pair_agreement.pair_agreement`), these must agree no more than in a random order, too, and
    decide where frequencies say little. ``EXCHANGED`` are labels whose shares differ by more than a factor of two and
    three standard errors of their log ratio, :math:`\sqrt{1/n + 1/m + d^2}` with the drift d that most labels have, and
    that fit each other's places, also by the labels that occur beside them. Few labels or samples, labels that
    are equally frequent, or other frequencies altogether therefore give ``UNKNOWN``.

    >>> compare_order(LabelCounts(np.array([90, 40, 7]), 100), LabelCounts(np.array([7, 90, 40]), 100))
    Comparison(order=<Order.PERMUTED: 2>, labels=(0, 1, 2))
    """
    n, m = counts.samples, others.samples
    differ = tuple(np.argsort(-np.abs(n - m), kind='stable')[:np.count_nonzero(n != m)].tolist())
    same = _sorted_alike(counts, others)
    if not differ:
        known = counts.pairs is not None and others.pairs is not None
        if same and known and not np.array_equal(counts.others, others.others):
            return Comparison(Order.PERMUTED, tuple(np.flatnonzero(counts.others != others.others).tolist()))
        return Comparison(Order.EQUAL)
    if same or np.array_equal(np.sort(n), np.sort(m)) and _chance_of_equal(n) < CHANCE:
        return Comparison(Order.PERMUTED, differ)
    deviation = np.abs(_log_shares(counts) - _log_shares(others)) / _errors(n, m, DRIFT)
    telling = np.argsort(-deviation, kind='stable').tolist()
    if len(n) >= FEWEST and _scrambled(counts, others):
        return Comparison(Order.OTHER, tuple(telling))
    exchanged = _exchanged(counts, others)
    if not exchanged:
        return Comparison(Order.UNKNOWN)
    labels = tuple(label for label in telling if label in exchanged)
    return Comparison(Order.EXCHANGED, labels)


def _sorted_alike(counts: LabelCounts, others: LabelCounts) -> bool:
    """Tell if both are counts of the same samples, but maybe for the order of the labels."""
    if counts.total != others.total or counts.others is None or others.others is None:
        return counts.total == others.total and np.array_equal(np.sort(counts.samples), np.sort(others.samples))
    mine, theirs = (sorted(zip(each.samples.tolist(), each.others.tolist())) for each in (counts, others))
    return mine == theirs


def _chance_of_equal(counts: np.ndarray) -> float:
    r"""Roughly, of two samples of Poisson counts being equal, :math:`1 / \sqrt{4 \pi n}` each; ties count once."""
    different = np.unique(counts[counts > 0])
    return float(np.prod(1 / np.sqrt(4 * np.pi * different)))


def _log_shares(counts: LabelCounts) -> np.ndarray:
    # Half a sample more, so that a label without any has a logarithm.
    return np.log((counts.samples + .5) / (counts.total + 1))


def _errors(n: np.ndarray, m: np.ndarray, drift: float) -> np.ndarray:
    """Standard errors of the log ratio of two shares, with what splits differ by."""
    return np.sqrt(1 / (n + .5) + 1 / (m + .5) + drift ** 2)


def _scrambled(counts: LabelCounts, others: LabelCounts) -> bool:
    """Tell if neither frequencies nor pairs agree more than by chance, though they would in the same order."""
    correlation = _rank_correlation(counts.samples, others.samples)
    if correlation >= min(CORRELATION, RANDOM / np.sqrt(len(counts.samples) - 1)):
        return False
    if abs(_log_shares(counts).max() - _log_shares(others).max()) > np.log(FACTOR):
        return False  # samples that were chosen by a label, which most of them carry
    pairs = pair_agreement(counts, others)
    if pairs is not None and pairs.found >= AGREEING:
        return False
    clear = pairs is not None and pairs.expected >= CLEAR and pairs.number >= PAIRS
    return _unlike_the_same_order(counts, others, correlation, clear)


def _unlike_the_same_order(counts: LabelCounts, others: LabelCounts, correlation: float, clear: bool) -> bool:
    """Tell if ranks correlate less than in draws of the same order, though sorted shares are as near to each other.

    Args:
        clear: Pairs have said so already; only the shares are compared.
    """
    large = max(counts, others, key=lambda each: each.total)
    shares = _shrunk_shares(large)
    rng = np.random.default_rng(0)
    correlations, distances = [], []
    for _ in range(TRIALS):
        other_shares = np.minimum(shares * np.exp(rng.normal(0, WIDE_DRIFT, len(shares))), 1)
        drawn = [LabelCounts(rng.binomial(each.total, probability), each.total)
                 for each, probability in ((counts, shares), (others, other_shares))]
        correlations.append(_rank_correlation(*(each.samples for each in drawn)))
        distances.append(_sorted_distance(*drawn))
    tells = np.median(correlations) >= CORRELATION  # not where labels are equally frequent, or samples few
    unlike = clear or tells and correlation < min(correlations)
    return bool(unlike and _sorted_distance(counts, others) <= max(distances))


def _shrunk_shares(counts: LabelCounts) -> np.ndarray:
    """Shares that differ as much as those that the counts are drawn from: chance makes counts differ more."""
    logarithms = _log_shares(counts)
    spread = logarithms.var()
    kept = 1 - np.mean(1 / (counts.samples + .5)) / spread if spread else 0.
    mean = logarithms.mean()
    return np.minimum(np.exp(mean + np.sqrt(max(kept, 0.)) * (logarithms - mean)), 1)


def _sorted_distance(counts: LabelCounts, others: LabelCounts) -> float:
    return float(np.abs(np.sort(_log_shares(counts)) - np.sort(_log_shares(others))).mean())


def _exchanged(counts: LabelCounts, others: LabelCounts) -> set[int]:
    """Labels that are far apart, and that fit the places of others whose shares differ."""
    mine, theirs = _log_shares(counts), _log_shares(others)
    ratio = np.abs(mine - theirs)
    # Of a normal distribution half the values are within .6745 standard deviations. A few labels of many do not change
    # that; of few labels most may be in another place.
    chance = np.median(_errors(counts.samples, others.samples, 0.))
    usual = np.sqrt(max((np.median(ratio) / .6745) ** 2 - chance ** 2, 0.))
    drift = max(DRIFT, usual) if len(ratio) >= FEWEST else DRIFT
    error = _errors(counts.samples, others.samples, drift)
    # A label that one of the two lacks may be that of a group of samples which the other lacks.
    errors = max(STANDARD_ERRORS, np.sqrt(2 * np.log(ONE_IN * len(ratio))))  # of many labels one is far by chance
    far = (ratio > np.log(FACTOR)) & (ratio > errors * error) & (counts.samples > 0) & (others.samples > 0)
    moved = np.flatnonzero(ratio > FITTING * error)
    here, there = moved[np.argsort(mine[moved], kind='stable')], moved[np.argsort(theirs[moved], kind='stable')]
    error = _errors(counts.samples[here], others.samples[there], drift)
    fits = (np.abs(mine[here] - theirs[there]) <= FITTING * error)[far[here]]
    if fits.sum() < 2 or fits.mean() < FITTED or not improves(counts, others, here, there):
        return set()
    return set(here[far[here]][fits].tolist())


def _rank_correlation(counts: np.ndarray, others: np.ndarray) -> float:
    """Spearman's; 1, so that nothing follows from it, where all counts of one side are equal."""
    from scipy.stats import rankdata  # takes a third of a second to import

    ranks, other_ranks = rankdata(counts), rankdata(others)
    if not ranks.std() or not other_ranks.std():
        return 1.
    return float(np.corrcoef(ranks, other_ranks)[0, 1])
