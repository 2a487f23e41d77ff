"""The lateral connection ("LC" in the paper's Figures 2 and 4)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.errors import InputError

# Where a feature has its channels: (B, C, ...) or (B, ..., C).
LAYOUTS = ('channels_first', 'channels_last')


class PointwiseConv(nn.Module):
    r"""g of eq. 7, a 1x1 convolution K -> C over flat positions, with PyTorch's initialisation of convolutions.

    Not an ``nn.Conv1d``: the ``init_weights`` of a host's backbone may draw all of those anew, and with them the
    connections that were set to zero.

    Shapes:
        - **input:** :math:`(B, K, L)`
        - **output:** :math:`(B, C, L)`
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, 1))
        nn.init.kaiming_uniform_(self.weight, a=5**.5)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv1d(x, self.weight)


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
        if zero_init:
            nn.init.zeros_(self.g.weight)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        last = x.ndim == 3 if self.layout is None else self.layout == 'channels_last'
        if x.ndim < 3 or x.shape[-1 if last else 1] != self.channels:
            raise InputError(f'a lateral connection for {self.channels} channels, '
                             f'{LAYOUTS[last].replace("_", " ")}, got features of shape {tuple(x.shape)}: give '
                             'channels= and layout= of its tap')
        flat = x.flatten(1, -2) if last else x.flatten(2).transpose(1, 2)  # (B, L, C), L positions
        injected = self.inject(flat, embedding)  # (B, C, L)
        # x first: a sum takes the strides of its first term, and other strides can round differently downstream.
        return x + (injected.transpose(1, 2) if last else injected).reshape(x.shape)

    def inject(self, flat: Tensor, embedding: Tensor) -> Tensor:
        """The first term of eq. 7, (B, L, C) -> (B, C, L)."""
        correlation = flat @ torch.tanh(embedding.t())  # (B, L, K)
        return self.g(correlation.transpose(1, 2))  # (B, C, L)

    def extra_repr(self) -> str:
        return f'channels={self.channels}, num_classes={self.num_classes}'
