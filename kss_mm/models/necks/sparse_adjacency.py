"""The adjacency of many labels with few edges."""

from typing import NamedTuple

import torch
from torch import Tensor


class SparseAdjacency(NamedTuple):
    """A'_KS, (K, K), as the three vectors of a CSR matrix; ``@`` multiplies it with label embeddings (K, C).

    torch's own sparse tensors can be neither copied (EMA) nor broadcast (DDP), nor made where a model is compiled.

    Args:
        rows: Where each row begins among the entries, and their number, (K + 1,).
        columns, values: Of the entries.
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
