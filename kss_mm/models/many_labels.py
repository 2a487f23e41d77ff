"""Memory of training with thousands of labels, whose embeddings are as large as features.

The peak is where the backward pass begins, when all features are there. Everything here keeps matrices of K rows away
from it: they are computed again instead of kept, and differentiated late.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

# For fewer labels their memory is nothing beside that of the features, and the bookkeeping is not free.
MANY_LABELS = 1000


def recomputed(function: Callable[..., Tensor], embedding: Tensor, *tensors: Tensor) -> Tensor:
    """``function(embedding, *tensors)``, whose backward pass computes again what it needs instead of keeping it.

    For functions that first change the label embedding, (K, C), and then multiply it: only the change is computed
    again.
    """
    if len(embedding) < MANY_LABELS or not torch.is_grad_enabled():
        return function(embedding, *tensors)
    return checkpoint(function, embedding, *tensors, use_reentrant=False, preserve_rng_state=False)


class Composed(NamedTuple):
    """In place of an embedding that a lateral connection injects: W_g tanh(E), (C, C)."""

    matrix: Tensor


class Squashed(NamedTuple):
    """In place of the embedding that the classifier compares with: tanh(E), (K, C)."""

    labels: Tensor


def squashed(embedding: Tensor | None) -> Tensor | Squashed | None:
    """tanh of many labels' embedding, taken before the backbone runs, which is where autograd comes last.

    In the head it would be differentiated first, and hold two more matrices of this size meanwhile.
    """
    if embedding is None or len(embedding) < MANY_LABELS or not torch.is_grad_enabled():
        return embedding
    return Squashed(torch.tanh(embedding))
