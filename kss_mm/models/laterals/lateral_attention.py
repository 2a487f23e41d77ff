"""What may stand between tanh(E) x and g of eq. 7, so that a lateral connection is no longer linear in x."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.errors import InputError, shown

SQUASHES = ('none', 'sigmoid', 'softmax')
# Factor of a cosine at the start, learned from there: at 1 a softmax over many labels is all but constant. CLIP
# (Radford et al., 2021) starts at 1 / 0.07.
COSINE_SCALE = 1 / 0.07


class LateralAttention(nn.Module):
    r"""Eq. 7 with a squashing of the correlations of features and labels, which the paper does not have.

    .. math::
        y = x + g(\sigma(s \, x \tanh(E)^T))

    Eq. 7 adds a matrix product that does not depend on the input, so at inference it is no function that the
    backbone's next layer could not have. With a softmax over the K labels it is an attention: each position asks
    which labels it looks like, and gets what g has learned about these.

    Shapes:
        - **input:** features :math:`(B, C, *)` or :math:`(B, *, C)`; :math:`\tanh(E)`, :math:`(K, C)`; :math:`W_g`,
          :math:`(C, K)`
        - **output:** features of the input's shape

    Args:
        squash: 'softmax' over the labels, 'sigmoid' of each, or 'none'.
        cosine: Compare directions only, with a learned factor s. Otherwise s is 1 / sqrt(C) before a squashing and 1
            without.
        gate: Multiply instead of adding, y = x (1 + g(...)).
    """

    def __init__(self, channels: int, *, squash: str = 'none', cosine: bool = False, gate: bool = False):
        super().__init__()
        if squash not in SQUASHES:
            raise InputError(f'squash must be {" or ".join(map(repr, SQUASHES))}, got {shown(squash)}')
        self.squash, self.cosine, self.gate = squash, cosine, gate
        self.log_scale = nn.Parameter(torch.tensor(math.log(COSINE_SCALE))) if cosine else None
        self._scale = 1. if squash == 'none' else channels ** -0.5

    def forward(self, x: Tensor, axis: int, labels: Tensor, weight: Tensor) -> Tensor:
        # Without a copy, whatever the order of the axes in memory, as in `add_product`.
        first = x.movedim(axis, 1)
        if first.is_contiguous():
            flat, dim = first.flatten(2), 1  # (B, C, L)
        else:
            flat, dim = x.movedim(axis, -1), -1  # (B, ..., C)
        added = _product(self.squashed(flat, dim, labels), weight, dim)  # the shape of flat
        y = flat + (flat * added if self.gate else added)
        return y.view(first.shape).movedim(1, axis) if dim == 1 else y.movedim(-1, axis)

    def squashed(self, x: Tensor, dim: int, labels: Tensor) -> Tensor:
        """sigma(s x tanh(E)^T), which g gets: K channels instead of C, at axis ``dim``."""
        if self.cosine:
            x, labels, scale = F.normalize(x, dim=dim), F.normalize(labels, dim=1), self.log_scale.exp()
        else:
            scale = self._scale
        correlation = _product(x, labels * scale, dim)
        if self.squash == 'softmax':
            return correlation.softmax(dim)
        return correlation.sigmoid() if self.squash == 'sigmoid' else correlation

    def extra_repr(self) -> str:
        return f'squash={self.squash!r}, cosine={self.cosine}, gate={self.gate}'


def _product(x: Tensor, matrix: Tensor, dim: int) -> Tensor:
    """x with its channels, at axis ``dim``, multiplied by a matrix (N, C)."""
    return matrix.expand(len(x), -1, -1) @ x if dim == 1 else F.linear(x, matrix)
