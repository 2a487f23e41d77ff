"""Label matrices in NumPy's files: dense, or sparse as SciPy saves them."""

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph.archive import read_numpy, sparse_of_parts
from kss_mm.graph.matrices import Matrix

_FORMS = {'csr': sp.csr_matrix, 'csc': sp.csc_matrix}


def read_matrix(path: PathLike, name: str) -> Matrix:
    """The matrix of an ``.npy`` file, of ``scipy.sparse.save_npz``, or the array ``name`` or only one of an ``.npz``.

    Raises:
        InputError: Without the file's name.
    """
    try:
        arrays = read_numpy(path)
    except ValueError as error:
        raise InputError(f'not a readable NumPy file without pickles ({error})') from error
    if isinstance(arrays, np.ndarray):
        return arrays
    if {'format', 'shape', 'data'} <= arrays.keys():
        return _sparse(arrays, name)
    if name not in arrays and len(arrays) != 1:
        raise InputError(f'expected an array "{name}", it has {shown(", ".join(sorted(arrays)))}')
    return arrays[name] if name in arrays else next(iter(arrays.values()))


def _sparse(arrays: dict[str, np.ndarray], name: str) -> sp.csr_matrix:
    written = arrays['format']
    form = written.item() if written.ndim == 0 and written.dtype.kind in 'SU' else None
    form = form.decode('ascii', 'replace') if isinstance(form, bytes) else form
    if form not in _FORMS or not {'indices', 'indptr'} <= arrays.keys():
        raise InputError(f'a sparse matrix of the form {shown(form)}; save it as scipy.sparse.csr_matrix(matrix)')
    shape = arrays['shape']
    if shape.shape != (2,) or shape.dtype.kind not in 'iu':
        raise InputError(f'the shape of its sparse matrix must be a pair of numbers, got {shown(shape.tolist())}')
    return sparse_of_parts(_FORMS[form], arrays['data'], arrays['indices'], arrays['indptr'],
                           tuple(map(int, shape)), name)
