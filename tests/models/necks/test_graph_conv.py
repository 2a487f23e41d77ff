import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import GraphConv
from kss_mm.models.necks.sparse_adjacency import SparseAdjacency


def test_equation_6_by_hand():
    layer = GraphConv(2, 1)
    layer.weights[0].data = torch.tensor([[1.], [2.]])
    adj = torch.tensor([[.5, .5], [0., 1.]])
    embedding = torch.tensor([[1., 0.], [0., 3.]])
    # E W = (1, 6); A E W = (.5 + 3, 6)
    torch.testing.assert_close(layer(embedding, adj), torch.tensor([[3.5], [6.]]))


@pytest.mark.parametrize('compiled', [False, True])
@pytest.mark.parametrize(('sizes', 'rank', 'bias'), [((6, 4), None, True), ((4, 6), None, False), ((6, 7), 2, True)])
def test_sparse_equals_dense(sizes, rank, bias, compiled):
    """Values and gradients, wherever the adjacency is multiplied; labels without edges among them."""
    layer = GraphConv(*sizes, rank=rank, bias=bias)
    adj = torch.rand(9, 9) * (torch.rand(9, 9) < .3)
    adj[4] = 0
    embedding = torch.randn(9, sizes[0], requires_grad=True)
    run = torch.compile(layer, backend='aot_eager', fullgraph=True) if compiled else layer
    found, expected = run(embedding, sparse(adj)), layer(embedding, adj)
    torch.testing.assert_close(found, expected)
    inputs = [embedding, *layer.parameters()]
    for ours, theirs in zip(torch.autograd.grad(found.square().sum(), inputs),
                            torch.autograd.grad(expected.square().sum(), inputs)):
        torch.testing.assert_close(ours, theirs)


def test_half_precision():
    layer, adj, embedding = GraphConv(6, 4), torch.eye(9) + .5, torch.randn(9, 6)
    expected = layer(embedding, adj)
    found = layer.bfloat16()(embedding.bfloat16(), sparse(adj.bfloat16()))
    torch.testing.assert_close(found.float(), expected, rtol=.05, atol=.1)


def sparse(adj: torch.Tensor) -> SparseAdjacency:
    csr = adj.to_sparse_csr()
    return SparseAdjacency(*(part.clone() for part in (csr.crow_indices(), csr.col_indices(), csr.values())))


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


def test_uniform_start_is_bounded_by_the_root_of_the_output_width():
    layer = GraphConv(300, 64, bias=True, weight_init='uniform')
    for values in (layer.weights[0], layer.bias):
        assert .11 < values.abs().max() <= .125  # 1 / sqrt(64)
    assert layer.weights[0].mean().abs() < .005
    with pytest.raises(InputError, match="weight_init must be 'he' or 'uniform', got 'xavier'"):
        GraphConv(4, 4, weight_init='xavier')
