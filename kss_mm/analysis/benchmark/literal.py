"""Eq. 7 as the paper writes it: what the lateral connections are compared with."""

import torch
import torch.nn.functional as F
from torch import Tensor

from kss_mm.models.laterals.lateral import LateralConnection


class LiteralConnection(LateralConnection):
    """Reshape, product with the label embeddings, reshape, 1x1x1 convolution, sum; for (B, C, T, H, W)."""

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        flat = x.flatten(2).transpose(1, 2)  # (B, L, C)
        correlation = flat @ torch.tanh(embedding.t())  # (B, L, K)
        correlation = correlation.transpose(1, 2).reshape(len(x), -1, *x.shape[2:])  # (B, K, T, H, W)
        return x + F.conv3d(correlation, self.g.weight[..., None, None])  # (B, C, T, H, W)

    @classmethod
    def like(cls, lateral: LateralConnection) -> 'LiteralConnection':
        """A connection of the weights of another."""
        literal = cls(lateral.channels, lateral.num_classes)
        literal.g = lateral.g
        return literal

    def prepare(self, embedding: Tensor) -> None:
        """Prepare nothing: eq. 7 as it is written composes nothing."""
