"""The Transformer decoder layer by which queries of labels read the positions of the features."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.models.heads.precision import fast_linear, wide, wide_linear, wide_norm

# Wave lengths of the sine encoding grow to this multiple (Vaswani et al., NeurIPS 2017, section 3.5).
_LONGEST_WAVE = 10_000


def sine_positions(shape: Sequence[int], width: int, device: torch.device | None = None) -> Tensor:
    r"""Fixed encoding of positions, of which every axis has an equal share of the channels.

    .. math::
        \sin \frac{p}{10000^{j/m}}, \; \cos \frac{p}{10000^{j/m}}, \qquad
        p = 2 \pi \frac{i + 1}{n}, \; j = 0 \ldots m - 1

    for position i of the n on an axis, with m = width // (2 axes); channels that are left over are zero. It is that of
    DETR (Carion et al., ECCV 2020), which Query2Label takes, for any number of axes.

    Shapes:
        - **output:** :math:`(L, D)`, L the product of the shape
    """
    waves = width // (2 * len(shape))
    slowness = _LONGEST_WAVE ** (torch.arange(waves, device=device) / max(waves, 1))  # (m)
    parts = []
    for axis, size in enumerate(shape):
        angles = 2 * math.pi * torch.arange(1, size + 1, device=device)[:, None] / size / slowness  # (n, m)
        encoded = torch.cat([angles.sin(), angles.cos()], dim=1)  # (n, 2m)
        encoded = encoded.view(*(size if other == axis else 1 for other in range(len(shape))), 2 * waves)
        parts.append(encoded.expand(*shape, 2 * waves))
    return F.pad(torch.cat(parts, dim=-1).flatten(0, -2), (0, width - 2 * waves * len(shape)))


class QueryAttention(nn.Module):
    r"""Multi-head attention of queries to positions (Vaswani et al., NeurIPS 2017, section 3.2).

    .. math::
        \mathrm{softmax}\!\left(\frac{Q W_Q^h (K W_K^h)^T}{\sqrt{D/H}}\right) V W_V^h, \quad h = 1 \ldots H,
        \quad \text{side by side, times } W_O

    The products run in the precision of autocast, what follows them is float32.

    Shapes:
        - **input:** queries :math:`(B, Q, D)` or :math:`(1, Q, D)`, keys and values :math:`(B, L, D)`
        - **output:** :math:`(B, Q, D)`, float32
    """

    def __init__(self, embed_dims: int, num_heads: int):
        super().__init__()
        self.num_heads = num_heads
        self.query, self.key, self.value, self.out = (nn.Linear(embed_dims, embed_dims) for _ in range(4))

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        q, k = self._projected(queries, keys)
        v = self._heads(fast_linear(self.value, values))  # (B, H, L, D / H)
        q = q.expand(k.shape[0], -1, -1, -1)  # queries that are the same for all samples are projected once
        attended = F.scaled_dot_product_attention(q, k, v)  # (B, H, Q, D / H)
        return wide_linear(self.out, attended.transpose(1, 2).flatten(2))

    def weights(self, queries: Tensor, keys: Tensor) -> Tensor:
        """The softmax above, (B, H, Q, L), float32."""
        q, k = map(wide, self._projected(queries, keys))
        return (q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])).softmax(-1)

    def _projected(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        return self._heads(fast_linear(self.query, queries)), self._heads(fast_linear(self.key, keys))

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.num_heads, -1)).transpose(1, 2)  # (B, H, L, D / H)


class LabelDecoderLayer(nn.Module):
    r"""Layer of a Transformer decoder, by default without the attention of the queries to each other.

    .. math::
        Q_0 = \mathrm{LN}(Q + \mathrm{Attention}(Q, Q, Q)), \quad
        Q_1 = \mathrm{LN}(Q_0 + \mathrm{Attention}(Q_0, F + P, F)), \quad
        Q_2 = \mathrm{LN}(Q_1 + W_2 \, \mathrm{ReLU}(W_1 Q_1 + b_1) + b_2)

    Query2Label (Liu et al. 2021, section 3.2) has all three; ML-Decoder (Ridnik et al., WACV 2023, section 3) leaves
    out the first, as attention among fixed queries is itself fixed: then :math:`Q_0 = Q`.

    Shapes:
        - **input:** queries :math:`(B, Q, D)` or :math:`(1, Q, D)`, keys F + P and values F :math:`(B, L, D)`
        - **output:** :math:`(B, Q, D)`, float32

    Args:
        dropout: Of what each step adds, and of the hidden units of the last.
    """

    def __init__(self, embed_dims: int, num_heads: int, feedforward_channels: int, *, self_attention: bool = False,
                 dropout: float = 0.1):
        super().__init__()
        self.self_attention = QueryAttention(embed_dims, num_heads) if self_attention else None
        self.self_norm = nn.LayerNorm(embed_dims) if self_attention else None
        self.attention = QueryAttention(embed_dims, num_heads)
        self.norm = nn.LayerNorm(embed_dims)
        self.expand = nn.Linear(embed_dims, feedforward_channels)
        self.reduce = nn.Linear(feedforward_channels, embed_dims)
        self.feedforward_norm = nn.LayerNorm(embed_dims)
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        queries = self.prepared(queries, keys)
        queries = self._added(self.norm, queries, self.attention(queries, keys, values))  # (B, Q, D)
        hidden = self.dropout(wide_linear(self.expand, queries).relu())  # (B, Q, feed-forward)
        return self._added(self.feedforward_norm, queries, wide_linear(self.reduce, hidden))

    def prepared(self, queries: Tensor, keys: Tensor) -> Tensor:
        """The queries Q_0 that attend to the positions."""
        if self.self_attention is None:
            return queries
        queries = queries.expand(keys.shape[0], -1, -1)  # (B, Q, D), so that dropout differs between samples
        return self._added(self.self_norm, queries, self.self_attention(queries, queries, queries))

    def _added(self, norm: nn.LayerNorm, x: Tensor, change: Tensor) -> Tensor:
        return wide_norm(norm, wide(x) + self.dropout(change))
