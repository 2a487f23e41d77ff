"""Arrays in one .npz file: written as a whole or not at all, without pickles, the same arrays as the same bytes."""

import os
import struct
import zlib
from zipfile import BadZipFile

import numpy as np
from scipy import sparse as sp

from kss_mm.files import whole_file
from kss_mm.graph.matrices import Matrix

PathLike = str | os.PathLike[str]

_CSR_PARTS = ('data', 'indices', 'indptr')


def write_npz(path: PathLike, arrays: dict[str, np.ndarray]) -> None:
    """Write ``arrays`` as a whole or not at all, see :func:`~kss_mm.files.whole_file`."""
    with whole_file(path) as file:
        np.savez(file, **arrays)  # its members carry the fixed date 1980-01-01, not the time of writing


def read_numpy(path: PathLike) -> np.ndarray | dict[str, np.ndarray]:
    """The array of an .npy file or all arrays of an .npz file, whatever its name.

    Raises:
        ValueError: it is neither, damaged, or holds pickles.
    """
    try:
        file = np.load(path, allow_pickle=False)
        if isinstance(file, np.ndarray):
            return file
        with file:
            return {name: file[name] for name in file.files}
    except (BadZipFile, EOFError, OSError, struct.error, zlib.error) as error:
        raise ValueError(str(error) or type(error).__name__) from error


def read_npz(path: PathLike) -> dict[str, np.ndarray]:
    """All arrays of an .npz file; ValueError where :func:`read_numpy` raises it, and for a single array."""
    arrays = read_numpy(path)
    if isinstance(arrays, np.ndarray):
        raise ValueError('a single array, not an .npz archive')
    return arrays


def pack_matrix(name: str, matrix: Matrix) -> dict[str, np.ndarray]:
    """A dense matrix under its name, a CSR matrix as three arrays ``name.data``, ``name.indices``, ``name.indptr``."""
    if not sp.issparse(matrix):
        return {name: matrix}
    return {f'{name}.{part}': getattr(matrix, part) for part in _CSR_PARTS}


def unpack_matrix(name: str, arrays: dict[str, np.ndarray]) -> Matrix | None:
    """What :func:`pack_matrix` packed; None if there is no such matrix.

    Raises:
        ValueError: parts of a CSR matrix that do not fit together.
    """
    if f'{name}.data' not in arrays:
        return arrays.get(name)
    data, indices, indptr = (arrays[f'{name}.{part}'] for part in _CSR_PARTS)
    matrix = sp.csr_matrix((data, indices, indptr), (len(indptr) - 1, len(indptr) - 1))
    matrix.check_format(full_check=True)
    return matrix
