"""The lateral connection ("LC" in the paper's Figures 2 and 4)."""

import torch
from torch import Tensor, nn


class LateralConnection(nn.Module):
    r"""Injects label embeddings into CNN features (paper, eq. 7).

    .. math::
        y = g(R(R(x) \otimes \sigma(E^T))) + x

    with :math:`\sigma = \tanh` and g a 1x1 (2D) or 1x1x1 (3D) convolution K -> C. As both reshapes R flatten the
    positions, g works on the flat positions, where it is the same for 2D and 3D.

    Shapes:
        - **input:** features :math:`(B, C, H, W)` or :math:`(B, C, T, H, W)`, label embeddings :math:`(K, C)`
        - **output:** features of the input's shape

    Args:
        zero_init: Start with g = 0, so that a fresh connection returns x bit for bit and pretrained weights stay
            intact; the paper does not say how g starts. Otherwise PyTorch's default, as in the released code.
    """

    def __init__(self, channels: int, num_classes: int, *, zero_init: bool = True):
        super().__init__()
        self.channels = channels
        self.num_classes = num_classes
        self.g = nn.Conv1d(num_classes, channels, 1, bias=False)
        if zero_init:
            nn.init.zeros_(self.g.weight)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        flat = x.flatten(2).transpose(1, 2)  # (B, THW, C)
        correlation = flat @ torch.tanh(embedding.t())  # (B, THW, K)
        injected = self.g(correlation.transpose(1, 2))  # (B, C, THW)
        return injected.view(x.shape) + x  # (B, C, T, H, W)

    def extra_repr(self) -> str:
        return f'channels={self.channels}, num_classes={self.num_classes}'
