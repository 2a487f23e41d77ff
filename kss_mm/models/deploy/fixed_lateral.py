"""A lateral connection whose label embedding does not change any more."""

import torch
from torch import Tensor, nn

from kss_mm.models.laterals.lateral import LateralConnection
from kss_mm.models.laterals.taps import feature_of, with_feature


class FixedLateral(LateralConnection):
    r"""Eq. 7 with E in its weights: y = (I + M) x, with the C x C matrix :math:`M = W_g \tanh(E)`, or, where that takes
    fewer multiply-adds, y = x + M x with the two factors of M.

    Shapes:
        - **input:** features as of :class:`LateralConnection`
        - **output:** features of the input's shape

    Args:
        lateral: The connection to be replaced.
        embedding: What it injects, (K, C).
    """

    def __init__(self, lateral: LateralConnection, embedding: Tensor):
        super().__init__(lateral.channels, lateral.num_classes, layout=lateral.layout)
        del self.g
        labels, weight = embedding.tanh(), lateral.g.weight.squeeze(2)  # (K, C), (C, K)
        self.whole = self.channels < 2 * self.num_classes
        factors = [torch.eye(self.channels).to(weight) + weight @ labels] if self.whole else [labels, weight]
        self.factors = nn.ParameterList(factor.detach().clone() for factor in factors)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x, None)

    def add(self, x: Tensor, injected: Tensor) -> Tensor:
        return injected if self.whole else super().add(x, injected)

    def matrices(self, embedding: None, positions: int) -> tuple[Tensor, ...]:
        return tuple(self.factors)


class FixedInjection:
    """Rewrites the output of a tapped module; an object, not a closure, so that a copy leads to the copied one."""

    def __init__(self, lateral: FixedLateral):
        self.lateral = lateral

    def __call__(self, module: nn.Module, inputs: tuple, output):
        return with_feature(output, self.lateral(feature_of(output)))
