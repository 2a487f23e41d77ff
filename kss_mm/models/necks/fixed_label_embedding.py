"""Label embeddings that are not learnt: lateral connections without a GCN."""

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.model import BaseModule
from torch import Tensor

from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.necks.graph_placeholder import resolve_graph
from kss_mm.registry import MODELS


@MODELS.register_module()
class FixedLabelEmbedding(BaseModule):
    r"""E(0) of a label graph for every lateral connection, as the neck of a KSSNet in place of :class:`LabelGCN`.

    .. math::
        E_l = E^{(0)} P_l

    with P_l drawn once and never trained. The graph's edges play no part. The head gets no label embedding, so it
    needs ``residual_fc=True``. The embeddings are buffers, so a checkpoint holds them.

    Shapes:
        - **input:** none; E(0) :math:`(K, D)` comes from the graph
        - **output:** one embedding :math:`(K, C_l)` for each connection, and None for the head

    Args:
        graph: A label graph with embeddings, or the path of its ``.npz``, or what :class:`LabelGCN` also takes.
        channels: Channels at each connection. None takes them from the backbone of the KSSNet.
        projection: 'orthogonal' makes P_l a random matrix with orthonormal rows (columns, where D > C_l), scaled so
            that the length of a random embedding stays on average. None takes E(0) as it is, which must have the
            width C_l.
        seed: What 'orthogonal' is drawn from.

    Raises:
        InputError: If the graph has no embeddings, or without projection other widths.
    """

    def __init__(self, graph: PathLike | LabelGraph | dict, channels: Sequence[int] | None = None, *,
                 projection: str | None = 'orthogonal', seed: int = 0, init_cfg: dict | None = None):
        super().__init__(init_cfg)
        if projection not in (None, 'orthogonal'):
            raise InputError(f"projection must be 'orthogonal' or None, got {projection!r}")
        label_graph = resolve_graph(self, graph)
        self.seen = self.num_classes  # none is added after training, as the head would get no embedding of it
        self.projection = projection
        self.seed = seed
        self.channels: tuple[int, ...] | None = None
        self._given = label_graph.embeddings
        if channels is not None:
            self.set_channels(channels)

    def set_channels(self, channels: Sequence[int]) -> None:
        """Make the embeddings, of these widths."""
        self.channels = tuple(channels)
        width = self._given.shape[1]
        rng = np.random.default_rng(self.seed)
        for index, c in enumerate(channels):
            if self.projection is None and c != width:
                raise InputError(f'the label embeddings have width {width}, tap {index} (counted from 0) has {c} '
                                 "channels: set projection='orthogonal'")
            projected = self._given if self.projection is None else self._given @ _orthogonal(width, c, rng)
            self.register_buffer(f'embedding{index}', torch.as_tensor(projected, dtype=torch.float32))  # (K, C_l)

    def forward(self) -> tuple[Tensor | None, ...]:
        if self.channels is None:
            raise InputError('FixedLabelEmbedding has no widths yet: give channels=, or build it in a KSSNet')
        return *(getattr(self, f'embedding{index}') for index in range(len(self.channels))), None


def _orthogonal(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """(rows, columns) with orthonormal rows or columns, uniformly distributed, keeping the mean squared length."""
    tall, narrow = max(rows, columns), min(rows, columns)
    q, r = np.linalg.qr(rng.normal(size=(tall, narrow)))
    q *= np.sign(np.diag(r))  # makes the decomposition unique
    return (q if rows == tall else q.T) * max(rows / columns, 1) ** .5
