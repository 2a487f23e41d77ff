"""Counts of data in which labels are unknown (-1)."""

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph, UnknownCounts, cooccurrence, statistical_adjacency, unknown_counts

LABELS = np.array([[1, 1, 0], [1, -1, 1], [1, 0, -1], [-1, 1, 0], [0, 1, -1]])
NAMES = ('a', 'b', 'c')


def dense(matrix) -> np.ndarray:
    return matrix.toarray() if sp.issparse(matrix) else matrix


def graph_of(labels, convert=np.asarray) -> LabelGraph:
    counts, unknown = cooccurrence(labels), unknown_counts(labels)
    return LabelGraph(NAMES, counts=convert(counts), num_samples=counts.diagonal(), total=len(labels),
                      unknown=None if unknown is None else unknown._replace(pairs=convert(unknown.pairs)))


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix, lambda labels: [labels[:2], labels[2:]]])
@pytest.mark.parametrize('sparse', [False, True])
def test_counts_by_hand(convert, sparse):
    # a: samples 0, 1, 2; b: 0, 3, 4; c: 1. Only sample 0 has two that are both known, a and b; sample 1 a and c.
    np.testing.assert_array_equal(dense(cooccurrence(convert(LABELS), sparse=sparse)),
                                  [[3, 1, 1], [1, 3, 0], [1, 0, 1]])
    samples, pairs = unknown_counts(convert(LABELS), sparse=sparse)
    assert sp.issparse(pairs) == sparse
    np.testing.assert_array_equal(samples, [1, 1, 2])
    np.testing.assert_array_equal(dense(pairs), [[0, 1, 1], [1, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_conditional_probabilities_are_shares_of_the_samples_where_the_other_is_known(convert):
    found = dense(graph_of(LABELS, convert).statistical(form='conditional'))
    # P(b|a): of samples 0 and 2, where b is known, one. P(b|c): b is unknown in the only sample with c.
    np.testing.assert_allclose(found, [[1, 1 / 2, 1 / 2], [1 / 2, 1, 0], [1, 0, 1]])


def test_they_equal_a_loop_over_samples():
    rng = np.random.default_rng(0)
    labels = rng.choice([1, 0, -1], (200, 3), p=[.4, .4, .2])
    found = graph_of(labels).statistical(form='conditional')
    for i in range(3):
        for j in range(3):
            both = [row[j] for row in labels if row[i] == 1 and row[j] != -1]
            assert found[i, j] == pytest.approx(np.mean(both))
    np.testing.assert_allclose(graph_of(labels).priors, [np.mean(column[column >= 0]) for column in labels.T])


def test_sparse_graphs_equal_dense_ones():
    dense_adj, sparse_adj = (graph_of(LABELS, convert).statistical() for convert in (np.asarray, sp.csr_matrix))
    np.testing.assert_allclose(sparse_adj.toarray(), dense_adj)
    counts = cooccurrence(LABELS)
    assert not np.array_equal(dense_adj, statistical_adjacency(counts, counts.diagonal()))  # they play a part


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_a_graph_comes_back_from_its_file(tmp_path, convert):
    graph = graph_of(LABELS, convert)
    graph.save(tmp_path / 'g.npz')
    back = LabelGraph.load(tmp_path / 'g.npz')
    np.testing.assert_array_equal(back.unknown.samples, graph.unknown.samples)
    np.testing.assert_array_equal(dense(back.unknown.pairs), dense(graph.unknown.pairs))
    np.testing.assert_array_equal(back.priors, [3 / 4, 3 / 4, 1 / 3])


def test_a_graph_without_unknown_labels_is_of_the_first_version():
    """So that a kss_mm of before reads it, and one with unknown labels is refused by it."""
    assert unknown_counts(LABELS.clip(0)) is None
    assert graph_of(LABELS.clip(0)).arrays()['format_version'] == 1
    assert graph_of(LABELS).arrays()['format_version'] == 2


@pytest.mark.parametrize(('unknown', 'message'), [
    (UnknownCounts(np.ones(2, int), np.zeros((2, 2))), '2 and 2 labels'),
    (UnknownCounts(np.full(3, 3), np.zeros((3, 3))), 'more than the samples'),
    (UnknownCounts(np.ones(3, int), np.full((3, 3), 4)), 'more than the samples'),
    (UnknownCounts(np.full(3, .5), np.zeros((3, 3))), 'counts of unknown labels')])
def test_counts_of_other_data_are_refused(unknown, message):
    counts = cooccurrence(LABELS)
    with pytest.raises(InputError, match=message):
        LabelGraph(NAMES, counts=counts, num_samples=counts.diagonal(), total=5, unknown=unknown)


def test_positive_weights_are_of_known_samples(make_graph):
    from kss_mm.models import WeightedBCELoss
    np.testing.assert_allclose(WeightedBCELoss(graph_of(LABELS)).pos_weight, [1 / 3, 1 / 3, 2])
