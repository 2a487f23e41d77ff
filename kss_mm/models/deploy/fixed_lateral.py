"""A lateral connection whose label embedding does not change any more."""

import copy

import torch
from torch import Tensor, nn

from kss_mm.models.laterals.lateral import LateralConnection, add_product, channel_axis, feature_of, with_feature


class FixedLateral(nn.Module):
    r"""Eq. 7 with E in its weights: y = (I + M) x, with the C x C matrix :math:`M = W_g \tanh(E)`, or, where that takes
    fewer multiply-adds, y = x + M x with the two factors of M. One with a :class:`LateralAttention` keeps the factors.

    Shapes:
        - **input:** features as of :class:`LateralConnection`
        - **output:** features of the input's shape

    Args:
        lateral: The connection to be replaced.
        embedding: Its label embedding, (K, C).
    """

    def __init__(self, lateral: LateralConnection, embedding: Tensor):
        super().__init__()
        self.channels, self.num_classes, self.layout = lateral.channels, lateral.num_classes, lateral.layout
        labels, weight = embedding.tanh(), lateral.weight  # (K, C), (C, K)
        self.attention = copy.deepcopy(lateral.attention)
        self.whole = self.attention is None and self.channels < 2 * self.num_classes
        factors = [torch.eye(self.channels).to(weight) + weight @ labels] if self.whole else [labels, weight]
        self.factors = nn.ParameterList(factor.detach().clone() for factor in factors)

    def forward(self, x: Tensor) -> Tensor:
        axis = channel_axis(x, self.channels, self.layout)
        if self.attention is not None:
            return self.attention(x, axis, *self.factors)
        return add_product(x, axis, *self.factors, residual=not self.whole)

    def extra_repr(self) -> str:
        return f'channels={self.channels}, num_classes={self.num_classes}'


class FixedInjection:
    """Rewriting of the output of a tapped module; an object, not a closure, so that a copy leads to the copied one."""

    def __init__(self, lateral: FixedLateral):
        self.lateral = lateral

    def __call__(self, module: nn.Module, inputs: tuple, output):
        return with_feature(output, self.lateral(feature_of(output)))
