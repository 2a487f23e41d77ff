"""The lateral connection ("LC" in the paper's Figures 2 and 4)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.evaluation_cache import EvaluationCache
from kss_mm.models.many_labels import MANY_LABELS, Composed, recomputed

# Where a feature has its channels: (B, C, ...) or (B, ..., C).
LAYOUTS = ('channels_first', 'channels_last')


def compose(channels: int, num_classes: int, positions: int) -> bool:
    """Whether eq. 7 takes fewer multiply-adds with tanh(E) and g composed beforehand, (C, K)(K, C), than one by one.

    The backward pass takes twice as many either way.
    """
    if torch.compiler.is_compiling():  # the number of positions must stay free, as that of the batch
        return channels < 2 * num_classes
    composed = channels * channels * (num_classes + positions)
    return composed < 2 * num_classes * channels * positions


class PointwiseConv(nn.Module):
    r"""The weight of g in eq. 7, a 1x1 convolution K -> C, with PyTorch's initialisation of convolutions.

    Not an ``nn.Conv1d``: the ``init_weights`` of a host's backbone may draw all of those anew, and with them the
    connections that were set to zero.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, 1))
        nn.init.kaiming_uniform_(self.weight, a=5**.5)


class LateralConnection(nn.Module):
    r"""Injects label embeddings into features (paper, eq. 7).

    .. math::
        y = g(R(R(x) \otimes \sigma(E^T))) + x

    with :math:`\sigma = \tanh` and g a 1x1 (2D) or 1x1x1 (3D) convolution K -> C. As both reshapes R flatten the
    positions, g works on the flat positions, where it is the same for 2D, 3D and the tokens of a transformer.

    Shapes:
        - **input:** features :math:`(B, C, H, W)`, :math:`(B, C, T, H, W)` or :math:`(B, L, C)`, label embeddings
          :math:`(K, C)`
        - **output:** features of the input's shape

    Args:
        layout: 'channels_first' or 'channels_last'. None takes features of three axes for tokens, channels last, and
            all others for channels first.
        zero_init: Start with g = 0, so that a fresh connection returns x bit for bit and pretrained weights stay
            intact; the paper does not say how g starts. Otherwise PyTorch's default, as in the released code.

    Raises:
        InputError: for features that have not C channels where the layout has them.
    """

    def __init__(self, channels: int, num_classes: int, *, layout: str | None = None, zero_init: bool = True):
        super().__init__()
        if layout not in (None, *LAYOUTS):
            raise InputError(f'layout must be None, {" or ".join(map(repr, LAYOUTS))}, got {layout!r}')
        self.channels = channels
        self.num_classes = num_classes
        self.layout = layout
        self.g = PointwiseConv(num_classes, channels)
        self._memo: EvaluationCache[Tensor] = EvaluationCache()
        if zero_init:
            nn.init.zeros_(self.g.weight)

    def forward(self, x: Tensor, embedding: Tensor | Composed) -> Tensor:
        last = x.ndim == 3 if self.layout is None else self.layout == 'channels_last'
        axis = x.ndim - 1 if last else 1
        if x.ndim < 3 or x.shape[axis] != self.channels:
            raise InputError(f'a lateral connection for {self.channels} channels, '
                             f'{LAYOUTS[last].replace("_", " ")}, got features of shape {tuple(x.shape)}: give '
                             'channels= and layout= of its tap')
        matrices = self.matrices(embedding, x.numel() // self.channels)
        # R and the products follow the order of the axes in memory, so that nothing is transposed.
        first = x.movedim(axis, 1)  # (B, C, ...)
        if first.is_contiguous():
            flat = injected = first.flatten(2)  # (B, C, L)
            for matrix in matrices:
                # Sample by sample: of one matrix and a batch, torch would make one product, and transpose for it.
                injected = matrix.expand(flat.shape[0], -1, -1) @ injected  # (B, K, L), (B, C, L)
            return self.add(flat, injected).view(first.shape).movedim(1, axis)
        flat = injected = x.movedim(axis, -1)  # (B, ..., C)
        for matrix in matrices:
            injected = F.linear(injected, matrix)  # (B, ..., K), (B, ..., C)
        return self.add(flat, injected).movedim(-1, axis)

    def matrices(self, embedding: Tensor | Composed, positions: int) -> tuple[Tensor, ...]:
        r"""What the features are multiplied by, one after the other, at that many positions: tanh(E) and g, or both
        in one.

        The first term of eq. 7 is linear in x, :math:`W_g (\tanh(E) x) = (W_g \tanh(E)) x`, with W_g the weight of g.
        """
        if isinstance(embedding, Composed):
            return tuple(embedding)
        if compose(self.channels, self.num_classes, positions):
            return self.composed(embedding),
        return torch.tanh(embedding), self.g.weight.squeeze(2)  # (K, C), (C, K)

    def add(self, x: Tensor, injected: Tensor) -> Tensor:
        """The sum of eq. 7, in the memory of ``injected``, which no gradient needs, where dtype and strides allow.

        Autocast may have changed the dtype; with other strides what follows could round differently.
        """
        same = injected.dtype == x.dtype and injected.stride() == x.stride()
        return injected.add_(x) if same else x + injected

    def composed(self, embedding: Tensor) -> Tensor:
        """W_g tanh(E), (C, C)."""
        weight = self.g.weight.squeeze(2)  # (C, K)
        return self._memo(lambda: _compose(embedding, weight), (embedding, weight))

    def prepare(self, embedding: Tensor) -> Tensor | Composed:
        """What :meth:`forward` is given, where the embedding is there before the features are.

        A matrix that is composed before the backbone runs is differentiated after it, when the features are gone.
        """
        many = self.num_classes >= MANY_LABELS and 2 * self.num_classes > self.channels
        return Composed(self.composed(embedding)) if many else embedding

    def train(self, mode: bool = True) -> 'LateralConnection':
        if mode:
            self._memo.forget()
        return super().train(mode)

    def extra_repr(self) -> str:
        return f'channels={self.channels}, num_classes={self.num_classes}'


def _compose(embedding: Tensor, weight: Tensor) -> Tensor:
    """W_g tanh(E), (C, C)."""
    # In the parameters' precision also under autocast: the sum over K labels is rounded once, when it is complete, and
    # in float16 it could overflow on the way.
    with torch.autocast(weight.device.type, enabled=False):
        return recomputed(lambda e, w: w @ torch.tanh(e), embedding, weight)
