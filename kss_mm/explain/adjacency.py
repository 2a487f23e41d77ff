"""The matrix of a label graph with some of its entries taken away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from scipy.sparse import csr_array

from kss_mm.models.necks.label_gcn import LabelGCN

Edge = tuple[int, int]


class CutGraph:
    r"""A'_KS of eq. 6 in a trained GCN, which can lose labels and edges for a while.

    It is the matrix that the network multiplies with, after its last normalisation, and the entries that stay keep
    their values. So a change of the logit is that of the messages which are lost. Normalising anew would raise the
    weights of all other neighbours and of the label itself, and mix the two; besides, a checkpoint holds this matrix
    alone.

    An edge (i, j) loses :math:`A'_{ij}` and :math:`A'_{ji}`. A label j loses all of its row and column but
    :math:`A'_{jj}`: it is as isolated as a label without edges, and keeps its own embedding and its place in the
    lateral connections.
    """

    def __init__(self, neck: LabelGCN):
        self.neck = neck
        self._name = 'adjacency_values' if neck.sparse else 'adjacency'
        if neck.sparse:
            rows = neck.adjacency_rows
            self._rows = torch.repeat_interleave(torch.arange(len(rows) - 1, device=rows.device), rows.diff())
            self._columns = neck.adjacency_columns
        else:
            index = torch.arange(len(neck.adjacency), device=neck.adjacency.device)
            self._rows, self._columns = index[:, None], index[None]

    def matrix(self) -> csr_array:
        """A'_KS, (K, K)."""
        values = getattr(self.neck, self._name).detach().cpu().double().numpy()
        if not self.neck.sparse:
            return csr_array(values)
        rows, columns = (part.cpu().numpy() for part in (self.neck.adjacency_rows, self.neck.adjacency_columns))
        return csr_array((values, columns, rows), shape=(len(rows) - 1,) * 2)

    @contextmanager
    def without(self, labels: Sequence[int] = (), edges: Sequence[Edge] = ()) -> Iterator[None]:
        """Take labels and edges away meanwhile."""
        rows, columns = self._rows, self._columns
        whole = getattr(self.neck, self._name)
        gone = torch.zeros_like(whole, dtype=torch.bool)
        for label in labels:
            gone |= ((rows == label) | (columns == label)) & (rows != columns)
        for i, j in edges:
            gone |= ((rows == i) & (columns == j)) | ((rows == j) & (columns == i))
        setattr(self.neck, self._name, whole.masked_fill(gone, 0))
        try:
            yield
        finally:
            setattr(self.neck, self._name, whole)


def walk_weights(matrix: csr_array, label: int, layers: int) -> np.ndarray:
    r"""How much of every label's embedding reaches a label by way of the graph: row ``label`` of
    :math:`A' + A'^2 + \ldots + A'^L`, without the label itself.

    Shapes:
        - **output:** :math:`(K,)`; 0 for those that are more than ``layers`` edges away

    >>> chain = csr_array(np.array([[.5, .5, 0, 0], [.5, 0, .5, 0], [0, .5, 0, .5], [0, 0, .5, .5]]))
    >>> walk_weights(chain, 0, layers=2)
    array([0.  , 0.75, 0.25, 0.  ])
    """
    row = matrix[[label]]
    total = reached = row
    for _ in range(layers - 1):
        reached = reached @ matrix
        total = total + reached
    weights = np.asarray(total.todense()).ravel()
    weights[label] = 0
    return weights


def distances(matrix: csr_array, label: int, layers: int) -> np.ndarray:
    """Edges from a label to every label, (K,), in the direction of its messages; ``layers`` + 1 for all beyond."""
    found = np.full(matrix.shape[0], layers + 1)
    front = np.array([label])
    for distance in range(layers + 1):
        found[front] = distance
        front = np.unique(matrix[front].indices)
        front = front[found[front] > layers]
    return found
