"""One graph convolution ("GConv" in the paper's Figure 2)."""

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError, shown
from kss_mm.models.necks.sparse_adjacency import SparseAdjacency


class GraphConv(nn.Module):
    r"""Graph convolution without its activation, the argument of :math:`\sigma` in eq. 6 of the paper.

    .. math::
        E^{(l+1)} = A'_{KS} E^{(l)} W^{(l)} + b

    Shapes:
        - **input:** label embeddings :math:`(K, D_{in})`, adjacency :math:`(K, K)`
        - **output:** label embeddings :math:`(K, D_{out})`

    Args:
        rank: None for one weight matrix, as the paper writes it. An integer m, or 'auto' for
            max(32, (in + out) // 8), factorises it as (in, m)(m, out), as the released code does.
        bias: Whether b is there. The released code has it, eq. 6 does not.
    """

    # The released code's choice of m in `rank='auto'`.
    _MIN_RANK = 32
    _RANK_DIVISOR = 8

    def __init__(self, in_channels: int, out_channels: int, *, rank: int | str | None = None, bias: bool = False):
        super().__init__()
        if rank == 'auto':
            rank = max(self._MIN_RANK, (in_channels + out_channels) // self._RANK_DIVISOR)
        if rank is not None and (not isinstance(rank, int) or isinstance(rank, bool) or rank < 1):
            raise InputError(f"rank must be None, 'auto' or a positive integer, got {shown(rank)}")
        self.widths = (in_channels, out_channels) if rank is None else (in_channels, rank, out_channels)
        self.weights = nn.ParameterList(nn.Parameter(torch.empty(a, b)) for a, b in zip(self.widths, self.widths[1:]))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """He initialisation (paper, Implementation Details): normal of variance 2 / fan-in."""
        for weight in self.weights:
            nn.init.normal_(weight, std=(2 / weight.shape[0]) ** 0.5)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, embedding: Tensor, adj: Tensor | SparseAdjacency) -> Tensor:
        weights = list(self.weights)
        # Every order of the products gives the same; a sparse A' is slow for its few entries, and is multiplied where
        # the embeddings are narrowest.
        before = len(weights) if isinstance(adj, Tensor) else self.widths.index(min(self.widths))
        for weight in weights[:before]:
            embedding = embedding @ weight  # (K, D_in) -> (K, D_out), by way of (K, m) where factorised
        embedding = adj @ embedding
        for weight in weights[before:]:
            embedding = embedding @ weight  # (K, D_out)
        return embedding if self.bias is None else embedding + self.bias
