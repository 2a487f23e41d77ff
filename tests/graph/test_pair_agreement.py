"""Orders of labels told apart by which labels occur together."""

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.graph.label_counts import LabelCounts
from kss_mm.graph.pair_agreement import improves, pair_agreement
from kss_mm.graph.same_order import Order, compare_order

K = 40


def samples(rng: np.random.Generator, number: int, frequencies: np.ndarray) -> np.ndarray:
    """Samples of themes: a theme has labels of its own, so these occur together."""
    themes = np.arange(K) % 8 == rng.integers(0, 8, number)[:, None]
    return (rng.random((number, K)) < np.where(themes, 4, .3) * frequencies).astype(np.int64)


def counts(matrix: np.ndarray, sparse: bool = False) -> LabelCounts:
    pairs = matrix.T @ matrix
    return LabelCounts(matrix.sum(axis=0), len(matrix), sp.csr_array(pairs) if sparse else pairs)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize('sparse', [False, True])
def test_pairs_of_another_split_agree_and_of_another_order_do_not(rng, sparse):
    train, test = (counts(samples(rng, number, np.full(K, .1)), sparse) for number in (600, 100))
    assert pair_agreement(test, train).found > 5
    assert pair_agreement(test.placed(rng.permutation(K)), train).found < 2.5


def test_without_pairs_nothing_is_said(rng):
    lone = counts(np.eye(K, dtype=np.int64))
    known = counts(samples(rng, 100, np.full(K, .1)))
    assert pair_agreement(lone, known) is None and pair_agreement(known._replace(pairs=None), known) is None
    assert improves(known._replace(pairs=None), known, np.array([0]), np.array([1]))


def test_samples_of_another_place_are_not_another_order(rng):
    """Frequencies have nothing in common, but the same labels occur together."""
    shares = .1 * np.exp(rng.normal(0, 1, K))
    train = counts(samples(rng, 2000, shares))
    elsewhere = counts(samples(rng, 500, rng.permutation(shares)))
    assert compare_order(elsewhere._replace(pairs=None), train).order is Order.OTHER
    assert compare_order(elsewhere, train).order is Order.UNKNOWN


def test_few_samples_in_another_order(rng):
    """Frequencies of so few say little, pairs do."""
    shares = .1 * np.exp(rng.normal(0, .5, K))
    train, test = (counts(samples(rng, number, shares)) for number in (300, 60))
    assert compare_order(test, train).order is Order.UNKNOWN
    assert compare_order(test.placed(rng.permutation(K)), train).order is Order.OTHER


def test_labels_of_equal_frequency_are_told_apart_by_the_labels_beside_them():
    rows = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 0]])
    train = counts(rows)
    assert train.samples.tolist() == [3, 3, 1, 2] and compare_order(train, train).order is Order.EQUAL
    order, labels = compare_order(train.placed(np.array([1, 0, 2, 3])), train)
    assert order is Order.PERMUTED and labels == (0, 1)
