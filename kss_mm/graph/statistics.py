"""Label matrix -> co-occurrence counts -> A_S, the statistical graph (paper, "Graph Construction")."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph.matrices import Matrix, as_square
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.numeric import check_number

#: Above this many labels counts are CSR: a dense int64 matrix of 4096 labels takes 128 MiB.
DENSE_LIMIT = 4096
#: Samples multiplied at a time, so that memory follows the edges of the graph and not the size of the data set.
CHUNK_SAMPLES = 1_000_000

#: t: P(j|i) below it is noise. ML-GCN (Chen et al. 2019), its released code and section 4.2.1.
MLGCN_THRESHOLD = 0.4
#: p: weight that the neighbours share. ML-GCN's released code (``gen_A``); its paper says 0.2.
MLGCN_REWEIGHT = 0.25
#: Added to the column sums at the same place of ML-GCN's released code, against division by zero.
MLGCN_EPSILON = 1e-6

FORMS = ('mlgcn', 'conditional')


class UnseenLabelWarning(UserWarning):
    """Some labels have no sample, so that their rows of A_S are zero."""


def label_matrix(index_lists: Sequence[Sequence[int]], num_labels: int) -> sp.csr_matrix:
    """(N, K) CSR matrix of 0 and 1 from the label indices of every sample; a repeated index counts once.

    >>> label_matrix([[0, 2], [], [1]], 3).toarray()
    array([[1, 0, 1],
           [0, 0, 0],
           [0, 1, 0]])

    Raises:
        InputError: An index outside 0 .. ``num_labels`` - 1, naming the sample.
    """
    lengths = np.fromiter((len(labels) for labels in index_lists), np.int64, len(index_lists))
    indices = np.fromiter((label for labels in index_lists for label in labels), np.int64, int(lengths.sum()))
    rows = np.repeat(np.arange(len(index_lists)), lengths)
    outside = np.flatnonzero((indices < 0) | (indices >= num_labels))
    if outside.size:
        raise InputError(f'sample {rows[outside[0]]} (counted from 0) has label index {indices[outside[0]]}, but there '
                         f'are {num_labels} classes (0 .. {num_labels - 1}); check the class list')
    matrix = sp.csr_matrix((np.ones(len(indices), np.int64), (rows, indices)), (len(index_lists), num_labels))
    matrix.data[:] = 1  # the constructor added up repeated indices
    return matrix


def _as_label_csr(labels) -> sp.csr_matrix:
    if labels.ndim != 2:
        raise InputError(f'a label matrix is (samples, labels), got shape {tuple(labels.shape)}')
    if labels.dtype.kind not in 'biuf':
        raise InputError(f'a label matrix holds the numbers 0, 1 and -1, got dtype {labels.dtype}')
    matrix = sp.csr_matrix(labels)
    matrix = matrix.astype(np.int64 if matrix.dtype.kind in 'bui' else np.float64)  # a copy: the caller's stays
    matrix.sum_duplicates()
    wrong = ~np.isin(matrix.data, (0, 1, UNKNOWN))
    if wrong.any():
        raise InputError(f'a label matrix holds 0 and 1 only, got {matrix.data[wrong][0]} ({UNKNOWN} is for unknown); '
                         'binarise scores, counts or probabilities first')
    return matrix.astype(np.int64, copy=False)


def label_chunks(labels) -> Iterator[sp.csr_matrix]:
    """Label matrices of at most ``CHUNK_SAMPLES`` rows; sequences of numbers are one matrix, other iterables many.

    >>> [chunk.toarray().tolist() for chunk in label_chunks([[1, 0], [-1, 1]])]
    [[[1, 0], [-1, 1]]]
    """
    if isinstance(labels, list | tuple) and not any(sp.issparse(part) or np.ndim(part) == 2 for part in labels):
        labels = np.asarray(labels)
    parts = [labels] if sp.issparse(labels) or isinstance(labels, np.ndarray) else labels
    for part in parts:
        part = part.tocsr() if sp.issparse(part) else np.asarray(part)
        for start in range(0, max(part.shape[0] if part.ndim else 0, 1), CHUNK_SAMPLES):
            yield _as_label_csr(part[start:start + CHUNK_SAMPLES] if part.ndim == 2 else part)


def entries_of(matrix: sp.csr_matrix, value: int) -> sp.csr_matrix:
    """CSR matrix of 1 where a label matrix holds ``value``.

    >>> entries_of(sp.csr_matrix([[1, -1], [0, 1]]), -1).toarray()
    array([[0, 1],
           [0, 0]])
    """
    found = sp.csr_matrix(((matrix.data == value).astype(np.int64), matrix.indices, matrix.indptr), matrix.shape,
                          copy=True)
    found.eliminate_zeros()
    return found


def cooccurrence(labels, *, sparse: bool | None = None) -> Matrix:
    r"""Number of samples that carry both labels, for every pair of labels.

    .. math:: N_{ij} = \sum_n Y_{ni} Y_{nj}, \qquad N_{ii} = \text{number of samples with label } i

    >>> cooccurrence([[1, 1, 0], [1, 0, 1], [1, 1, 0]])
    array([[3, 2, 1],
           [2, 2, 0],
           [1, 0, 1]])

    Args:
        labels: (N, K) matrix of 0, 1 and -1 for unknown, dense or SciPy sparse; or an iterable of such matrices over
            the same K labels, which then need not fit in memory together.
        sparse: CSR result (True) or dense result (False); by default dense up to ``DENSE_LIMIT`` labels.

    Returns:
        (K, K) int64, symmetric.
    """
    total = None
    for chunk in label_chunks(labels):
        chunk = entries_of(chunk, 1)
        pairs = (chunk.T @ chunk).tocsr()  # (K, K)
        if total is not None and pairs.shape != total.shape:
            raise InputError('all parts of a label matrix need the same number of labels, got '
                             f'{total.shape[0]} and {pairs.shape[0]}')
        total = pairs if total is None else total + pairs
    if total is None or not total.shape[0]:
        raise InputError('the label matrix is empty; it needs at least one label column')
    total.eliminate_zeros()
    total.sort_indices()
    if sparse is None:
        sparse = total.shape[0] > DENSE_LIMIT
    return total if sparse else total.toarray()


def _check(counts, num_samples) -> tuple[Matrix, np.ndarray]:
    counts, num_samples = as_square(counts, 'counts'), np.asarray(num_samples)
    if num_samples.shape != (counts.shape[0],):
        raise InputError(f'num_samples must have one entry for each of the {counts.shape[0]} labels of counts, got '
                         f'shape {num_samples.shape}')
    if num_samples.dtype.kind not in 'iuf' or not np.isfinite(num_samples).all() or (num_samples < 0).any():
        raise InputError('num_samples must hold numbers of samples, finite and >= 0')
    largest = counts.max(axis=1).toarray().ravel() if sp.issparse(counts) else counts.max(axis=1)
    wrong = np.flatnonzero(largest > num_samples)
    if wrong.size:
        raise InputError(f'label {wrong[0]} occurs in {num_samples[wrong[0]]} samples, but {largest[wrong[0]]} times '
                         'together with another; counts and num_samples belong to different data')
    return counts, num_samples.astype(np.float64)


def conditional_probabilities(counts, num_samples, unknown_pairs: Matrix | None = None) -> Matrix:
    r"""P(j|i), the share of the samples with label i that carry label j too; zero rows for labels without samples.

    .. math:: P_{ij} = N_{ij} / (n_i - U_{ij})

    with :math:`U_{ij}` samples with label i in which j is unknown, none as a rule: the share is of samples where j is
    known. It is 0 where j is known in none of them.

    >>> conditional_probabilities([[4, 2], [2, 2]], [4, 2])
    array([[1. , 0.5],
           [1. , 1. ]])

    Shapes:
        counts (K, K), num_samples (K,), unknown_pairs (K, K) or None -> (K, K) float64

    Warns:
        UnseenLabelWarning: some label has no sample.
    """
    counts, num_samples = _check(counts, num_samples)
    unseen = np.flatnonzero(num_samples == 0)
    if unseen.size:
        shown = ', '.join(map(str, unseen[:10])) + (', ...' if unseen.size > 10 else '')
        warnings.warn(f'{unseen.size} of {len(num_samples)} labels have no sample; their rows of the statistical '
                      f'graph are zero (label indices {shown})', UnseenLabelWarning, stacklevel=3)
    if not sp.issparse(counts):
        known = num_samples[:, None] - (0 if unknown_pairs is None else _dense(unknown_pairs))
        return counts / np.where(known > 0, known, 1.)  # where none is known, counts are 0
    rows = np.repeat(np.arange(len(num_samples)), np.diff(counts.indptr))
    known = num_samples[rows]
    if unknown_pairs is not None:
        known = known - np.asarray(unknown_pairs[rows, counts.indices]).ravel()
    # True division, as above: P >= t must agree. The index arrays are those of counts; they can take gigabytes.
    data = counts.data / np.where(known > 0, known, 1.)
    return sp.csr_matrix((data, counts.indices, counts.indptr), counts.shape)


def _dense(matrix: Matrix) -> np.ndarray:
    return matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix)


def statistical_adjacency(counts, num_samples, form: str = 'mlgcn', threshold: float = MLGCN_THRESHOLD,
                          reweight: float = MLGCN_REWEIGHT, *, unknown_pairs: Matrix | None = None) -> Matrix:
    r"""A_S from co-occurrence counts, in one of two named forms.

    ``conditional`` is :math:`P_{ij} = P(j|i)` itself. ``mlgcn`` is what ML-GCN's released code makes of it:

    .. math:: B_{ij} = [P_{ij} \ge t]\,[i \ne j], \qquad
              [A_S]_{ij} = \frac{p\, B_{ij}}{\sum_k B_{kj} + 10^{-6}} + \delta_{ij}

    Labels without samples have a zero row (the identity included) in both.

    >>> statistical_adjacency([[4, 1], [1, 2]], [4, 2], 'conditional')
    array([[1.  , 0.25],
           [0.5 , 1.  ]])
    >>> statistical_adjacency([[4, 1], [1, 2]], [4, 2]).round(3)  # P = .25 is below t = .4
    array([[1.  , 0.  ],
           [0.25, 1.  ]])

    Args:
        counts: (K, K) samples with both labels, as from :func:`cooccurrence`; ``mlgcn`` ignores the diagonal.
        num_samples: (K,) samples with each label.
        form: ``'mlgcn'`` or ``'conditional'``.
        threshold: Number t of ``mlgcn``, in (0, 1].
        reweight: Number p of ``mlgcn``, >= 0.
        unknown_pairs: (K, K) samples with label i in which j is unknown, see :func:`conditional_probabilities`.

    Returns:
        (K, K) float64, CSR where ``counts`` is sparse.

    Warns:
        UnseenLabelWarning: some label has no sample.
    """
    if form not in FORMS:
        raise InputError(f'unknown form {form!r} of the statistical graph; choose one of {", ".join(FORMS)}')
    check_number('threshold', threshold, 0, 1, 'a probability; ML-GCN: 0.4', without=0)
    check_number('reweight', reweight, 0, hint='ML-GCN: 0.25')
    probabilities = conditional_probabilities(counts, num_samples, unknown_pairs)
    if form == 'conditional':
        return probabilities
    seen = (np.asarray(num_samples) > 0).astype(np.float64)
    if sp.issparse(probabilities):
        likely = probabilities.tocoo()
        keep = (likely.data >= threshold) & (likely.row != likely.col)
        row, col = likely.row[keep], likely.col[keep]
        degree = np.bincount(col, minlength=len(seen)) + MLGCN_EPSILON  # (K,) column sums
        neighbours = sp.csr_matrix((reweight / degree[col], (row, col)), probabilities.shape)
        return (neighbours + sp.diags(seen)).tocsr()
    likely = (probabilities >= threshold).astype(np.float64)
    np.fill_diagonal(likely, 0)
    return likely * reweight / (likely.sum(axis=0) + MLGCN_EPSILON) + np.diag(seen)
