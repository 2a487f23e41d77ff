"""The label encoder: the GCN pathway of the paper's Figure 2 ("GConv" is its layer there)."""

from collections.abc import Sequence
from functools import partial

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.evaluation_cache import EvaluationCache
from kss_mm.models.many_labels import recomputed
from kss_mm.models.necks.graph_placeholder import resolve_graph
from kss_mm.models.necks.sparse_adjacency import SparseAdjacency, register_adjacency, registered_adjacency
from kss_mm.numeric import check_integer
from kss_mm.registry import MODELS

# LeakyReLU's slope (paper, Implementation Details).
NEGATIVE_SLOPE = 0.2


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
        weight_init: 'he' (paper, Implementation Details) draws weights from a normal distribution of variance
            2 / fan-in, with b = 0; 'uniform' (ML-GCN's released code) weights and b from
            :math:`\pm 1 / \sqrt{D_{out}}`.
    """

    # The released code's choice of m in `rank='auto'`.
    _MIN_RANK = 32
    _RANK_DIVISOR = 8

    def __init__(self, in_channels: int, out_channels: int, *, rank: int | str | None = None, bias: bool = False,
                 weight_init: str = 'he'):
        super().__init__()
        if weight_init not in ('he', 'uniform'):
            raise InputError(f"weight_init must be 'he' or 'uniform', got {shown(weight_init)}")
        if rank == 'auto':
            rank = max(self._MIN_RANK, (in_channels + out_channels) // self._RANK_DIVISOR)
        if rank is not None and (not isinstance(rank, int) or isinstance(rank, bool) or rank < 1):
            raise InputError(f"rank must be None, 'auto' or a positive integer, got {shown(rank)}")
        self.widths = (in_channels, out_channels) if rank is None else (in_channels, rank, out_channels)
        self.weights = nn.ParameterList(nn.Parameter(torch.empty(a, b)) for a, b in zip(self.widths, self.widths[1:]))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.weight_init = weight_init
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew, as ``weight_init`` says."""
        if self.weight_init == 'uniform':
            for weight in self.parameters():
                nn.init.uniform_(weight, -weight.shape[-1] ** -0.5, weight.shape[-1] ** -0.5)
            return
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


def pair_norm(embedding: Tensor, counted: int | None = None) -> Tensor:
    r"""Centre label embeddings and bring them to a root mean square of one, as graph convolutions make them alike.

    .. math::
        h_i \leftarrow \frac{h_i - \bar h}{\sqrt{\frac{1}{KC} \sum_j \lVert h_j - \bar h \rVert^2}},
        \qquad \bar h = \frac{1}{K} \sum_j h_j

    (Zhao and Akoglu, "PairNorm: Tackling Oversmoothing in GNNs", ICLR 2020, with :math:`s = \sqrt C`.)

    Args:
        counted: Mean and root mean square are of the first labels, so many; by default of all.

    Shapes:
        - **input:** :math:`(K, C)`, at least two labels
        - **output:** :math:`(K, C)`
    """
    centred = embedding - embedding[:counted].mean(0)  # (K, C)
    # Labels that are all alike become zero, not 0 / 0.
    return centred * (centred[:counted].square().mean() + torch.finfo(centred.dtype).eps ** 2).rsqrt()


@MODELS.register_module()
class LabelGCN(BaseModule):
    r"""Encoder of the labels of a graph by successive graph convolutions (paper, eq. 6).

    .. math::
        H^{(l)} = A'_{KS} E^{(l-1)} W^{(l)}, \qquad E^{(l)} = \mathrm{LeakyReLU}(H^{(l)})

    It returns every H, which the lateral connections and the classifier take before LeakyReLU (released code).
    The adjacency and E(0) are buffers, so a checkpoint holds them.

    Shapes:
        - **input:** none; E(0) :math:`(K, D)` and the adjacency :math:`(K, K)` come from the graph
        - **output:** one embedding :math:`(K, C_l)` per layer, in order; of labels that were added after training the
          last one alone has rows

    Args:
        graph: A label graph, or the path of its ``.npz`` (``tools/build_label_graph.py`` makes it). Configs of
            published checkpoints have its sizes here, see
            :class:`~kss_mm.models.necks.graph_placeholder.GraphPlaceholder`.
        channels: Output width of each layer: the channels where its embedding is injected, the last one those of
            the pooled features. Fewer layers than the paper's four are its Table 4's shallower variants. None takes
            them from the backbone and head of the KSSNet that it is built in.
        lam: Share of the statistical graph, 0..1 (eq. 2). 1 uses it alone, 0 the knowledge graph alone. None takes
            the superimposed matrix that the graph was given, as the released code does.
        tau: Edges below it are dropped (eq. 3).
        eta: Share of the neighbours against the self-loop, 0..1 (eq. 4).
        form: How A_S is made from counts, 'mlgcn' (paper) or 'conditional'.
        rank: Factorisation of the weights, see :class:`GraphConv`.
        bias: Bias of the graph convolutions, see :class:`GraphConv`.
        norm: 'pair' applies :func:`pair_norm` to E(0) and to every H. On a dense graph successive convolutions make
            the labels alike, until the classifier cannot tell them apart; the paper has no such step.
        normalize: 'paper', or 'mlgcn' for what ML-GCN's released code makes of the statistical graph (lam=1): the
            adjacency normalised once, and transposed, see :func:`~kss_mm.graph.superimpose.mlgcn_graph`.
        weight_init: 'he' or 'uniform', see :class:`GraphConv`.
        unseen: How many labels at the end of the graph were added after training (``kss-mm add-labels``): they have no
            lateral connections.
        frozen: Whether the embeddings of the other labels stay as they were without them: A'_KS then has the old rows,
            and ``norm`` takes mean and scale of the old labels. Otherwise they are neighbours like any others.

    Raises:
        InputError: If the graph has no embeddings, or not what lam asks for.
    """

    def __init__(self, graph: PathLike | LabelGraph | dict, channels: Sequence[int] | None = None, *,
                 lam: float | None, tau: float, eta: float, form: str = 'mlgcn', rank: int | str | None = None,
                 bias: bool = False, norm: str | None = None, normalize: str = 'paper', weight_init: str = 'he',
                 unseen: int = 0, frozen: bool = True, init_cfg: dict | None = None):
        super().__init__(init_cfg)
        if norm not in (None, 'pair'):
            raise InputError(f"norm must be None or 'pair', got {norm!r}")
        label_graph = resolve_graph(self, graph)
        if norm and self.num_classes < 2:
            raise InputError(f"norm='pair' compares labels, but {label_graph.name} has only one: set norm=None")
        check_integer('unseen', unseen, 0, self.num_classes - 1)
        self.seen = self.num_classes - unseen
        first = self.seen if unseen and frozen else None
        self.pairs = bool(norm)
        self.norm = partial(pair_norm, counted=first) if norm else nn.Identity()
        adjacency = label_graph.adjacency(lam=lam, tau=tau, eta=eta, form=form, normalize=normalize, frozen=first)
        self.sparse = register_adjacency(self, adjacency)
        self.register_buffer('embedding', torch.as_tensor(label_graph.embeddings, dtype=torch.float32))  # (K, D)
        self._make_layer = partial(GraphConv, rank=rank, bias=bias, weight_init=weight_init)
        self.channels: tuple[int, ...] | None = None
        if channels is not None:
            self.set_channels(channels)
        self.activation = nn.LeakyReLU(NEGATIVE_SLOPE)
        self._cache: EvaluationCache[tuple[Tensor, ...]] = EvaluationCache()

    def set_channels(self, channels: Sequence[int]) -> None:
        """Build the layers, of these output widths."""
        if not isinstance(channels, Sequence) or isinstance(channels, str) or not channels:
            raise InputError(f'LabelGCN needs the width of at least one layer, got channels={shown(channels)}')
        for width in channels:
            check_integer('each of channels', width, 1)
        self.channels = tuple(channels)
        widths = (self.embedding.shape[1], *channels)
        self.layers = nn.ModuleList(self._make_layer(a, b) for a, b in zip(widths, widths[1:]))

    def adj(self) -> Tensor | SparseAdjacency:
        """A'_KS, (K, K)."""
        return registered_adjacency(self)

    def forward(self) -> tuple[Tensor, ...]:
        if self.channels is None:
            raise InputError('LabelGCN has no layers yet: give channels=, or build it in a KSSNet')
        # Evaluation encodes the labels once, not once per batch.
        return self._cache(self._encode, [*self.parameters(), *self.buffers()])

    def _encode(self) -> tuple[Tensor, ...]:
        adj = self.adj()

        def layer_after(hidden: Tensor, layer: GraphConv) -> Tensor:
            return self.norm(layer(self.activation(hidden), adj))

        first, *rest = self.layers
        # Mixed precision ends here: the GCN is small, and sparse products exist in float32 only.
        with torch.autocast(self.embedding.device.type, enabled=False):
            hidden = [self.norm(first(self.norm(self.embedding), adj))]  # (K, C_1)
            for layer in rest:
                hidden.append(recomputed(partial(layer_after, layer=layer), hidden[-1]))  # (K, C_l)
        if self.seen < self.num_classes:
            hidden[:-1] = [embedding[:self.seen] for embedding in hidden[:-1]]
        return tuple(hidden)

    def train(self, mode: bool = True) -> 'LabelGCN':
        if mode:
            self._cache.forget()
        return super().train(mode)
