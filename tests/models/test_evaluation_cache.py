"""Evaluation encodes the labels once, and what it remembers is never stale."""

import copy
import pickle
from unittest import mock

import pytest
import torch
from mmengine.model import ExponentialMovingAverage
from torch import nn

from kss_mm.models import GraphConv, LabelGCN, LateralConnection
from kss_mm.models.evaluation_cache import EvaluationCache


@pytest.fixture
def gcn(make_graph):
    return LabelGCN(make_graph(), (6, 4), lam=.6, tau=.03, eta=.4).eval()


@pytest.fixture
def runs():
    """The number of graph convolutions that have run."""
    with mock.patch.object(GraphConv, 'forward', autospec=True, side_effect=GraphConv.forward) as convolution:
        yield lambda: convolution.call_count


@torch.no_grad()
def fresh(gcn: LabelGCN) -> torch.Tensor:
    """The result of a GCN without memory."""
    return gcn._encode()[-1]


def test_once_for_all_batches_and_never_in_training(gcn, runs):
    with torch.no_grad():
        for _ in range(5):
            gcn()
        assert runs() == 2  # layers
    with torch.inference_mode():
        gcn()
    assert runs() == 2
    for _ in range(2):
        gcn()[-1].sum().backward()
    assert runs() == 6 and all(parameter.grad is not None for parameter in gcn.parameters())


def state(gcn: LabelGCN) -> dict:
    return {key: value + 1 if value.is_floating_point() else value for key, value in gcn.state_dict().items()}


def ema(gcn: LabelGCN) -> None:
    """As EMAHook swaps weights for evaluation."""
    averaged = ExponentialMovingAverage(gcn, momentum=.5)
    averaged.update_parameters(gcn)
    with torch.no_grad():
        for parameter in gcn.parameters():
            parameter.add_(1)
        gcn()
    averaged.update_parameters(gcn)
    for ours, theirs in zip(gcn.parameters(), averaged.module.parameters()):
        ours.data, theirs.data = theirs.data, ours.data


def step(gcn: LabelGCN) -> None:
    gcn.train()
    gcn()[-1].square().sum().backward()
    torch.optim.SGD(gcn.parameters(), lr=.1).step()
    gcn.eval()


CHANGES = {
    'load_state_dict': lambda gcn: gcn.load_state_dict(state(gcn)),
    'load_state_dict, assign': lambda gcn: gcn.load_state_dict(state(gcn), assign=True),
    'training step': step,
    'to': lambda gcn: gcn.to(torch.float64),
    'EMA': ema,
    'data': lambda gcn: gcn.layers[0].weights[0].data.mul_(2),
    'adjacency': lambda gcn: gcn.adjacency.mul_(2),
    'embedding': lambda gcn: gcn.embedding.neg_(),
    'buffer': lambda gcn: setattr(gcn, 'adjacency', gcn.adjacency * 2),
    'channels': lambda gcn: gcn.set_channels((3, 4)),
}


@pytest.mark.parametrize('change', CHANGES)
@pytest.mark.parametrize('mode', [torch.no_grad, torch.inference_mode])
def test_never_stale(gcn, change, mode):
    with mode():
        before = gcn()[-1].clone()
    CHANGES[change](gcn)
    with mode():
        after = gcn()[-1]
    torch.testing.assert_close(after, fresh(gcn), rtol=0, atol=0)
    assert after.dtype != before.dtype or not torch.equal(after, before)


def test_whoever_writes_into_what_is_returned_spoils_nothing(gcn):
    expected = fresh(gcn)
    with torch.no_grad():
        gcn()[-1].zero_()
        torch.testing.assert_close(gcn()[-1], expected)


def test_what_one_mode_remembers_serves_in_the_others(gcn):
    with torch.inference_mode():
        gcn()
    weight = nn.Parameter(torch.ones(4))
    with torch.no_grad():
        embedding = gcn()[-1]
    (embedding * weight).sum().backward()
    torch.testing.assert_close(weight.grad, embedding.sum(0))


def test_transforms_of_functions_see_no_memory(gcn):
    """torch.func under no_grad: an ensemble of weights, and a derivative in the forward direction."""
    weights = {name: parameter.detach() for name, parameter in gcn.named_parameters()}
    several = {name: torch.stack([value, 2 * value]) for name, value in weights.items()}

    def encode(weights):
        return torch.func.functional_call(gcn, weights, ())[-1]

    with torch.no_grad():
        pair = torch.vmap(encode)(several)
        torch.testing.assert_close(pair[0], gcn()[-1])
        torch.testing.assert_close(pair[1], encode({name: 2 * value for name, value in weights.items()}))
        _, tangent = torch.func.jvp(encode, (weights,), (weights,))
    assert tangent.abs().sum() > 0


def test_copies_start_afresh(gcn, runs):
    with torch.no_grad():
        gcn()
        for twin in (copy.deepcopy(gcn), pickle.loads(pickle.dumps(gcn))):
            twin.layers[0].weights[0].zero_()
            assert not twin()[-1].any()
    assert runs() == 6


def test_training_frees_the_memory(gcn):
    with torch.no_grad():
        gcn()
    assert gcn._cache._last is not None
    gcn.train()
    assert gcn._cache._last is None


def test_a_composed_connection_follows_its_weight():
    lateral = LateralConnection(3, 9, zero_init=False).eval()
    x, embedding = torch.randn(1, 3, 40, 40), torch.randn(9, 3)
    with torch.no_grad():
        first = lateral(x, embedding)
        lateral.g.weight.data.mul_(2)
        torch.testing.assert_close(lateral(x, embedding) - x, 2 * (first - x))
        torch.testing.assert_close(lateral(x, -embedding) - x, -2 * (first - x))


def test_numbers_that_are_not_equal_to_themselves():
    cache, calls = EvaluationCache(), []
    with torch.no_grad():
        for _ in range(2):
            cache(lambda: calls.append(1) or torch.ones(1), [torch.tensor(float('nan'))])
    assert len(calls) == 2
