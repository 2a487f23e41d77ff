import numpy as np
import pytest

from kss_mm.graph.same_order import Order, compare_order


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
    rng = np.random.default_rng(0)
    for seed in range(20):
        shares = frequencies(labels, .8, seed)
        reordered = rng.permutation(rng.binomial(1800, shares))
        assert compare_order(rng.binomial(8000, shares), 8000, reordered, 1800) is Order.OTHER


def test_other_frequencies_altogether_are_not_another_order():
    rng = np.random.default_rng(0)
    assert compare_order(rng.integers(10, 20, 40), 1000, rng.integers(300, 900, 40), 1000) is Order.UNKNOWN
