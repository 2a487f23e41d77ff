import numpy as np
import pytest
from golden import coco80
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph, normalize_adjacency, superimpose
from kss_mm.graph.superimpose import ks_graph, mix, mlgcn_graph

WEIGHTS = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
SHARES = st.floats(0, 1)
SIZES = st.integers(1, 6)


def adjacencies(size):
    return hnp.arrays(np.float64, (size, size), elements=WEIGHTS)


PAIRS = SIZES.flatmap(lambda size: st.tuples(adjacencies(size), adjacencies(size)))


def test_normalize_by_hand():
    adj = np.array([[0.0, 2.0, 2.0], [1.0, 0.0, 0.0], [0.0, 0.0, 9.0]])  # row sums 4, 1, 9
    expected = [[0, 2 / 2, 2 / 6], [1 / 2, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(normalize_adjacency(adj), expected)
    np.testing.assert_allclose(normalize_adjacency(sp.csr_matrix(adj)).toarray(), expected)


def test_normalize_keeps_zero_rows_and_its_input():
    adj = sp.csr_matrix(np.array([[0, 0], [3, 1]]))
    result = normalize_adjacency(adj)
    np.testing.assert_allclose(result.toarray(), [[0, 0], [0, 1 / 4]])
    result.eliminate_zeros()
    np.testing.assert_array_equal(adj.toarray(), [[0, 0], [3, 1]])


def test_superimpose_by_hand():
    stat = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    know = np.array([[0.0, 4.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    # Row sums 2, 1, 1 and 4, 4, 0.
    stat_n = np.array([[1 / 2, 1 / np.sqrt(2), 0], [0, 1, 0], [0, 0, 1]])
    know_n = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    mixed = 0.6 * stat_n + 0.4 * know_n  # eq. 2
    d = mixed.sum(axis=1)
    mixed = np.array([[mixed[i, j] / np.sqrt(d[i] * d[j]) for j in range(3)] for i in range(3)])
    kept = np.where(mixed < 0.35, 0, mixed)  # eq. 3 drops 0 -> 0 (0.266), not 1 -> 0 (0.377)
    assert kept[0, 0] == 0 and kept[1, 0] > 0
    final = 0.4 * kept + 0.6 * np.eye(3)  # eq. 4
    d = final.sum(axis=1)
    expected = np.array([[final[i, j] / np.sqrt(d[i] * d[j]) for j in range(3)] for i in range(3)])
    for convert in (np.asarray, sp.csr_matrix):
        result = superimpose(convert(stat), convert(know), lam=0.6, tau=0.35, eta=0.4)
        result = result.toarray() if sp.issparse(result) else result
        np.testing.assert_allclose(result, expected, rtol=1e-12)


def test_ks_graph_by_hand():
    mixed = np.array([[0.5, 0.02], [0.2, 0.1]])  # 0.02 < tau
    final = np.array([[0.4 * 0.5 + 0.6, 0], [0.4 * 0.2, 0.4 * 0.1 + 0.6]])  # eq. 3 and 4
    rows, columns = np.array([0.8, 0.72]), np.array([0.88, 0.64])
    for convert in (np.asarray, sp.csr_matrix):
        for by_columns, sums in ((False, rows), (True, columns)):
            result = ks_graph(convert(mixed), tau=0.03, eta=0.4, by_columns=by_columns)
            result = result.toarray() if sp.issparse(result) else result
            np.testing.assert_allclose(result, final / np.sqrt(np.outer(sums, sums)), rtol=1e-12)
    assert mixed[0, 1] == 0.02


@given(PAIRS, SHARES, st.floats(0, 0.5), SHARES)
def test_sparse_equals_dense(pair, lam, tau, eta):
    stat, know = pair
    mixed = mix(stat, know, lam=lam)
    assume((np.abs(mixed[mixed > 0] - tau) > 1e-9).all())  # rounding decides there
    expected = superimpose(stat, know, lam=lam, tau=tau, eta=eta)
    assert np.isfinite(expected).all()
    for first, second in ((sp.csr_matrix(stat), sp.csr_matrix(know)), (sp.coo_matrix(stat), know)):
        result = superimpose(first, second, lam=lam, tau=tau, eta=eta)
        assert sp.issparse(result)
        np.testing.assert_allclose(result.toarray(), expected, rtol=1e-9, atol=1e-12)


@given(PAIRS, st.floats(0, 0.5), SHARES)
def test_lam_one_and_zero_are_the_single_graphs(pair, tau, eta):
    stat, know = pair
    alone = superimpose(stat, None, lam=1, tau=tau, eta=eta)
    np.testing.assert_array_equal(superimpose(stat, know, lam=1, tau=tau, eta=eta), alone)
    # lam=0 is the knowledge graph: the same as giving that as the only one.
    np.testing.assert_array_equal(superimpose(stat, know, lam=0, tau=tau, eta=eta),
                                  superimpose(know, None, lam=1, tau=tau, eta=eta))


@given(PAIRS, SHARES)
def test_tau_zero_and_eta_one_do_nothing(pair, lam):
    stat, know = pair
    mixed = lam * normalize_adjacency(stat) + (1 - lam) * normalize_adjacency(know)
    expected = normalize_adjacency(normalize_adjacency(mixed))
    np.testing.assert_allclose(superimpose(stat, know, lam=lam, tau=0, eta=1), expected, rtol=1e-12)


@given(PAIRS, SHARES, SHARES, st.randoms(use_true_random=False))
def test_permuting_the_labels_permutes_the_result(pair, lam, eta, random):
    stat, know = pair
    order = np.array(random.sample(range(len(stat)), len(stat)))
    result = superimpose(stat, know, lam=lam, tau=0, eta=eta)
    permuted = superimpose(stat[order][:, order], know[order][:, order], lam=lam, tau=0, eta=eta)
    np.testing.assert_allclose(permuted, result[order][:, order], rtol=1e-9, atol=1e-15)


@given(PAIRS, SHARES, SHARES)
def test_symmetric_graphs_stay_symmetric(pair, lam, eta):
    stat, know = (adj + adj.T for adj in pair)
    result = superimpose(stat, know, lam=lam, tau=0, eta=eta)
    np.testing.assert_allclose(result, result.T, rtol=1e-9, atol=1e-15)


def test_isolated_labels_keep_their_self_loop():
    zero = np.zeros((3, 3))
    np.testing.assert_allclose(superimpose(zero, zero, lam=0.4, tau=0.02, eta=0.4), np.eye(3), rtol=1e-12)
    result = superimpose(sp.csr_matrix(zero), None, lam=1, tau=0.02, eta=0.4)
    np.testing.assert_allclose(result.toarray(), np.eye(3), rtol=1e-12)


def test_one_label():
    result = superimpose(np.ones((1, 1)), np.zeros((1, 1)), lam=0.4, tau=0.02, eta=0.4)
    np.testing.assert_allclose(result, [[1]], rtol=1e-12)


@pytest.mark.parametrize(('kwargs', 'message'), [
    ({'lam': -0.1}, 'lam must be a number in'),
    ({'lam': 1.1}, 'lam must be a number in'),
    ({'lam': float('nan')}, 'lam must be a number in'),
    ({'tau': -1}, 'tau must be'),
    ({'tau': float('nan')}, 'tau must be'),
    ({'eta': 2}, 'eta must be a number in'),
    ({'know': None}, 'there is none; set lam=1'),
    ({'know': np.eye(3)}, 'same labels, got 2'),
    ({'stat': np.array([[0, -1], [1, 0]])}, 'stat holds a negative'),
    ({'know': np.array([[0, np.inf], [1, 0]])}, 'know holds NaN or infinity'),
])
def test_errors(kwargs, message):
    with pytest.raises(InputError, match=message):
        superimpose(**{'stat': np.eye(2), 'know': np.eye(2), 'lam': 0.4, 'tau': 0.02, 'eta': 0.4, **kwargs})


def test_mlgcn_graph_by_hand():
    stat = np.array([[1.0, 3.0], [0.0, 1.0]])  # row sums 4, 1: entry (0, 1) becomes 3 / 2, at (1, 0)
    for convert in (np.asarray, sp.csr_matrix):
        result = mlgcn_graph(convert(stat))
        result = result.toarray() if sp.issparse(result) else result
        np.testing.assert_allclose(result, [[1 / 4, 0], [3 / 2, 1]])


def test_mlgcn_graph_is_the_released_one_of_coco():
    golden = coco80()
    np.testing.assert_allclose(mlgcn_graph(golden.adjacency), golden.normalised, atol=1e-6)
    graph = LabelGraph(golden.classes, golden.counts, golden.num_samples, 82_783)
    np.testing.assert_allclose(graph.adjacency(lam=1, tau=0, eta=1, normalize='mlgcn'), golden.normalised, atol=1e-6)


@pytest.mark.parametrize(('options', 'message'), [
    (dict(lam=.5, normalize='mlgcn'), "normalize='mlgcn' is of the statistical graph alone, got lam=0.5: set lam=1"),
    (dict(lam=None, normalize='mlgcn'), 'got lam=None'),
    (dict(lam=1, normalize='twice'), "normalize must be one of paper, mlgcn, got 'twice'")])
def test_normalizations_that_cannot_be(make_graph, options, message):
    with pytest.raises(InputError, match=message):
        make_graph().adjacency(tau=0, eta=1, **options)
