"""Weighted relations between concepts -> A_K, the knowledge graph (paper, eq. 1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph.matrices import Matrix
from kss_mm.graph.statistics import DENSE_LIMIT


def knowledge_adjacency(edges: Iterable[tuple[str, str, float]], concepts: Sequence[Sequence[str]], *,
                        sparse: bool | None = None) -> Matrix:
    r"""A_K: the heaviest relation between any concept of label i and any concept of label j, in either direction.

    .. math:: [A_K]_{ij} = \max\{w_r \mid r \in S_{ij}\} \text{ if } |S_{ij}| > 0 \text{ else } 0 \quad \text{(eq. 1)}

    The diagonal is zero: relations of a label with itself do not count, nor does a concept that two labels share.

    >>> edges = [('tennis', 'racket', 2.0), ('racket', 'sport', 1.0), ('tennis', 'sport', 4.0)]
    >>> knowledge_adjacency(edges, [['tennis', 'racket'], ['sport'], ['dog']])
    array([[0., 4., 0.],
           [4., 0., 0.],
           [0., 0., 0.]])

    Args:
        edges: (start, end, weight) of every relation, in any order and direction; weights are >= 0.
        concepts: For each of the K labels its concepts; none is allowed.
        sparse: CSR result (True) or dense result (False); by default dense up to ``DENSE_LIMIT`` labels.

    Returns:
        (K, K) float64, symmetric.
    """
    labels_of = defaultdict(list)
    for label, names in enumerate(concepts):
        for name in dict.fromkeys(names):
            labels_of[name].append(label)
    heaviest: dict[tuple[int, int], float] = {}
    for start, end, weight in edges:
        if not 0 <= weight < np.inf:
            raise InputError(f'relation {start} - {end} has weight {weight}; weights are finite and >= 0')
        for i in labels_of.get(start, ()):
            for j in labels_of.get(end, ()):
                if i != j and weight > heaviest.get((i, j), 0):
                    heaviest[i, j] = heaviest[j, i] = weight
    size = len(concepts)
    if not size:
        raise InputError('there are no labels; give the concepts of at least one')
    row, col = np.array(list(heaviest), dtype=np.int64).reshape(-1, 2).T
    adj = sp.csr_matrix((np.array(list(heaviest.values()), dtype=np.float64), (row, col)), (size, size))
    return adj if (size > DENSE_LIMIT if sparse is None else sparse) else adj.toarray()
