"""The classifier whose labels look for themselves in the features, shared by the query heads of both hosts."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.heads.label_classifier import THRESHOLD, LabelClassifier
from kss_mm.models.heads.label_decoder import LabelDecoderLayer, sine_positions
from kss_mm.models.heads.precision import fast_linear, wide_linear, without_autocast
from kss_mm.models.necks.graph_placeholder import resolve_graph
from kss_mm.numeric import check_integer, check_number

QUERIES = ('learned', 'graph', 'words')


class LabelQueryClassifier(LabelClassifier):
    r"""Logits of queries that attend to the positions of the features, in place of pooling.

    .. math::
        F = W_F x + b_F, \qquad Q^{(l)} = \mathrm{Layer}_l(Q^{(l-1)}, F), \qquad
        \mathrm{logit}_k = w_k \cdot Q^{(L)}_{\lfloor k / g \rfloor} + b_k, \quad g = \lceil K / G \rceil

    with :class:`~kss_mm.models.heads.label_decoder.LabelDecoderLayer`. One query a label (G = K) is Query2Label (Liu et
    al. 2021, eq. 1-3), fewer are ML-Decoder's groups for thousands of labels (Ridnik et al., WACV 2023, section 3):
    the output of each query gives g labels by a matrix of its own. The released ML-Decoder also has a ReLU behind the
    first projection and normalises its queries, which its paper does not say. The sum over labels, and all that
    follows an attention, is float32 also under autocast.

    Shapes:
        - **input:** features :math:`(B, C, *)` with at least one axis of positions, alone in a tuple or not, or the
          patches and class token of a transformer, of which it takes the patches; label embeddings :math:`(K, C)`,
          which 'graph' needs and others do not use
        - **output:** logits :math:`(B, K)`, float32

    Args:
        queries: 'learned' for parameters; 'graph' for a projection of tanh(E_L), the label embeddings of the GCN;
            'words' for one of the fixed label embeddings E(0) of a label graph.
        graph: That label graph, or the path of its ``.npz``, for 'words' only; in published checkpoints its sizes.
        groups: Number G of learned queries; None for one a label. The released ML-Decoder has 100.
        embed_dims: Width D of queries and positions (released ML-Decoder: 768).
        num_heads: Heads of an attention (released ML-Decoder: 8).
        feedforward_channels: Width of the hidden layer (released ML-Decoder: 2048).
        num_layers: Query2Label has two, ML-Decoder one.
        self_attention: True lets the queries attend to each other first, as in Query2Label.
        positions: 'sine' adds :func:`~kss_mm.models.heads.label_decoder.sine_positions` to the keys, as Query2Label
            does; None, as in ML-Decoder, adds nothing.
        dropout: See :class:`~kss_mm.models.heads.label_decoder.LabelDecoderLayer`.
        prior: See :class:`LabelClassifier`.
        hold_out: Likewise; a label that is held out has a readout and bias that all share in place of its own. Queries
            must not be learned.
        threshold: Likewise.

    Raises:
        InputError: For groups of queries that are not learned, or a graph of other labels or without embeddings.
    """

    def __init__(self, in_channels: int, num_classes: int, *, queries: str = 'learned',
                 graph: PathLike | LabelGraph | dict | None = None, groups: int | None = None, embed_dims: int = 768,
                 num_heads: int = 8, feedforward_channels: int = 2048, num_layers: int = 1,
                 self_attention: bool = False, positions: str | None = None, dropout: float = 0.1,
                 prior: PathLike | LabelGraph | Sequence[float] | None = None, hold_out: float = 0.,
                 threshold: float = THRESHOLD):
        super().__init__(in_channels, num_classes, dropout=0., prior=prior, threshold=threshold)
        _check_options(queries, graph, groups, positions, num_classes)
        for name, value in dict(num_heads=num_heads, feedforward_channels=feedforward_channels,
                                num_layers=num_layers).items():
            check_integer(name, value, 1)
        check_integer('embed_dims', embed_dims, num_heads)
        if embed_dims % num_heads:
            raise InputError(f'embed_dims must be a multiple of num_heads, got {embed_dims} and {num_heads}')
        check_number('dropout', dropout, 0, 1)
        self.kind, self.positions = queries, positions
        number = num_classes if groups is None else groups
        self.group_size = -(-num_classes // number)
        self.embed = nn.Linear(in_channels, embed_dims)
        width = in_channels
        if queries == 'learned':
            self.queries = nn.Parameter(torch.randn(number, embed_dims))
        elif queries == 'words':
            words = resolve_graph(self, graph).embeddings
            if self.num_classes != num_classes:
                raise InputError(f'the label graph of the queries has {self.num_classes} labels, the head '
                                 f'{num_classes}: they must be the same labels')
            self.register_buffer('words', torch.as_tensor(words, dtype=torch.float32))  # (K, W)
            width = self.words.shape[1]
        self.project = None if queries == 'learned' else nn.Linear(width, embed_dims)
        self.layers = nn.ModuleList(LabelDecoderLayer(embed_dims, num_heads, feedforward_channels, dropout=dropout,
                                                      self_attention=self_attention) for _ in range(num_layers))
        self.readout = nn.Parameter(torch.empty(number, embed_dims, self.group_size))  # w_k, (G, D, g)
        self.readout_bias = nn.Parameter(torch.zeros(num_classes))
        self._set_hold_out(hold_out, queries != 'learned')
        self.shared_readout = nn.Parameter(torch.empty(1, embed_dims, 1)) if hold_out else None
        self._initialise()

    def _initialise(self) -> None:
        """Glorot's initialisation, as both released codes have it; the readout as a linear layer's."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        bound = self.readout.shape[1] ** -0.5
        for readout in (self.readout, self.shared_readout):
            if readout is not None:
                nn.init.uniform_(readout, -bound, bound)

    @property
    def takes_embedding(self) -> bool:
        return self.kind == 'graph'

    @property
    def classifies_alone(self) -> bool:
        return self.kind != 'graph'

    def all_queries(self, label_embedding: Tensor | None = None) -> Tensor:
        """The queries that enter the first layer, (G, D)."""
        if self.kind == 'learned':
            return self.queries
        if self.kind == 'words':
            return wide_linear(self.project, self.words)
        if label_embedding is None:
            raise InputError("the head got no label embedding and has queries='graph': set queries='learned' or use "
                             'it in a kss_mm.KSSNet with a LabelGCN')
        return wide_linear(self.project, self.squashed(label_embedding))

    def forward(self, x: Tensor | Sequence[Tensor], label_embedding: Tensor | None = None) -> Tensor:
        queries, keys, values = self.all_queries(label_embedding)[None], *self._tokens(self._feature(x))
        for layer in self.layers:
            queries = layer(queries, keys, values)  # (B, G, D)
        with without_autocast(queries.device.type):
            held_out, readout, bias = self.held_out(), self.readout, self.readout_bias
            if held_out is not None:  # one query a label
                readout = torch.where(held_out[:, None, None], self.shared_readout, readout)
                bias = bias.masked_fill(held_out, 0)
            logits = torch.bmm(queries.transpose(0, 1), readout.to(queries.dtype))  # (G, B, g)
            logits = logits.transpose(0, 1).flatten(1)[:, :len(bias)] + bias  # (B, K)
            return self._with_bias(logits, held_out)

    def attention(self, x: Tensor | Sequence[Tensor], label_embedding: Tensor | None = None, *,
                  layer: int = -1) -> Tensor:
        """How much each label looks at each position, the mean over the heads of a layer: :math:`(B, K, *)`, sums of 1.

        Labels of one group share their query and so their attention.

        Args:
            layer: Which layer's, the last by default.
        """
        check_integer('layer', layer, -len(self.layers), len(self.layers) - 1)
        feature = self._feature(x)
        queries, keys, values = self.all_queries(label_embedding)[None], *self._tokens(feature)
        last = self.layers[layer]
        for before in self.layers[:layer % len(self.layers)]:
            queries = before(queries, keys, values)
        weights = last.attention.weights(last.prepared(queries, keys), keys).mean(1)  # (B, G, L)
        weights = weights.repeat_interleave(self.group_size, dim=1)[:, :len(self.readout_bias)]  # (B, K, L)
        return weights.unflatten(2, feature.shape[2:])

    def _feature(self, x: Tensor | Sequence[Tensor]) -> Tensor:
        """The one feature map, (B, C, *)."""
        if not isinstance(x, Tensor):
            if len(x) > 1:
                raise InputError(f'the backbone gives {len(x)} feature maps, as SlowFast does; queries attend to one: '
                                 'take a backbone of one pathway, or kss_mm.KSSHead, which pools each')
            x = x[0] if isinstance(x[0], Tensor) else x[0][0]  # the patches, beside which is the class token
        if x.ndim < 3:
            raise InputError(f'the backbone gives features of shape {tuple(x.shape)}, which are pooled already; '
                             "queries attend to positions: let it return its feature map (out_type='featmap' of "
                             'transformers)')
        if x.shape[1] != self.in_channels:
            raise InputError(f'the backbone gives {x.shape[1]} channels, in_channels of the head is '
                             f'{self.in_channels}: they must be the same')
        return x

    def _tokens(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, (B, L, D) each."""
        values = fast_linear(self.embed, x.flatten(2).transpose(1, 2))  # (B, C, *) -> (B, L, C) -> (B, L, D)
        if self.positions is None:
            return values, values
        encoded = sine_positions(x.shape[2:], values.shape[2], values.device)  # (L, D)
        return (values + encoded).to(values.dtype), values


def _check_options(queries: str, graph: object, groups: int | None, positions: str | None, num_classes: int) -> None:
    if queries not in QUERIES:
        raise InputError(f'queries must be one of {", ".join(map(repr, QUERIES))}, got {shown(queries)}')
    if (graph is None) == (queries == 'words'):
        raise InputError(f"graph is for queries='words', which need it, got queries={queries!r} and graph="
                         f'{shown(graph)}')
    if groups is not None:
        check_integer('groups', groups, 1, num_classes)
        if queries != 'learned':
            raise InputError(f'groups={groups}: queries={queries!r} are one a label, so labels share none; set '
                             "queries='learned' or groups=None")
    if positions not in (None, 'sine'):
        raise InputError(f"positions must be None or 'sine', got {shown(positions)}")
