"""Which labels and edges of the label graph carried the logit of a label."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from kss_mm.explain.adjacency import CutGraph, Edge, distances, walk_weights
from kss_mm.explain.explanation import Edge as NamedEdge
from kss_mm.explain.explanation import GraphEvidence, Neighbour
from kss_mm.explain.view import View, frozen, seen_by

# Rows of label embeddings that screening computes: labels of the graph times labels that are taken away.
_SCREENED_ROWS, _FEWEST, _MOST = 200_000, 32, 256


def graph_evidence(view: View, classes: Sequence[str], top: int) -> GraphEvidence:
    """The ``top`` labels and edges whose removal changes a label's logit most.

    Candidates are the labels within as many edges as the GCN has layers; where these are many, those by which most of
    their embeddings come. An :func:`estimator` ranks them, and the changes of the first ones are computed exactly, by
    the whole network. Candidate edges are those among the label and its ``top`` neighbours.
    """
    neck, label = view.model.neck, view.label
    graph, layers = CutGraph(neck), len(neck.channels)
    matrix = graph.matrix()
    near = candidates(view, graph)
    base, estimate = view.logit(), estimator(view)

    def ranked(removals: list[dict]) -> list[tuple[dict, float]]:
        """The ``top`` removals with their exact changes."""
        estimates = []
        for removal in removals:
            with graph.without(**removal):
                estimates.append(abs(estimate()))
        first = [removals[at] for at in np.argsort(-np.array(estimates), kind='stable')[:top]]
        exact = [(removal, change_without(view, graph, base, **removal)) for removal in first]
        return sorted(exact, key=lambda pair: -abs(pair[1]))

    hops = distances(matrix, label, layers)
    neighbours = []
    for removal, change in ranked([dict(labels=[other]) for other in near]):
        (other,) = removal['labels']
        neighbours.append((other, Neighbour(classes[other], float(matrix[label, other]), int(hops[other]), change)))
    edges = _edges_among(matrix, [label, *(other for other, _ in neighbours)])
    named = [NamedEdge(classes[i], classes[j], float(max(matrix[i, j], matrix[j, i])), change)
             for removal, change in ranked([dict(edges=[edge]) for edge in edges]) for i, j in removal['edges']]
    reached = int((walk_weights(matrix, label, layers) > 0).sum())
    return GraphEvidence(change_without(view, graph, base, labels=[label]), [found for _, found in neighbours], named,
                         layers, reached, len(near))


def candidates(view: View, graph: CutGraph) -> list[int]:
    """Labels whose embeddings reach that of the label, those with most of it first."""
    matrix = graph.matrix()
    weights = walk_weights(matrix, view.label, len(view.model.neck.channels))
    most = int(np.clip(_SCREENED_ROWS // len(weights), _FEWEST, _MOST))
    order = np.argsort(-weights, kind='stable')[:most]
    return order[weights[order] > 0].tolist()


def change_without(view: View, graph: CutGraph, logit: float, *, labels: Sequence[int] = (),
                   edges: Sequence[Edge] = ()) -> float:
    """Exact change of the label's logit, which is ``logit`` with the whole graph."""
    with graph.without(labels, edges):
        return view.logit() - logit


def estimator(view: View) -> Callable[[], float]:
    r"""A function that estimates how much the changes made to the graph meanwhile change the label's logit.

    .. math::
        \mathrm{logit}(x, E'_L) - \mathrm{logit}(x, E_L)
        + \sum_{l < L} \left\langle \frac{\partial\, \mathrm{logit}}{\partial E_l}, E'_l - E_l \right\rangle

    The GCN and the head are computed anew, so that their share is exact; what lateral connections do to the features
    x is of first order. It takes one forward and backward pass of the network, then none.
    """
    neck, label, classifier = view.model.neck, view.label, view.head.classifier
    with torch.no_grad():
        whole = [embedding.detach().clone().requires_grad_() for embedding in neck()]  # (K, C_l) each
    handle = neck.register_forward_hook(lambda *_: tuple(whole))
    try:
        with frozen(view.model), seen_by(classifier) as calls:
            logit = view.logits(gradients=True)[0, label]
    finally:
        handle.remove()
    gradients = torch.autograd.grad(logit, whole, allow_unused=True)[:-1]
    features = calls[-1][0][0]

    @torch.no_grad()
    def estimate() -> float:
        *hidden, last = neck()
        change = classifier(features, last)[0, label] - logit
        for gradient, after, before in zip(gradients, hidden, whole):
            if gradient is not None:
                change = change + (gradient * (after - before)).sum()
        return change.item()

    return estimate


def _edges_among(matrix, labels: Sequence[int]) -> list[Edge]:
    """Each edge between two of these labels once."""
    among = matrix[labels][:, labels].toarray()
    rows, columns = np.nonzero(np.triu(np.maximum(among, among.T), 1))
    return [(labels[row], labels[column]) for row, column in zip(rows.tolist(), columns.tolist())]
