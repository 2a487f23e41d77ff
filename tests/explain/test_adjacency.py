"""Labels and edges taken out of a trained GCN for a while."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from kss_mm.explain.adjacency import CutGraph, distances, walk_weights
from kss_mm.models.necks import sparse_adjacency
from kss_mm.models.necks.label_gcn import LabelGCN


@pytest.fixture(params=('dense', 'sparse'))
def neck(request, make_graph, monkeypatch):
    if request.param == 'sparse':
        monkeypatch.setattr(sparse_adjacency, 'SPARSE_FROM_LABELS', 1)
        monkeypatch.setattr(sparse_adjacency, 'SPARSE_BELOW_DENSITY', 2)
    found = LabelGCN(make_graph(6), [4, 3], lam=.5, tau=0, eta=.5).eval()
    assert found.sparse == (request.param == 'sparse')
    return found


def test_what_is_lost_and_what_stays(neck):
    graph = CutGraph(neck)
    whole = graph.matrix().toarray()
    before = [embedding.clone() for embedding in neck()]
    with graph.without(labels=[2], edges=[(0, 1)]):
        expected = whole.copy()
        expected[2, :] = expected[:, 2] = expected[0, 1] = expected[1, 0] = 0
        expected[2, 2] = whole[2, 2]
        np.testing.assert_array_equal(graph.matrix().toarray(), expected)
        embedding = torch.tensor(expected, dtype=torch.float32) @ neck.embedding @ neck.layers[0].weights[0]
        torch.testing.assert_close(neck()[0], embedding)
    np.testing.assert_array_equal(graph.matrix().toarray(), whole)
    assert all(map(torch.equal, neck(), before))


def test_the_graph_comes_back_after_an_error(neck):
    graph = CutGraph(neck)
    whole = graph.matrix().toarray()
    with pytest.raises(RuntimeError), graph.without(labels=[0]):
        raise RuntimeError
    np.testing.assert_array_equal(graph.matrix().toarray(), whole)


def test_walks_and_distances_follow_the_messages():
    matrix = csr_array(np.array([[0., 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 5], [0, 0, 0, 0]]))
    assert walk_weights(matrix, 0, 2).tolist() == [0, 2, 6, 0]
    assert walk_weights(matrix, 0, 3).tolist() == [0, 2, 6, 30]
    assert distances(matrix, 0, 2).tolist() == [0, 1, 2, 3]
    assert distances(matrix, 3, 2).tolist() == [3, 3, 3, 0]
