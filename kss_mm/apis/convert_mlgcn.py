"""Checkpoints of ML-GCN's released code: its adjacency, which is not stored as ours is, and the way back."""

from collections.abc import Mapping

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor, nn

from kss_mm.apis.conversion import MLGCN, Conversion
from kss_mm.apis.model import fresh_model
from kss_mm.checkpoints.checkpoint import check_fits
from kss_mm.checkpoints.match_weights import match_weights, unusable
from kss_mm.checkpoints.mlgcn_keys import ADJACENCY, ours_to_mlgcn
from kss_mm.errors import InputError
from kss_mm.graph.superimpose import mlgcn_graph
from kss_mm.models.heads.head_of import head_of

# Adjacencies that are the same differ by less, as float32 rounds them; those of other counts by far more.
_SAME = 1e-4


def is_mlgcn(state: Mapping) -> bool:
    """Tell whether a checkpoint of ours has the backbone of ML-GCN."""
    return any('.conv2.' in key and ours_to_mlgcn(key) is not None for key in state)


def with_adjacency(state: Mapping[str, Tensor], own: Mapping[str, Tensor], path: str) -> Mapping[str, Tensor]:
    """A released state dict with its A normalised, as our model ``own`` keeps it.

    Raises:
        InputError: If it is not the adjacency of the model's label graph, whose words belong to the same labels.
    """
    raw, ours = state.get('A'), own.get(ADJACENCY)
    if ours is None or unusable(raw, ADJACENCY):
        return state
    if raw.shape != ours.shape:
        raise InputError(f'{path}: its A is {tuple(raw.shape)}, but the label graph of the config has {len(ours)} '
                         'labels; give the label graph of its counts (tools/build_label_graph.py --counts)')
    try:
        adjacency = mlgcn_graph(raw.double().numpy())
    except InputError as error:
        raise InputError(f'{path}: its A is no adjacency: {error}') from error
    if not np.allclose(adjacency, ours.numpy(), rtol=0, atol=_SAME):
        raise InputError(f'{path}: its A is not the adjacency of the config, by up to '
                         f'{np.abs(adjacency - ours.numpy()).max():.3g}; give its own counts and order of classes '
                         "(tools/build_label_graph.py --counts) and a config with normalize='mlgcn'")
    return {**state, 'A': torch.from_numpy(adjacency).float()}


def to_mlgcn(path: str, state: Mapping[str, Tensor], cfg: Config | None) -> Conversion:
    """A checkpoint of the released ML-GCN of one of ours; its code reads label embeddings from its own file.

    Raises:
        InputError: If the adjacency is not normalised as there.
    """
    model = None if cfg is None else fresh_model(cfg)
    if model is not None:
        check_fits(dict(state_dict=state), model, path)
    adjacency, embedding = state.get(ADJACENCY), state.get('neck.embedding')
    num_classes = 1
    if not unusable(adjacency, ADJACENCY):
        state, num_classes = {**state, ADJACENCY: _raw(adjacency, path)}, len(adjacency)
    from kss_mm.models.released_mlgcn import mlgcn_shapes  # loads MMPretrain

    width = {'words': embedding.shape[1]} if isinstance(embedding, Tensor) and embedding.ndim == 2 else {}
    shapes = mlgcn_shapes(num_classes, **width)
    placed, unplaced = match_weights(state, shapes, ours_to_mlgcn)
    in_order = {key: placed[key] for key in shapes if key in placed}
    checkpoint = dict(epoch=0, arch=None, best_score=0., state_dict=in_order)
    lost = ['the bias of prior=, the released classifier has none'] if 'head.classifier.bias' in state else []
    return Conversion(f'{path}, ours', MLGCN, checkpoint, len(placed), unplaced,
                      [key for key in shapes if key not in placed], lost=lost + differences(model),
                      unchecked=model is None)


def differences(model: nn.Module | None) -> list[str]:
    """Name the options of a model of ours by which it computes something else than the released ML-GCN."""
    classifier = getattr(head_of(model), 'classifier', None)
    if classifier is None:
        return []
    scale = 'learned' if classifier.log_scale is not None else f'{classifier.logit_scale:g}'
    options = [(not classifier.tanh, f'tanh={classifier.tanh}, the released one is False'),
               (classifier.pool == 'max', f'pool={classifier.pool}, the released one is max'),
               (scale == '1', f'logit_scale={scale}, the released one is 1'),
               (not getattr(model.neck, 'pairs', False), 'norm=pair, the released GCN has none')]
    return [line for same, line in options if not same]


def _raw(adjacency: Tensor, path: str) -> Tensor:
    """A of D^-1/2 A^T D^-1/2: as A has a diagonal of ones, the diagonal of this is 1 / D."""
    normalized = adjacency.double().numpy()
    if normalized.ndim == 2 and normalized.shape[0] == normalized.shape[1] and (normalized.diagonal() > 0).all():
        root = normalized.diagonal() ** -.5
        raw = (root[:, None] * normalized * root).T  # (K, K)
        if np.allclose(raw.sum(1), root ** 2, rtol=_SAME):
            return torch.from_numpy(raw).float()
    raise InputError(f"{path}: its adjacency is not normalised as the released ML-GCN's, so that A cannot be found; "
                     "that takes a model of normalize='mlgcn', whose labels all have samples")
