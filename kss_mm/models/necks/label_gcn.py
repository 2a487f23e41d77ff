"""The label encoder: the GCN pathway of the paper's Figure 2."""

import os
from collections.abc import Sequence
from functools import partial

import torch
from mmengine.model import BaseModule
from scipy.sparse import csr_array
from torch import Tensor, nn

from kss_mm.errors import InputError, shown
from kss_mm.graph import LabelGraph
from kss_mm.models.evaluation_cache import EvaluationCache
from kss_mm.models.many_labels import recomputed
from kss_mm.models.necks.graph_conv import GraphConv
from kss_mm.models.necks.graph_placeholder import resolve_graph
from kss_mm.models.necks.pair_norm import pair_norm
from kss_mm.models.necks.sparse_adjacency import SparseAdjacency
from kss_mm.numeric import check_integer
from kss_mm.registry import MODELS

# LeakyReLU's slope (paper, Implementation Details).
NEGATIVE_SLOPE = 0.2
# A'_KS is multiplied as a sparse matrix below this share of non-zero entries, from this number of labels on: under
# it a dense product is faster on CPU and GPU alike.
SPARSE_BELOW_DENSITY = 0.05
SPARSE_FROM_LABELS = 1000


@MODELS.register_module()
class LabelGCN(BaseModule):
    r"""Encodes the labels of a graph by successive graph convolutions (paper, eq. 6).

    .. math::
        H^{(l)} = A'_{KS} E^{(l-1)} W^{(l)}, \qquad E^{(l)} = \mathrm{LeakyReLU}(H^{(l)})

    It returns every H, which the lateral connections and the classifier take before LeakyReLU (released code).
    The adjacency and E(0) are buffers, so a checkpoint holds them.

    Shapes:
        - **input:** none; E(0) :math:`(K, D)` and the adjacency :math:`(K, K)` come from the graph
        - **output:** one embedding :math:`(K, C_l)` per layer, in order

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

    Raises:
        InputError: if the graph has no embeddings, or not what lam asks for.
    """

    def __init__(self, graph: str | os.PathLike | LabelGraph | dict, channels: Sequence[int] | None = None, *,
                 lam: float | None, tau: float, eta: float, form: str = 'mlgcn', rank: int | str | None = None,
                 bias: bool = False, norm: str | None = None, init_cfg: dict | None = None):
        super().__init__(init_cfg)
        if norm not in (None, 'pair'):
            raise InputError(f"norm must be None or 'pair', got {norm!r}")
        label_graph = resolve_graph(self, graph)
        if label_graph.embeddings is None:
            raise InputError(f'{label_graph.name} has no label embeddings E(0): build it again with --words')
        self.classes = label_graph.classes
        self.num_classes = len(label_graph.classes)
        # What the graph was counted from, to be compared with the training set; no part of the weights.
        self.num_samples, self.total = label_graph.num_samples, label_graph.total
        if norm and self.num_classes < 2:
            raise InputError(f"norm='pair' compares labels, but {label_graph.name} has only one: set norm=None")
        self.norm = pair_norm if norm else nn.Identity()
        adj = label_graph.adjacency(lam=lam, tau=tau, eta=eta, form=form)
        self._register_adjacency(adj)
        self.register_buffer('embedding', torch.as_tensor(label_graph.embeddings, dtype=torch.float32))  # (K, D)
        self._make_layer = partial(GraphConv, rank=rank, bias=bias)
        self.channels: tuple[int, ...] | None = None
        if channels is not None:
            self.set_channels(channels)
        self.activation = nn.LeakyReLU(NEGATIVE_SLOPE)
        self._memo: EvaluationCache[tuple[Tensor, ...]] = EvaluationCache()

    def set_channels(self, channels: Sequence[int]) -> None:
        """Build the layers, of these output widths."""
        if not isinstance(channels, Sequence) or isinstance(channels, str) or not channels:
            raise InputError(f'LabelGCN needs the width of at least one layer, got channels={shown(channels)}')
        for width in channels:
            check_integer('each of channels', width, 1)
        self.channels = tuple(channels)
        widths = (self.embedding.shape[1], *channels)
        self.layers = nn.ModuleList(self._make_layer(a, b) for a, b in zip(widths, widths[1:]))

    def _register_adjacency(self, adj) -> None:
        """Keep A'_KS, (K, K): dense, or for many labels with few edges as a :class:`SparseAdjacency`."""
        labels = adj.shape[0]
        edges = adj.nnz if hasattr(adj, 'nnz') else int((adj != 0).sum())
        self.sparse = labels >= SPARSE_FROM_LABELS and edges < SPARSE_BELOW_DENSITY * labels**2
        if not self.sparse:
            dense = adj.toarray() if hasattr(adj, 'toarray') else adj
            self.register_buffer('adjacency', torch.as_tensor(dense, dtype=torch.float32))
            return
        csr = csr_array(adj)
        self.register_buffer('adjacency_rows', torch.from_numpy(csr.indptr.astype('int64')))
        self.register_buffer('adjacency_columns', torch.from_numpy(csr.indices.astype('int64')))
        self.register_buffer('adjacency_values', torch.from_numpy(csr.data.astype('float32')))

    def adj(self) -> Tensor | SparseAdjacency:
        """A'_KS, (K, K)."""
        if not self.sparse:
            return self.adjacency
        return SparseAdjacency(self.adjacency_rows, self.adjacency_columns, self.adjacency_values)

    def forward(self) -> tuple[Tensor, ...]:
        if self.channels is None:
            raise InputError('LabelGCN has no layers yet: give channels=, or build it in a KSSNet')
        # Evaluation encodes the labels once, not once per batch.
        return self._memo(self._encode, [*self.parameters(), *self.buffers()])

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
        return tuple(hidden)

    def train(self, mode: bool = True) -> 'LabelGCN':
        if mode:
            self._memo.forget()
        return super().train(mode)
