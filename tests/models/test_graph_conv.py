import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import GraphConv


def test_equation_6_by_hand():
    layer = GraphConv(2, 1)
    layer.weights[0].data = torch.tensor([[1.], [2.]])
    adj = torch.tensor([[.5, .5], [0., 1.]])
    embedding = torch.tensor([[1., 0.], [0., 3.]])
    # E W = (1, 6); A E W = (.5 + 3, 6)
    torch.testing.assert_close(layer(embedding, adj), torch.tensor([[3.5], [6.]]))


@pytest.mark.parametrize('bias', [False, True])
def test_sparse_equals_dense(bias):
    layer = GraphConv(6, 4, bias=bias)
    adj = torch.rand(9, 9) * (torch.rand(9, 9) < .3)
    embedding = torch.randn(9, 6)
    torch.testing.assert_close(layer(embedding, adj.to_sparse_csr()), layer(embedding, adj))


def test_rank_factorises_as_the_released_code():
    # m = max(32, (in + out) // 8): 300 -> 192 gives 61, 8 -> 8 gives 32.
    assert [tuple(w.shape) for w in GraphConv(300, 192, rank='auto').weights] == [(300, 61), (61, 192)]
    assert GraphConv(8, 8, rank='auto').weights[0].shape == (8, 32)
    layer = GraphConv(5, 4, rank=3)
    plain = GraphConv(5, 4)
    plain.weights[0].data = layer.weights[0].data @ layer.weights[1].data
    adj, embedding = torch.rand(7, 7), torch.randn(7, 5)
    torch.testing.assert_close(layer(embedding, adj), plain(embedding, adj))


@pytest.mark.parametrize('rank', [0, -1, 'large', 2.5])
def test_wrong_rank_is_named(rank):
    with pytest.raises(InputError, match='rank'):
        GraphConv(4, 4, rank=rank)


def test_he_initialisation():
    weight = GraphConv(2000, 500).weights[0]
    assert abs(weight.std() - (2 / 2000) ** .5) < 1e-3
