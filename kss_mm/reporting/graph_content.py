"""A label graph for the page: labels in a circle, the strongest edges of each of its matrices."""

from collections.abc import Sequence

import numpy as np

from kss_mm.errors import InputError, shown
from kss_mm.graph import LabelGraph
from kss_mm.graph.pictured import cluster_order, drawn_labels, pictured_matrices
from kss_mm.reporting.compact import compact

#: Edges of a matrix that the page holds at most, the strongest.
EDGES = 6000
_NAMES = {'A_S': "A'_S, statistics", 'A_K': "A'_K, knowledge", 'A_KS': 'A_KS, superimposed'}


def graph_content(graph: LabelGraph, classes: Sequence[str], *, lam: float, tau: float, eta: float) -> dict:
    """Labels in an order of clusters, edges by matrix, and how each label is called among ``classes``.

    Raises:
        InputError: If the graph has none of the classes, or a parameter is outside its range.
    """
    place = {name: index for index, name in enumerate(classes)}
    if not any(name in place for name in graph.classes):
        raise InputError(f'{graph.name}: is a label graph of other classes, such as {shown(graph.classes[0])}; the '
                         f'scores have {shown(classes[0])}')
    drawn = drawn_labels(graph)
    matrices = pictured_matrices(graph, drawn, lam=lam, tau=tau, eta=eta)
    order = cluster_order(matrices['A_KS'])
    names = [graph.classes[label] for label in drawn[order]]
    samples = None if graph.num_samples is None else graph.num_samples[drawn][order].tolist()
    return {'names': names, 'class': [place.get(name) for name in names], 'samples': samples,
            'all': len(graph.classes), 'lam': lam, 'tau': tau, 'eta': eta, 'mixed': graph.counts is not None,
            'missing': sum(name not in place for name in graph.classes),
            'matrices': [{'key': key, 'name': _NAMES[key], **_edges(matrix[np.ix_(order, order)])}
                         for key, matrix in matrices.items()]}


def _edges(matrix: np.ndarray) -> dict:
    """[i, j, weight of i to j, weight of j to i] of the strongest pairs by their larger weight, the strongest first."""
    strength = np.triu(np.maximum(matrix, matrix.T), 1)
    first, second = np.nonzero(strength)
    heaviest = np.argsort(-strength[first, second], kind='stable')[:EDGES]
    i, j = first[heaviest], second[heaviest]
    return {'edges': [list(edge) for edge in zip(i.tolist(), j.tolist(), compact(matrix[i, j]), compact(matrix[j, i]))],
            'of': len(first)}
