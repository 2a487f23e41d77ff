import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph
from kss_mm.models import AsymmetricBCELoss, WeightedBCELoss


@pytest.fixture
def batch():
    return torch.randn(6, 5), (torch.rand(6, 5) < .4).float()


@pytest.mark.parametrize('loss', [WeightedBCELoss(1.), AsymmetricBCELoss(0., 0., margin=0.)])
def test_without_weights_both_are_binary_cross_entropy(loss, batch):
    torch.testing.assert_close(loss(*batch), F.binary_cross_entropy_with_logits(*batch))


def test_positive_weights_by_hand():
    # -log sigmoid(0) = log 2 for each of a positive of weight 3 and a negative.
    loss = WeightedBCELoss([3., 1.])(torch.zeros(1, 2), torch.tensor([[1., 0.]]))
    assert loss.item() == pytest.approx((3 + 1) * .693147 / 2, rel=1e-5)


def test_a_label_graph_balances_positives_and_negatives(make_graph):
    graph = make_graph()
    weight = WeightedBCELoss(graph).pos_weight
    torch.testing.assert_close(weight.double(), torch.as_tensor((graph.total - graph.num_samples) / graph.num_samples),
                               rtol=1e-5, atol=0)


def test_asymmetric_loss_equation_by_equation(batch):
    logits, targets = batch
    p = logits.sigmoid()
    pm = (p - .05).clamp(min=0)
    expected = -(targets * (1 - p) * p.log() + (1 - targets) * pm ** 4 * (1 - pm).log()).mean()
    torch.testing.assert_close(AsymmetricBCELoss()(logits, targets), expected)


@pytest.mark.parametrize('loss', [WeightedBCELoss(2.), AsymmetricBCELoss(), AsymmetricBCELoss(margin=0.)])
def test_extreme_logits_stay_finite(loss):
    logits = torch.tensor([[200., -200., 200., -200.]], requires_grad=True)
    value = loss(logits, torch.tensor([[1., 0., 0., 1.]]))
    value.backward()
    assert torch.isfinite(value) and torch.isfinite(logits.grad).all()


def test_mistakes_are_named():
    with pytest.raises(InputError, match='pos_weight'):
        WeightedBCELoss([-1.])
    with pytest.raises(InputError, match='pos_weight .*2 labels, .* 3'):
        WeightedBCELoss([1., 1.])(torch.zeros(1, 3), torch.zeros(1, 3))
    with pytest.raises(InputError, match='no counts, .*pos_weight'):
        WeightedBCELoss(LabelGraph(('a', 'b'), superimposed=np.eye(2)))


@pytest.mark.parametrize(('loss', 'options'), [
    (WeightedBCELoss, dict(pos_weight=[[1.], [1., 2.]])), (WeightedBCELoss, dict(pos_weight=None)),
    (WeightedBCELoss, dict(pos_weight=[[1., 2.]])), (WeightedBCELoss, dict(pos_weight=2., loss_weight='x')),
    (AsymmetricBCELoss, dict(margin=2)), (AsymmetricBCELoss, dict(margin=1)), (AsymmetricBCELoss, dict(margin='x')),
    (AsymmetricBCELoss, dict(gamma_neg='4')), (AsymmetricBCELoss, dict(gamma_pos=-1)),
    (AsymmetricBCELoss, dict(loss_weight=None)), (AsymmetricBCELoss, dict(gamma_neg=float('nan'))),
])
def test_what_is_no_number_in_the_range_is_named(loss, options):
    name = list(options)[-1]
    with pytest.raises(InputError, match=f'{name} must be'):
        loss(**options)


@pytest.mark.parametrize('loss', [WeightedBCELoss(2.), AsymmetricBCELoss()])
def test_arguments_that_would_change_the_loss_are_refused(loss, batch):
    """MMPretrain's heads pass avg_factor, which means over samples and labels do not need."""
    assert torch.equal(loss(*batch, avg_factor=6), loss(*batch))
    for name in ('weight', 'reduction_override', 'avg_factors'):
        with pytest.raises(TypeError, match=name):
            loss(*batch, **{name: 'none'})
