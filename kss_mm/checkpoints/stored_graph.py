"""The label graph in a published checkpoint, and how its model mixes it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kss_mm.checkpoints.checkpoint import is_whole, load_plain
from kss_mm.checkpoints.plain_config import parse_plain
from kss_mm.errors import InputError, shown
from kss_mm.graph import LabelGraph

_MIXTURE = ('lam', 'tau', 'eta')


def label_graph_of(path: str) -> LabelGraph:
    """The label graph in a published checkpoint.

    Raises:
        UserError: If it is not a checkpoint, or its label graph is missing or not one.
    """
    return label_graph_in(load_plain(path), path)


def label_graph_in(checkpoint: Mapping, path: str) -> LabelGraph:
    """The label graph in the content of a published checkpoint; errors as :func:`label_graph_of`."""
    stored = checkpoint.get('label_graph')
    if stored is None:
        raise InputError(f'{path}: has no label graph in it; tools/publish_model.py puts that of the model there')
    arrays = {name: _array(name, value, path) for name, value in stored.items()}
    try:
        return LabelGraph.from_arrays(arrays, path)
    except (AttributeError, IndexError, OverflowError, MemoryError, RecursionError, RuntimeError) as error:
        raise InputError(f'{path}: its label graph cannot be used ({type(error).__name__}: {error}); take another copy '
                         'of the file') from error


def mixture_of(path: str) -> dict[str, float]:
    """Those of lam, tau and eta (eq. 2 to 4) that the config in a checkpoint sets, in ``model.neck``.

    Raises:
        UserError: If it is not a checkpoint, or its config is not plain data.
    """
    text = load_plain(path).get('meta', {}).get('cfg')
    if text is None:
        return {}
    try:
        model = parse_plain(str(text)).get('model')
    except ValueError as error:
        raise InputError(f'{path}: the config in it cannot be read ({error}); take another copy of the file') from error
    neck = model.get('neck') if isinstance(model, Mapping) else None
    found = {name: neck.get(name) for name in _MIXTURE} if isinstance(neck, Mapping) else {}
    return {name: value for name, value in found.items() if type(value) in (int, float)}


def as_tensors(graph: LabelGraph) -> dict[str, Tensor | list | str]:
    """The form in which a checkpoint holds a label graph: numbers as tensors, texts as lists."""
    return {name: array.tolist() if array.dtype.kind == 'U' else torch.from_numpy(array)
            for name, array in graph.arrays().items()}


def _array(name: Any, value: Any, path: str) -> np.ndarray:
    match value:
        case Tensor() if is_whole(value) and value.dtype != torch.bfloat16:
            return value.detach().numpy()
        case str() if name != 'classes':
            return np.array(value)
        case list() if all(isinstance(item, str) for item in value):
            return np.array(value, dtype=np.str_)
    text = f'a {type(value).__name__}' if isinstance(value, Tensor | Mapping) else shown(value)
    raise InputError(f'{path}: its label_graph.{name} is {text}, no numbers or texts of a label graph; take another '
                     'copy of the file')
