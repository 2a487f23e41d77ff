"""Checks that every graph function makes on the matrices it is given."""

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError

#: Rows of a CSR matrix scaled at a time, so that no temporary array is as large as the matrix.
BLOCK_ROWS = 1024

Matrix = np.ndarray | sp.csr_matrix | sp.csr_array


def as_square(matrix, name: str) -> Matrix:
    """A (K, K) matrix of finite, non-negative numbers as it is dense, or as CSR where it is any SciPy sparse form.

    >>> as_square([[0, 1], [1, 0]], 'adj')
    array([[0, 1],
           [1, 0]])

    Raises:
        InputError: Naming ``name`` and what is wrong with it.
    """
    if sp.issparse(matrix):
        matrix = matrix.tocsr()
        if not matrix.has_canonical_format:
            matrix = matrix.copy()  # the caller's matrix stays as it was
            matrix.sum_duplicates()
        values = matrix.data
    else:
        matrix = values = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.shape[0]:
        raise InputError(f'{name} must be a square (K, K) matrix with K >= 1, got shape {tuple(matrix.shape)}')
    if values.dtype.kind not in 'biuf':
        raise InputError(f'{name} must hold real numbers, got dtype {values.dtype}')
    if values.dtype.kind == 'f' and not np.isfinite(values).all():
        raise InputError(f'{name} holds NaN or infinity; every entry must be a finite number')
    if values.size and values.min() < 0:
        raise InputError(f'{name} holds a negative entry ({values.min()}); edge weights and counts are >= 0')
    return matrix


def edge_count(matrix: Matrix) -> int:
    """Entries other than zero off the diagonal: directed edges, so an undirected edge counts twice.

    >>> edge_count(np.array([[1, 2], [0, 1]]))
    1
    """
    total = matrix.count_nonzero() if sp.issparse(matrix) else np.count_nonzero(matrix)
    return int(total - np.count_nonzero(matrix.diagonal()))


def scale_csr(matrix: sp.csr_matrix, rows: np.ndarray, cols: np.ndarray) -> sp.csr_matrix:
    """``rows[i] * matrix[i, j] * cols[j]`` as float64. The result shares the index arrays of ``matrix``.

    >>> scale_csr(sp.csr_matrix([[0, 1], [1, 1]]), np.array([2, 3]), np.array([1, 10])).toarray()
    array([[ 0., 20.],
           [ 3., 30.]])
    """
    data = matrix.data.astype(np.float64)
    for start in range(0, matrix.shape[0], BLOCK_ROWS):
        bounds = matrix.indptr[start:start + BLOCK_ROWS + 1]
        part = slice(bounds[0], bounds[-1])
        data[part] *= np.repeat(rows[start:start + BLOCK_ROWS], np.diff(bounds))
        data[part] *= cols[matrix.indices[part]]
    return sp.csr_matrix((data, matrix.indices, matrix.indptr), matrix.shape)
