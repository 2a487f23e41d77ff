"""The adjacency of many labels with few edges."""

from typing import NamedTuple

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn

# A'_KS is multiplied as a sparse matrix below this share of non-zero entries, from this number of labels on: under
# it a dense product is faster on CPU and GPU alike.
SPARSE_BELOW_DENSITY = 0.05
SPARSE_FROM_LABELS = 1000


class SparseAdjacency(NamedTuple):
    """A'_KS, (K, K), as the three vectors of a CSR matrix; ``@`` multiplies it with label embeddings (K, C).

    torch's own sparse tensors can be neither copied (EMA) nor broadcast (DDP), nor made where a model is compiled.

    Args:
        rows: Where each row begins among the entries, and their number, (K + 1,).
        columns: Column of each entry.
        values: Value of each entry.
    """

    rows: Tensor
    columns: Tensor
    values: Tensor

    def __matmul__(self, embedding: Tensor) -> Tensor:
        labels, half = len(self.rows) - 1, self.values.dtype in (torch.float16, torch.bfloat16)
        if not torch.compiler.is_compiling() and not half:
            return torch.sparse_csr_tensor(self.rows, self.columns, self.values, (labels, labels),
                                           check_invariants=False) @ embedding
        # By entries, (edges, C): slower, but of operators that compile, and that exist in half precision.
        row = torch.repeat_interleave(torch.arange(labels, device=self.rows.device), self.rows.diff(),
                                      output_size=len(self.values))
        products = self.values[:, None] * embedding[self.columns]
        return torch.zeros_like(embedding).index_add(0, row, products)  # (K, C)


def register_adjacency(encoder: nn.Module, adj: np.ndarray | csr_array) -> bool:
    """Keep A'_KS, (K, K), in buffers of a label encoder, and say whether as a :class:`SparseAdjacency`."""
    labels = adj.shape[0]
    edges = adj.nnz if hasattr(adj, 'nnz') else int((adj != 0).sum())
    if labels < SPARSE_FROM_LABELS or edges >= SPARSE_BELOW_DENSITY * labels**2:
        dense = adj.toarray() if hasattr(adj, 'toarray') else adj
        encoder.register_buffer('adjacency', torch.as_tensor(dense, dtype=torch.float32))
        return False
    csr = csr_array(adj)
    encoder.register_buffer('adjacency_rows', torch.from_numpy(csr.indptr.astype('int64')))
    encoder.register_buffer('adjacency_columns', torch.from_numpy(csr.indices.astype('int64')))
    encoder.register_buffer('adjacency_values', torch.from_numpy(csr.data.astype('float32')))
    return True


def registered_adjacency(encoder: nn.Module) -> Tensor | SparseAdjacency:
    """The adjacency that :func:`register_adjacency` has kept."""
    if not encoder.sparse:
        return encoder.adjacency
    return SparseAdjacency(encoder.adjacency_rows, encoder.adjacency_columns, encoder.adjacency_values)
