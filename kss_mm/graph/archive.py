"""Arrays in one .npz file: written as a whole or not at all, without pickles, the same arrays as the same bytes."""

import io
import os
import warnings
import zipfile
from typing import IO

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, one_line, shown
from kss_mm.files import PathLike, write_whole
from kss_mm.graph.matrices import Matrix

_CSR_PARTS = ('data', 'indices', 'indptr')
_MAGIC = b'\x93NUMPY'
#: An archive that unpacks to more than this, and to more than so many times its own size, is made to fill the memory.
LARGEST_UNPACKED, LARGEST_RATIO = 1 << 30, 100
#: Rows that a matrix may claim beyond those it has entries for: memory follows the claim.
MOST_ROWS = 1 << 27


def write_npz(path: PathLike, arrays: dict[str, np.ndarray]) -> None:
    """Write ``arrays`` as a whole or not at all, see :func:`~kss_mm.files.write_whole`."""
    buffer = io.BytesIO()  # of an archive that breaks off on a full disk, Python tells again when it is thrown away
    np.savez(buffer, **arrays)  # its members carry the fixed date 1980-01-01, not the time of writing
    write_whole(buffer.getbuffer(), path)


def read_numpy(path: PathLike) -> np.ndarray | dict[str, np.ndarray]:
    """The array of an .npy file or all arrays of an .npz file, whatever its name.

    Raises:
        ValueError: In one line: it is neither, damaged, holds pickles, or claims more than it can hold, which is
            found before any memory is taken.
    """
    try:
        with open(path, 'rb') as file, warnings.catch_warnings():
            warnings.simplefilter('ignore')  # NumPy tells of headers that Python 2 wrote
            if file.read(len(_MAGIC)) == _MAGIC:
                _check_header(file, os.path.getsize(path))
                return np.lib.format.read_array(file, allow_pickle=False)
            with zipfile.ZipFile(file) as archive:
                return _members(archive, os.path.getsize(path))
    except InputError:
        raise
    # NumPy parses headers as Python's source, zipfile and its decompressors have errors of their own: TokenError,
    # RecursionError, NotImplementedError, RuntimeError, struct.error, zlib.error, MemoryError, OverflowError, ...
    except Exception as error:
        raise ValueError(one_line(str(error)) or type(error).__name__) from error


def _members(archive: zipfile.ZipFile, size: int) -> dict[str, np.ndarray]:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if sum(member.compress_size for member in members) > size:
        raise InputError('its members overlap or are longer than the file; it is damaged or made to fill the memory')
    if unpacked > max(LARGEST_UNPACKED, LARGEST_RATIO * size):
        raise InputError(f'its {size:,} bytes unpack to {unpacked:,}; save it without compression if that is right')
    arrays: dict[str, np.ndarray] = {}
    for member in members:
        name = member.filename.removesuffix('.npy')
        if name in arrays:
            raise InputError(f'it has two arrays {shown(name)}')
        with archive.open(member) as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise InputError(f'its member {shown(member.filename)} is not a NumPy array')
            _check_header(file, member.file_size)
            arrays[name] = np.lib.format.read_array(file, allow_pickle=False)
    return arrays


def _check_header(file: IO[bytes], size: int) -> None:
    """Check what the header of an .npy file of ``size`` bytes claims; leaves ``file`` at its start."""
    file.seek(0)
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise InputError(f'it is of version {version} of the NumPy format, which is not known')
    # Version 3 differs from 2 in the encoding of its header only.
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise InputError('it holds pickled Python objects, which are never loaded')
    claimed = max(dtype.itemsize, 1)  # items of no size could be any number
    for length in shape:
        claimed *= int(length)
    if any(length < 0 for length in shape) or claimed > size - file.tell():
        raise InputError(f'its header claims shape {shown(shape)} of {shown(str(dtype))}, {size - file.tell():,} bytes '
                         'follow; it is damaged or cut short')
    file.seek(0)


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
    """Undo :func:`pack_matrix`; None if there is no such matrix.

    Raises:
        ValueError: Parts of a CSR matrix that are missing or do not fit together.
    """
    if f'{name}.data' not in arrays:
        return arrays.get(name)
    if missing := [f'{name}.{part}' for part in _CSR_PARTS if f'{name}.{part}' not in arrays]:
        raise InputError(f'it has {name}.data, but no {" and no ".join(missing)}')
    data, indices, indptr = (np.asarray(arrays[f'{name}.{part}']) for part in _CSR_PARTS)
    size = max(indptr.size - 1, 0)
    return sparse_of_parts(sp.csr_matrix, data, indices, indptr, (size, size), name)


def sparse_of_parts(form: type, data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, shape: tuple[int, int],
                    name: str) -> Matrix:
    """The CSR matrix of the parts of a ``form``, CSR or CSC; InputError where they do not fit together."""
    rows, columns = shape
    major, minor = (rows, columns) if form is sp.csr_matrix else (columns, rows)
    fit = (data.ndim == indices.ndim == indptr.ndim == 1 and data.dtype.kind in 'biuf'
           and indices.dtype.kind in 'iu' and indptr.dtype.kind in 'iu' and len(data) == len(indices)
           and len(indptr) == major + 1 > 0 and 0 <= minor and max(rows, columns) <= MOST_ROWS
           and indptr[0] == 0 and indptr[-1] == len(indices) and (indptr[1:] >= indptr[:-1]).all()
           and not (len(indices) and (indices.min() < 0 or indices.max() >= minor)))
    if not fit:
        raise InputError(f'the parts of the sparse matrix {name} do not fit together (shape {shown(shape)}, data '
                         f'{data.shape}, indices {indices.shape}, indptr {indptr.shape}); it is damaged')
    if data.dtype.itemsize not in (1, 2, 4, 8) or data.dtype == np.float16:
        data = data.astype(np.float64)  # SciPy has no sparse matrices of these
    return form((data, indices.astype(np.int64), indptr.astype(np.int64)), shape).tocsr()
