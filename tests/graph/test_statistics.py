import numpy as np
import pytest
from golden import coco80
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph import UnseenLabelWarning, cooccurrence, normalize_adjacency, statistical_adjacency
from kss_mm.graph import statistics as statistics_module
from kss_mm.graph.statistics import label_matrix

LABELS = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]])
COUNTS = np.array([[3, 2, 1], [2, 2, 1], [1, 1, 1]])
BINARY = hnp.arrays(np.int64, st.tuples(st.integers(0, 12), st.integers(1, 6)), elements=st.integers(0, 1))


def dense(matrix):
    return matrix.toarray() if sp.issparse(matrix) else matrix


def test_cooccurrence_by_hand():
    counts = cooccurrence(LABELS)
    assert counts.dtype == np.int64
    np.testing.assert_array_equal(counts, COUNTS)


@given(BINARY)
def test_cooccurrence_of_every_form_is_the_product(labels):
    expected = labels.T @ labels
    for form in (labels, labels.astype(bool), labels.astype(np.float32), sp.csr_matrix(labels), sp.coo_matrix(labels)):
        np.testing.assert_array_equal(cooccurrence(form), expected)
    np.testing.assert_array_equal(cooccurrence(iter([labels[:3], sp.csr_matrix(labels[3:])])), expected)
    assert sp.issparse(cooccurrence(labels, sparse=True))
    np.testing.assert_array_equal(cooccurrence(labels, sparse=True).toarray(), expected)


def test_cooccurrence_in_chunks(monkeypatch):
    monkeypatch.setattr(statistics_module, 'CHUNK_SAMPLES', 2)
    np.testing.assert_array_equal(cooccurrence(LABELS), COUNTS)
    np.testing.assert_array_equal(cooccurrence(sp.csr_matrix(LABELS)), COUNTS)


def test_cooccurrence_is_sparse_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(statistics_module, 'DENSE_LIMIT', 2)
    assert sp.issparse(cooccurrence(LABELS))
    assert not sp.issparse(cooccurrence(LABELS, sparse=False))


def test_cooccurrence_leaves_its_input_alone():
    labels = sp.csr_matrix(LABELS.astype(np.float32))
    before = labels.copy()
    cooccurrence(labels)
    assert labels.dtype == before.dtype and (labels != before).nnz == 0


@pytest.mark.parametrize(('labels', 'message'), [
    (np.array([[0, 2]]), '0 and 1 only, got 2'),
    (np.array([[0.5, 1]]), '0 and 1 only, got 0.5'),
    (np.array([[np.nan, 1]]), '0 and 1 only, got nan'),
    (np.zeros(3), 'shape'),
    (np.array([['a', 'b']]), 'dtype'),
    (np.zeros((3, 0)), 'at least one label'),
    ([np.zeros((1, 2)), np.zeros((1, 3))], 'same number of labels'),
    (iter([]), 'at least one label'),
])
def test_cooccurrence_errors(labels, message):
    with pytest.raises(InputError, match=message):
        cooccurrence(labels)


def test_label_matrix():
    np.testing.assert_array_equal(label_matrix([[0, 1], [], [2, 2]], 3).toarray(), [[1, 1, 0], [0, 0, 0], [0, 0, 1]])
    with pytest.raises(InputError, match=r'sample 1 .* index 3, .*3 classes'):
        label_matrix([[0], [3]], 3)
    with pytest.raises(InputError, match='index -1'):
        label_matrix([[-1]], 3)


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_conditional_by_hand(convert):
    adj = statistical_adjacency(convert(COUNTS), [3, 2, 1], form='conditional')
    np.testing.assert_allclose(dense(adj), [[1, 2 / 3, 1 / 3], [1, 1, 1 / 2], [1, 1, 1]])


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_mlgcn_by_hand(convert):
    # P >= 0.4 off the diagonal: 0->1, 1->0, 1->2, 2->0, 2->1; columns have 2, 2, 1 entries.
    adj = statistical_adjacency(convert(COUNTS), [3, 2, 1], threshold=0.4, reweight=0.25)
    half, whole = 0.25 / (2 + 1e-6), 0.25 / (1 + 1e-6)
    np.testing.assert_allclose(dense(adj), [[1, half, 0], [half, 1, whole], [half, half, 1]], rtol=1e-12)


