"""Changes of a logit without labels and edges, against a network whose matrix was changed by hand."""

import numpy as np
import pytest
import torch

pytest.importorskip('mmaction')
from explained import K, batch, logit_of, network, view  # noqa: E402

from kss_mm.explain.adjacency import CutGraph  # noqa: E402
from kss_mm.explain.graph_evidence import change_without, estimator, graph_evidence  # noqa: E402
from kss_mm.models.necks import sparse_adjacency  # noqa: E402

NAMES = [f'label {index}' for index in range(K)]


@pytest.fixture
def model(make_graph):
    return network(make_graph(K))


def by_hand(model, *entries) -> float:
    """The change of label 2's logit with these entries of the matrix at 0, the whole network run anew."""
    before, whole = logit_of(model, batch(), 2), model.neck.adjacency.clone()
    for entry in entries:
        model.neck.adjacency[entry] = 0
    after = logit_of(model, batch(), 2)
    model.neck.adjacency.copy_(whole)
    return after - before


def test_changes_are_exact_and_the_greatest_come_first(model):
    found = graph_evidence(view(model), NAMES, top=3)
    assert found.reached == found.screened == K - 1 and found.layers == 4
    assert len(found.neighbours) == 3 and len(found.edges) == 3
    for neighbour in found.neighbours:
        index = NAMES.index(neighbour.name)
        others = [other for other in range(K) if other != index]
        assert neighbour.change == pytest.approx(by_hand(model, (index, others), (others, index)), abs=1e-5)
        assert neighbour.weight == pytest.approx(model.neck.adjacency[2, index].item()) and neighbour.hops == 1
    for edge in found.edges:
        i, j = NAMES.index(edge.first), NAMES.index(edge.second)
        assert edge.change == pytest.approx(by_hand(model, (i, j), (j, i)), abs=1e-5)
    for listed in (found.neighbours, found.edges):
        sizes = [abs(part.change) for part in listed]
        assert sizes == sorted(sizes, reverse=True) and sizes[0] > 1e-3
    others = [0, 1, 3, 4]
    assert found.alone == pytest.approx(by_hand(model, (2, others), (others, 2)), abs=1e-5)


def test_the_estimate_is_exact_without_lateral_connections_and_near_with_them(model):
    asked = view(model)
    graph, base = CutGraph(model.neck), asked.logit()
    removals = [dict(labels=[label]) for label in range(K)] + [dict(edges=[(2, label)]) for label in (0, 1, 3, 4)]

    def both() -> tuple[list[float], list[float]]:
        estimate, estimates, changes = estimator(asked), [], []
        for removal in removals:
            with graph.without(**removal):
                estimates.append(estimate())
            changes.append(change_without(asked, graph, base, **removal))
        return estimates, changes

    estimates, changes = both()
    assert np.corrcoef(estimates, changes)[0, 1] > .9
    for lateral in model.backbone.laterals:
        torch.nn.init.zeros_(lateral.g.weight)
    base = asked.logit()
    estimates, changes = both()
    np.testing.assert_allclose(estimates, changes, atol=1e-5)


def test_the_model_stays_as_it_was(model):
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    before = logit_of(model, batch(), 2)
    graph_evidence(view(model), NAMES, top=2)
    assert logit_of(model, batch(), 2) == before
    assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())


def test_many_labels_are_screened_by_their_walks(model, monkeypatch):
    monkeypatch.setattr('kss_mm.explain.graph_evidence._MOST', 2)
    monkeypatch.setattr('kss_mm.explain.graph_evidence._FEWEST', 2)
    found = graph_evidence(view(model), NAMES, top=8)
    assert found.screened == len(found.neighbours) == 2 and found.reached == K - 1


def test_a_sparse_matrix_gives_the_same(model, make_graph, monkeypatch):
    expected = graph_evidence(view(model), NAMES, top=2)
    monkeypatch.setattr(sparse_adjacency, 'SPARSE_FROM_LABELS', 1)
    monkeypatch.setattr(sparse_adjacency, 'SPARSE_BELOW_DENSITY', 2)
    other = network(make_graph(K))
    assert other.neck.sparse
    adjacency = ('neck.adjacency', 'neck.adjacency_rows', 'neck.adjacency_columns', 'neck.adjacency_values')
    other.load_state_dict({name: value for name, value in model.state_dict().items() if name not in adjacency},
                          strict=False)
    found = graph_evidence(view(other), NAMES, top=2)
    for one, same in zip((*found.neighbours, *found.edges), (*expected.neighbours, *expected.edges)):
        assert one[:-1] == pytest.approx(same[:-1]) and one.change == pytest.approx(same.change, abs=1e-4)


def test_queries_of_the_graph(make_graph):
    model = network(make_graph(K), dict(type='kss_mm.LabelQueryHead', num_classes=K, in_channels=128, queries='graph',
                                        embed_dims=16, num_heads=2, feedforward_channels=16))
    found = graph_evidence(view(model), NAMES, top=1)
    (neighbour,), index = found.neighbours, NAMES.index(found.neighbours[0].name)
    others = [other for other in range(K) if other != index]
    assert neighbour.change == pytest.approx(by_hand(model, (index, others), (others, index)), abs=1e-5)
