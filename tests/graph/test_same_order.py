import numpy as np
import pytest

from kss_mm.graph.label_counts import LabelCounts
from kss_mm.graph.same_order import Order
from kss_mm.graph.same_order import compare_order as compare


def compare_order(counts, total, others, others_total):
    return compare(LabelCounts(np.array(counts), total), LabelCounts(np.array(others), others_total)).order


def frequencies(labels: int, spread: float, seed: int = 0) -> np.ndarray:
    """Shares of samples as data sets have them: a few labels are frequent, many are rare."""
    return np.clip(.04 * np.exp(np.random.default_rng(seed).normal(0, spread, labels)), 1e-4, .9)


@pytest.mark.parametrize(('ours', 'theirs', 'order'), [
    ([5, 3, 9], [5, 3, 9], Order.EQUAL), ([5, 3, 9], [9, 5, 3], Order.PERMUTED), ([5, 3, 9], [5, 4, 9], Order.UNKNOWN),
    ([5, 5, 9], [5, 5, 9], Order.EQUAL), ([0, 0], [0, 0], Order.EQUAL), ([7], [900], Order.UNKNOWN),
    ([0] * 20, [10] * 20, Order.UNKNOWN),  # all ranks are equal
    ([1, 1, 0], [0, 1, 1], Order.UNKNOWN),  # as good as chance
])
def test_counts_of_few_labels(ours, theirs, order):
    assert compare_order(np.array(ours), 20, np.array(theirs), 1000) is order


def test_a_permutation_of_the_counts_of_as_many_samples():
    assert compare_order(np.array([1, 1, 0]), 2, np.array([0, 1, 1]), 2) is Order.PERMUTED


@pytest.mark.parametrize('labels', [3, 12, 40, 157])
@pytest.mark.parametrize('spread', [.1, .8, 1.3])
@pytest.mark.parametrize(('ours', 'theirs'), [(20, 7), (300, 100), (8000, 1800), (80000, 40000)])
def test_another_split_of_the_same_data_is_never_called_another_order(labels, spread, ours, theirs):
    rng = np.random.default_rng(labels)
    for seed in range(20):
        shares = frequencies(labels, spread, seed)
        drifted = np.clip(shares * np.exp(rng.normal(0, .2, labels)), 0, 1)  # splits are not drawn alike everywhere
        order = compare_order(rng.binomial(ours, shares), ours, rng.binomial(theirs, drifted), theirs)
        assert order in (Order.UNKNOWN, Order.EQUAL)


@pytest.mark.parametrize('labels', [40, 157])
def test_another_order_of_another_split(labels):
    rng, found = np.random.default_rng(0), []
    for seed in range(20):
        shares = frequencies(labels, .8, seed)
        reordered = rng.permutation(rng.binomial(1800, shares))
        found.append(compare_order(rng.binomial(8000, shares), 8000, reordered, 1800))
    assert found.count(Order.OTHER) >= 18  # random orders may be near the right one


def test_other_frequencies_altogether_are_not_another_order():
    rng = np.random.default_rng(0)
    assert compare_order(rng.integers(10, 20, 40), 1000, rng.integers(300, 900, 40), 1000) is Order.UNKNOWN


@pytest.mark.parametrize('moved', [2, 3])
def test_frequent_labels_in_each_others_places_are_named(moved):
    rng = np.random.default_rng(0)
    shares = np.geomspace(.002, .4, 40)
    places = np.arange(40)
    places[[10, 25, 38][-moved:]] = np.roll([10, 25, 38][-moved:], 1)
    order, labels = compare(LabelCounts(rng.binomial(1800, shares[places]), 1800),
                            LabelCounts(rng.binomial(8000, shares), 8000))
    assert order is Order.EXCHANGED and sorted(labels) == [10, 25, 38][-moved:]


def test_samples_that_were_chosen_by_their_labels_are_not_another_order():
    rng = np.random.default_rng(0)
    rows = (rng.random((4000, 40)) < np.geomspace(.01, .4, 40)).astype(np.int64)
    whole = LabelCounts(rows.sum(axis=0), len(rows))
    for label in (0, 20, 39):
        chosen = rows[rows[:, label] == 1]
        assert compare(LabelCounts(chosen.sum(axis=0), len(chosen)), whole).order is Order.UNKNOWN
    assert compare(LabelCounts(np.full(40, 30), 600), whole).order is Order.UNKNOWN  # as many of each label
