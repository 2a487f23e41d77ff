"""Memory of training with thousands of labels, whose embeddings are as large as features.

The peak is where the backward pass begins, when all features are there. Everything here keeps matrices of K rows away
from it: they are computed again instead of kept, and computed ahead of the backbone, so that autograd, which goes
backwards, differentiates them when the features are gone.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from kss_mm.models.evaluation_cache import EvaluationCache

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


class _Ahead:
    """A matrix computed ahead of the backbone, found again by the label embedding that it was computed from."""

    def __init__(self):
        self._ahead: tuple[Tensor, Tensor] | None = None  # an embedding and its matrix

    def find(self, embedding: Tensor) -> Tensor | None:
        """The matrix of this very embedding; None where none was computed ahead."""
        ahead = self._ahead  # once: threads of DataParallel share it
        return ahead[1] if ahead is not None and ahead[0] is embedding else None

    def __reduce__(self) -> tuple:
        return type(self), ()  # a copy is fed anew; tensors inside an autograd graph could not be copied anyway


class Composition(_Ahead):
    r"""The product :math:`W_g \tanh(E)`, (C, C), of a lateral connection.

    Evaluation computes it once for all batches. It stays until the next one, because gradient checkpointing runs the
    backbone's stages again during the backward pass.
    """

    def __init__(self):
        super().__init__()
        self._cache: EvaluationCache[Tensor] = EvaluationCache()

    def __call__(self, embedding: Tensor, weight: Tensor) -> Tensor:
        ahead = self.find(embedding)
        return self._cache(lambda: _compose(embedding, weight), (embedding, weight)) if ahead is None else ahead

    def compute_ahead(self, embedding: Tensor, weight: Tensor) -> None:
        """Compose now, where there are many labels and C x C is the smaller form."""
        self._ahead = None
        labels, channels = embedding.shape
        if labels >= MANY_LABELS and 2 * labels > channels:
            self._ahead = embedding, self(embedding, weight)

    def forget(self) -> None:
        """Free the memory of evaluation."""
        self._cache.forget()


class Squashed(_Ahead):
    """tanh(E_L), (K, C), of the classifier, at least in float32."""

    def __call__(self, embedding: Tensor) -> Tensor:
        ahead = self.find(embedding)
        self._ahead = None
        return _squash(embedding) if ahead is None else ahead

    def compute_ahead(self, embedding: Tensor) -> None:
        """Squash now, where there are many labels.

        Behind the backbone it would be differentiated first, and hold two more matrices of this size meanwhile.
        """
        many = len(embedding) >= MANY_LABELS and torch.is_grad_enabled()
        self._ahead = (embedding, _squash(embedding)) if many else None


def _compose(embedding: Tensor, weight: Tensor) -> Tensor:
    """W_g tanh(E): (K, C), (C, K) -> (C, C)."""
    # In the parameters' precision also under autocast: the sum over K labels is rounded once, when it is complete, and
    # in float16 it could overflow on the way.
    with torch.autocast(weight.device.type, enabled=False):
        return recomputed(lambda e, w: w @ torch.tanh(e), embedding, weight)


def _squash(embedding: Tensor) -> Tensor:
    return torch.tanh(embedding.to(torch.promote_types(embedding.dtype, torch.float32)))