def test_mlgcn_keeps_probabilities_equal_to_the_threshold():
    counts = np.array([[15, 6], [6, 15]])  # 6 / 15 == 0.4, but 6 * (1 / 15) < 0.4
    for form in (counts, sp.csr_matrix(counts)):
        assert dense(statistical_adjacency(form, [15, 15]))[0, 1] > 0


@pytest.mark.parametrize('form', ['mlgcn', 'conditional'])
@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_label_without_samples_has_a_zero_row_and_a_warning(form, convert):
    counts = cooccurrence(np.array([[1, 0, 1], [1, 0, 0]]))
    with pytest.warns(UnseenLabelWarning, match='1 of 3 labels'):
        adj = dense(statistical_adjacency(convert(counts), counts.diagonal(), form=form))
    assert np.isfinite(adj).all()
    assert not adj[1].any() and not adj[:, 1].any()


@given(BINARY, st.sampled_from(['mlgcn', 'conditional']), st.randoms(use_true_random=False))
@pytest.mark.filterwarnings('ignore::kss_mm.graph.UnseenLabelWarning')
def test_statistical_adjacency_sparse_equals_dense_and_permutes(labels, form, random):
    counts = cooccurrence(labels)
    samples = counts.diagonal()
    adj = statistical_adjacency(counts, samples, form)
    np.testing.assert_allclose(statistical_adjacency(sp.csr_matrix(counts), samples, form).toarray(), adj, rtol=1e-14)
    order = np.array(random.sample(range(len(counts)), len(counts)))
    permuted = statistical_adjacency(counts[order][:, order], samples[order], form)
    np.testing.assert_allclose(permuted, adj[order][:, order], rtol=1e-14)


@pytest.mark.parametrize(('kwargs', 'message'), [
    ({'form': 'pmi'}, "unknown form 'pmi'"),
    ({'threshold': 0}, 'threshold'),
    ({'threshold': 1.5}, 'threshold'),
    ({'threshold': float('nan')}, 'threshold'),
    ({'reweight': -1}, 'reweight'),
    ({'num_samples': [3, 2]}, 'num_samples'),
    ({'num_samples': [3, -2, 1]}, 'num_samples'),
    ({'num_samples': [3, 1, 1]}, 'label 1 .* 1 samples, .* 2 times'),
    ({'counts': COUNTS[:2]}, 'square'),
    ({'counts': COUNTS * -1}, 'negative'),
    ({'counts': np.full((3, 3), np.nan)}, 'NaN'),
    ({'counts': np.full((3, 3), 'a')}, 'real numbers'),
    ({'counts': np.zeros((0, 0)), 'num_samples': []}, 'K >= 1'),
])
def test_statistical_adjacency_errors(kwargs, message):
    with pytest.raises(InputError, match=message):
        statistical_adjacency(**{'counts': COUNTS, 'num_samples': [3, 2, 1], **kwargs})


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_coco_golden_of_mlgcn(convert):
    golden = coco80()
    counts = convert(golden.counts)
    adj = statistical_adjacency(counts, golden.num_samples)
    np.testing.assert_allclose(dense(adj), golden.adjacency, atol=1e-6)
    # The released code normalises the transpose.
    np.testing.assert_allclose(dense(normalize_adjacency(adj)).T, golden.normalised, atol=1e-6)
    conditional = dense(statistical_adjacency(counts, golden.num_samples, form='conditional'))
    ball, racket = map(golden.classes.index, ('sports ball', 'tennis racket'))
    assert conditional[ball, racket] == pytest.approx(0.4223, abs=5e-5)  # Figure 1 of the paper
