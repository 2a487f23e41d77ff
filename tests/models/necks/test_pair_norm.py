import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import LabelGCN
from kss_mm.models.necks.label_gcn import pair_norm

VALUES = dict(lam=.6, tau=.03, eta=.9)


def test_by_hand():
    out = pair_norm(torch.tensor([[1., 0.], [3., 4.]]))
    # Centred: (-1, -2) and (1, 2), whose mean square is 10 / 4.
    torch.testing.assert_close(out, torch.tensor([[-1., -2.], [1., 2.]]) / 2.5**.5)


def test_as_its_paper_writes_it():
    x = torch.randn(7, 5, dtype=torch.double)
    centred = x - x.mean(0)
    expected = 5**.5 * centred / centred.norm(dim=1).square().mean().sqrt()
    torch.testing.assert_close(pair_norm(x), expected)
    assert torch.autograd.gradcheck(pair_norm, x.requires_grad_())


def test_labels_that_are_all_alike_become_zero():
    x = torch.full((3, 4), .1, requires_grad=True)
    out = pair_norm(x)
    out.sum().backward()
    assert out.detach().abs().max() < 1e-3 and x.grad.isfinite().all()


def test_keeps_the_labels_of_a_dense_graph_apart(make_graph):
    graph = make_graph(20, 16)
    likeness = {}
    for norm in (None, 'pair'):
        torch.manual_seed(0)
        last = LabelGCN(graph, (32, 32, 32, 32), norm=norm, **VALUES)()[-1]
        likeness[norm] = torch.corrcoef(last).mean().item()
    assert likeness[None] > .8 and abs(likeness['pair']) < .2


def test_in_every_layer(make_graph):
    gcn = LabelGCN(make_graph(6), (4, 3), norm='pair', **VALUES)
    embedding = pair_norm(gcn.embedding)
    for layer, hidden in zip(gcn.layers, gcn()):
        torch.testing.assert_close(hidden, pair_norm(layer(embedding, gcn.adjacency)))
        embedding = torch.nn.functional.leaky_relu(hidden, .2)
    assert set(gcn.state_dict()) == {'adjacency', 'embedding', 'layers.0.weights.0', 'layers.1.weights.0'}


def test_what_it_cannot_do(make_graph):
    with pytest.raises(InputError, match="norm must be None or 'pair', got 'batch'"):
        LabelGCN(make_graph(), (4,), norm='batch', **VALUES)
    with pytest.raises(InputError, match='only one'):
        LabelGCN(make_graph(1), (4,), norm='pair', **VALUES)
