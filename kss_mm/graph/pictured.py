"""The matrices of a label graph as pictures show them: without diagonals, the most frequent labels, in one order."""

import warnings

import numpy as np
from scipy import sparse as sp
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from kss_mm.graph.label_graph import LabelGraph
from kss_mm.graph.matrices import Matrix
from kss_mm.graph.statistics import UnseenLabelWarning
from kss_mm.graph.superimpose import normalize_adjacency

#: More labels than this are not readable on one page: the most frequent ones are drawn.
MAX_LABELS = 200


def drawn_labels(graph: LabelGraph) -> np.ndarray:
    """Indices of the labels in a picture, in their own order; of a graph without counts the first ones.

    >>> graph = LabelGraph(('a', 'b'), np.eye(2, dtype=int), np.array([1, 1]), 2)
    >>> drawn_labels(graph)
    array([0, 1])
    """
    samples = np.zeros(len(graph.classes)) if graph.num_samples is None else graph.num_samples
    return np.sort(np.argsort(-samples, kind='stable')[:MAX_LABELS])


def pictured_matrices(graph: LabelGraph, drawn: np.ndarray, *, lam: float, tau: float,
                      eta: float) -> dict[str, np.ndarray]:
    """Matrices by name, (k, k) without diagonals, of the drawn labels: A'_S, A'_K where there is one, and A_KS.

    A graph without counts has A_KS only, as its superimposed matrix gives it.

    >>> graph = LabelGraph(('a', 'b'), np.array([[1, 1], [1, 2]]), np.array([1, 2]), 2)
    >>> {name: matrix.round(2).tolist() for name, matrix in
    ...  pictured_matrices(graph, np.arange(2), lam=1, tau=0, eta=1).items()}
    {'A_S': [[0.0, 0.2], [0.2, 0.0]], 'A_KS': [[0.0, 0.2], [0.2, 0.0]]}
    """
    if graph.counts is None:
        return {'A_KS': _inner(graph.adjacency(lam=None, tau=tau, eta=eta), drawn)}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UnseenLabelWarning)  # such labels show as isolated
        stat = graph.statistical()
        superimposed = graph.adjacency(lam=lam, tau=tau, eta=eta)
    matrices = {'A_S': normalize_adjacency(stat)}
    if graph.knowledge is not None:
        matrices['A_K'] = normalize_adjacency(graph.knowledge)
    return {name: _inner(matrix, drawn) for name, matrix in {**matrices, 'A_KS': superimposed}.items()}


def _inner(adj: Matrix, drawn: np.ndarray) -> np.ndarray:
    adj = adj[drawn][:, drawn]
    inner = np.array(adj.toarray() if sp.issparse(adj) else adj)
    np.fill_diagonal(inner, 0)
    return inner


def cluster_order(adj: np.ndarray) -> np.ndarray:
    """(K,) order that puts strongly linked labels side by side (average linkage, optimal leaf order).

    >>> cluster_order(np.array([[0, 0, .9, 0], [0, 0, 0, .9], [.9, 0, 0, .1], [0, .9, .1, 0]])).tolist()
    [0, 2, 3, 1]
    """
    if len(adj) < 3:
        return np.arange(len(adj))
    weight = (adj + adj.T) / 2
    np.fill_diagonal(weight, 0)
    distance = 1 - np.sqrt(weight / (weight.max() or 1))  # the root spreads out the many small weights
    np.fill_diagonal(distance, 0)
    return leaves_list(linkage(squareform(distance, checks=False), 'average', optimal_ordering=True))
