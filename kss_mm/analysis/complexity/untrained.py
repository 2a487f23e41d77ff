"""The model of a config without weights, and without the label graph where its file is not there."""

import os
from typing import Any

import numpy as np
from mmengine.config import Config
from scipy import sparse as sp
from torch import nn

from kss_mm.apis.model import fresh_model
from kss_mm.apis.portable_config import use_graph
from kss_mm.checkpoints.start_weights import drop_pretrained, mapped
from kss_mm.errors import MissingFileError
from kss_mm.graph import LabelGraph
from kss_mm.models.heads.head_of import head_of

# Width of E(0) in a stand-in: the paper's GloVe vectors.
STAND_IN_WIDTH = 300


def untrained_model(cfg: Config) -> tuple[nn.Module, str]:
    """The model in evaluation mode, and where its label graph comes from in words ('' for a model without one).

    A graph whose file is not there, of the neck or of the head's prior, is replaced by a stand-in of the same labels,
    as only sizes matter.
    """
    neck = cfg.get('model', {}).get('neck')
    path = neck.get('graph') if isinstance(neck, dict) else None
    source = ''
    if 'model' in cfg:
        cfg.model = drop_pretrained(cfg.model)
        cfg.model = mapped(cfg.model, lambda key, value: stand_in_graph(_labels_of(cfg, value))
                           if _is_lost_graph(value, path) else value)
    if isinstance(path, dict):  # of a published checkpoint
        source = 'label graph: in the checkpoint; where it is sparse, only its self-loops are counted'
        use_graph(cfg, stand_in_graph(len(path.classes), path.width))
    elif isinstance(path, str):
        source = f'label graph: {path}'
        if not os.path.isfile(path):
            source += (f' is not there; in its place, {_labels_of(cfg, path)} labels without edges and with '
                       f'{STAND_IN_WIDTH}-d embeddings')
    return fresh_model(cfg).eval(), source


def _labels_of(cfg: Config, graph: str) -> int:
    number = head_of(cfg.model).get('num_classes')
    if number is None:
        raise MissingFileError(f'{graph}: no such label graph, and the config leaves it to the graph how many labels '
                               'there are: make it, or give num_classes of the head')
    return number


def _is_lost_graph(value: Any, path: Any) -> bool:
    return isinstance(value, str) and (value == path or value.endswith('.npz')) and not os.path.isfile(value)


def stand_in_graph(num_classes: int, width: int = STAND_IN_WIDTH) -> LabelGraph:
    """Labels that never occur together: a graph of the right size."""
    identity = sp.identity(num_classes, dtype=np.int64, format='csr')
    return LabelGraph(classes=tuple(f'label {index}' for index in range(num_classes)), counts=identity,
                      num_samples=np.ones(num_classes, np.int64), total=num_classes, superimposed=identity,
                      knowledge=sp.csr_array((num_classes, num_classes)),
                      embeddings=np.zeros((num_classes, width), np.float32))
