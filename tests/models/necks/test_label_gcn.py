import copy

import pytest
import torch

from kss_mm.errors import InputError, MissingFileError
from kss_mm.models import LabelGCN
from kss_mm.models.necks import sparse_adjacency
from kss_mm.models.necks.sparse_adjacency import SparseAdjacency

VALUES = dict(lam=.6, tau=.03, eta=.4)


def test_layers_follow_equation_6(make_graph):
    graph = make_graph()
    gcn = LabelGCN(graph, (6, 7, 3), **VALUES)
    adj = torch.as_tensor(graph.adjacency(**VALUES), dtype=torch.float32)
    embedding = torch.as_tensor(graph.embeddings)
    hidden = gcn()
    assert [tuple(h.shape) for h in hidden] == [(5, 6), (5, 7), (5, 3)]
    for layer, out in zip(gcn.layers, hidden):
        expected = adj @ embedding @ layer.weights[0]
        torch.testing.assert_close(out, expected)  # before LeakyReLU
        embedding = torch.where(expected > 0, expected, .2 * expected)


def test_reads_the_graph_from_its_file(make_graph, tmp_path):
    graph = make_graph()
    graph.save(tmp_path / 'graph.npz')
    torch.manual_seed(1)
    from_file = LabelGCN(str(tmp_path / 'graph.npz'), (4,), **VALUES)
    torch.manual_seed(1)
    torch.testing.assert_close(from_file()[0], LabelGCN(graph, (4,), **VALUES)()[0])


def test_adjacency_and_embedding_are_buffers_not_parameters(make_graph):
    gcn = LabelGCN(make_graph(), (4, 4), **VALUES)
    assert set(gcn.state_dict()) == {'adjacency', 'embedding', 'layers.0.weights.0', 'layers.1.weights.0'}
    assert len(list(gcn.parameters())) == 2


def test_sparse_adjacency_gives_the_dense_result(make_graph, monkeypatch):
    graph = make_graph(30)
    torch.manual_seed(1)
    dense = LabelGCN(graph, (4, 6), **VALUES)
    monkeypatch.setattr(sparse_adjacency, 'SPARSE_FROM_LABELS', 10)
    monkeypatch.setattr(sparse_adjacency, 'SPARSE_BELOW_DENSITY', 1.1)
    sparse = LabelGCN(graph, (4, 6), **VALUES)
    assert isinstance(sparse.adj(), SparseAdjacency)
    sparse.load_state_dict({k: v for k, v in dense.state_dict().items() if k != 'adjacency'}, strict=False)
    sparse = copy.deepcopy(sparse)  # as EMA does
    for a, b in zip(sparse(), dense()):
        torch.testing.assert_close(a, b)
    sparse()[1].sum().backward()
    assert sparse.layers[0].weights[0].grad is not None
    for a, b in zip(torch.compile(sparse, backend='aot_eager', fullgraph=True)(), dense()):
        torch.testing.assert_close(a, b)
    for a, b in zip(torch.export.export(sparse, (), strict=True).module()(), dense()):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize('option', [dict(lam='x'), dict(tau='.1'), dict(eta=None), dict(eta=[.4]), dict(lam=True),
                                    dict(tau=float('nan')), dict(rank='x'), dict(rank=True)])
def test_what_is_no_number_is_named(make_graph, option):
    (name, value), = option.items()
    with pytest.raises(InputError, match=name) as error:
        LabelGCN(make_graph(), (4,), **{**VALUES, **option})
    assert repr(value) in str(error.value)


@pytest.mark.parametrize('channels', ['12', (4, 0), (4, 'x'), 4, (4., 2)])
def test_widths_that_cannot_be(make_graph, channels):
    with pytest.raises(InputError, match='channels'):
        LabelGCN(make_graph(), channels, **VALUES)


def test_what_is_missing_is_named(make_graph, tmp_path):
    with pytest.raises(MissingFileError, match='nowhere.npz'):
        LabelGCN(str(tmp_path / 'nowhere.npz'), (4,), **VALUES)
    with pytest.raises(InputError, match='lam'):
        LabelGCN(make_graph(knowledge=False), (4,), **VALUES)
    with pytest.raises(InputError, match='the label graph has no superimposed matrix, which lam=None takes'):
        LabelGCN(make_graph(), (4,), **{**VALUES, 'lam': None})
    with pytest.raises(InputError, match='channels'):
        LabelGCN(make_graph(), (), **VALUES)


def test_channels_may_come_later(make_graph):
    gcn = LabelGCN(make_graph(), rank=2, bias=True, **VALUES)
    with pytest.raises(InputError, match='no layers yet'):
        gcn()
    torch.manual_seed(0)
    gcn.set_channels((4, 6))
    torch.manual_seed(0)
    expected = LabelGCN(make_graph(), (4, 6), rank=2, bias=True, **VALUES)
    assert all(torch.equal(*pair) for pair in zip(gcn(), expected()))
    assert gcn.channels == (4, 6) and gcn.state_dict().keys() == expected.state_dict().keys()
