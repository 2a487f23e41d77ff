"""Single entries of a label graph's file, checked."""

import json

import numpy as np

from kss_mm.errors import shown
from kss_mm.graph.archive import unpack_matrix
from kss_mm.graph.unknown_counts import UnknownCounts
from kss_mm.json_files import parse_json


def number_in(arrays: dict[str, np.ndarray], name: str) -> int:
    """A whole number; KeyError or ValueError for none, as of all functions here.

    >>> number_in({'total': np.array(3)}, 'total')
    3
    """
    array = np.asarray(arrays[name])
    if array.ndim or array.dtype.kind not in 'iu':
        raise ValueError(f'its {name} must be a whole number, got {array.dtype} of shape {array.shape}')
    return int(array)


def unknown_in(arrays: dict[str, np.ndarray]) -> UnknownCounts | None:
    """The counts of unknown labels; None where there are none.

    >>> unknown_in({}) is None
    True
    """
    if 'unknown' not in arrays:
        return None
    pairs = unpack_matrix('unknown_pairs', arrays)
    if pairs is None:
        raise KeyError('unknown_pairs')
    return UnknownCounts(arrays['unknown'], pairs)


def provenance_in(arrays: dict[str, np.ndarray]) -> dict:
    """Where a graph came from.

    >>> provenance_in({'provenance': np.array('{"labels": "train.csv"}')})
    {'labels': 'train.csv'}
    """
    text = np.asarray(arrays['provenance'])
    if text.ndim or text.dtype.kind != 'U':
        raise ValueError(f'its provenance must be a text, got {text.dtype} of shape {text.shape}')
    content = parse_json(str(text), 'its provenance')
    if not isinstance(content, dict):
        raise ValueError(f'its provenance must be an object, got {shown(content)}')
    json.dumps(content, allow_nan=False)  # it has to be written again
    return content
