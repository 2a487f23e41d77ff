"""With thousands of labels matrices are computed ahead of the backbone; logits and gradients stay."""

import copy
import pickle

import pytest
import torch
from torch import nn

from kss_mm.models import LabelClassifier, LabelGCN, LateralConnection, inject, many_labels
from kss_mm.models.label_pathway import encode_labels

K, C = 12, 5


@pytest.fixture
def many(monkeypatch):
    """Makes K labels many."""
    monkeypatch.setattr(many_labels, 'MANY_LABELS', K)


class Network(nn.Module):
    """KSSNet with one lateral connection, without a host."""

    def __init__(self, graph):
        super().__init__()
        self.neck = LabelGCN(graph, (C, 4), lam=.6, tau=.03, eta=.4)
        self.backbone = nn.Sequential(nn.Conv2d(3, C, 3), nn.ReLU(), nn.Conv2d(C, 4, 1))
        inject(self.backbone, ['0'], [C], K, zero_init=False)
        self.head = LabelClassifier(4, K, dropout=0)

    def forward(self, x):
        label_embedding = encode_labels(self.neck, self.backbone, self.head)
        features = x
        for index in range(3):  # the ModuleList of the connections is a child as well
            features = self.backbone[index](features)
        return self.head(features, label_embedding)


@pytest.mark.parametrize('wrap', [lambda network: network,
                                  lambda network: torch.compile(network, backend='aot_eager')])
def test_logits_and_gradients_stay(make_graph, monkeypatch, wrap):
    network, x = Network(make_graph(K)), torch.randn(2, 3, 6, 6)

    def results():
        network.zero_grad()
        logits = wrap(network)(x)
        logits.square().sum().backward()
        return [logits, *(parameter.grad for parameter in network.parameters())]

    expected = results()
    monkeypatch.setattr(many_labels, 'MANY_LABELS', K)
    for _ in range(2):  # nothing of the first step is left for the second
        for ours, theirs in zip(results(), expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('number', [K, K + 1])
def test_autograd_differentiates_last_what_is_computed_ahead(make_graph, monkeypatch, number):
    """No tanh of the labels is differentiated before the gradients of all features are done."""
    monkeypatch.setattr(many_labels, 'MANY_LABELS', number)
    network, x, order = Network(make_graph(K)), torch.randn(2, 3, 6, 6, requires_grad=True), []
    x.register_hook(lambda gradient: order.append('features'))
    logits = network(x)
    for node in nodes_behind(logits.grad_fn):
        if 'Tanh' in node.name():
            node.register_hook(lambda *gradients: order.append('tanh'))
    logits.sum().backward()
    assert order == (['features', 'tanh', 'tanh'] if number == K else ['tanh', 'tanh', 'features']), order


def nodes_behind(node) -> set:
    found, open_nodes = set(), [node]
    while open_nodes:
        node = open_nodes.pop()
        if node is not None and node not in found:
            found.add(node)
            open_nodes += [function for function, _ in node.next_functions]
    return found


def test_found_by_the_embedding_alone(many):
    lateral, classifier = LateralConnection(C, K, zero_init=False), LabelClassifier(C, K, dropout=0)
    embedding, other, x = torch.randn(K, C), torch.randn(K, C), torch.randn(2, C, 1, 2)
    expected = lateral(x, other), classifier(x, other)
    lateral.prepare(embedding)
    classifier.prepare(embedding)
    torch.testing.assert_close((lateral(x, other), classifier(x, other)), expected)
    torch.testing.assert_close(lateral(x, embedding), LateralConnection.forward(lateral, x, embedding.clone()))
    torch.testing.assert_close(classifier(x, embedding), classifier(x, embedding.clone()))


def test_prepared_anew_with_other_weights(many):
    lateral, embedding, x = LateralConnection(C, K, zero_init=False).eval(), torch.randn(K, C), torch.randn(2, C, 1, 2)
    with torch.no_grad():
        for _ in range(2):
            lateral.prepare(embedding)
            torch.testing.assert_close(lateral(x, embedding), lateral(x, embedding.clone()))
            lateral.g.weight.mul_(3)


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_are_prepared_anew(many, copied):
    embedding = torch.randn(K, C, requires_grad=True) * 1  # not a leaf, which could not be copied
    for module in (LateralConnection(C, K), LabelClassifier(C, K)):
        module.prepare(embedding)
        assert copied(module).state_dict().keys() == module.state_dict().keys()


def test_few_labels_prepare_nothing(monkeypatch):
    monkeypatch.setattr(torch, 'tanh', lambda *args: pytest.fail('computed ahead'))
    LateralConnection(C, K).prepare(torch.randn(K, C))
    LabelClassifier(C, K).prepare(torch.randn(K, C))
