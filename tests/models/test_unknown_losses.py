"""Targets of -1: losses are means over the known entries, and no gradient reaches the logits of the others."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kss_mm.errors import InputError
from kss_mm.models import AsymmetricBCELoss, HillLoss, WeightedBCELoss

OURS = [WeightedBCELoss(2.), AsymmetricBCELoss(), AsymmetricBCELoss(1., .5), HillLoss()]
K = 4


@pytest.fixture
def batch():
    logits, targets = torch.randn(6, K) * 3, (torch.rand(6, K) < .4).float()
    known = torch.rand(6, K) < .6
    return logits.requires_grad_(), targets, known


def head_loss(host: str, logits, targets, **loss):
    """The loss of our head of a host."""
    if host == 'mmaction':
        pytest.importorskip('mmaction')
        from mmaction.structures import ActionDataSample

        from kss_mm.models import KSSHead
        head = KSSHead(K, 6, residual_fc=True, loss_cls=loss or None)
        return head.loss_by_feat(logits, [ActionDataSample().set_gt_label(row) for row in targets])['loss_cls']
    pytest.importorskip('mmpretrain')
    from mmpretrain.structures import DataSample

    from kss_mm.models import KSSClsHead
    head = KSSClsHead(K, 6, residual_fc=True, loss=loss or None)
    head.forward = lambda feats: logits
    return head.loss((None,), [DataSample().set_gt_score(row) for row in targets])['loss']


def same_as_known_alone(loss_of, logits, targets, known):
    """The value is that of the known entries as a batch of their own, and so are the gradients."""
    value = loss_of(logits, torch.where(known, targets, -1.))
    value.backward()
    alone = logits.detach()[known].unsqueeze(1).requires_grad_()
    expected = loss_of(alone, targets[known].unsqueeze(1))
    expected.backward()
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(logits.grad[known], alone.grad[:, 0])
    assert logits.grad[~known].eq(0).all() and logits.grad[known].ne(0).any()


@pytest.mark.parametrize('loss', OURS)
def test_unknown_entries_neither_add_nor_count(loss, batch):
    same_as_known_alone(loss, *batch)


@pytest.mark.parametrize('loss', OURS)
def test_extreme_logits_of_unknown_labels_and_nothing_known(loss):
    logits = torch.tensor([[200., -200., float('inf')]], requires_grad=True)
    value = loss(logits, torch.full((1, 3), -1.))
    value.backward()
    assert value.item() == 0 and logits.grad.eq(0).all()


HOSTS_LOSSES = [('mmaction', {}), ('mmpretrain', {}),
                ('mmaction', dict(type='mmaction.BCELossWithLogits', loss_weight=3.)),
                ('mmpretrain', dict(type='mmpretrain.CrossEntropyLoss', use_sigmoid=True, pos_weight=[2.] * K)),
                ('mmpretrain', dict(type='mmpretrain.AsymmetricLoss')),
                ('mmpretrain', dict(type='mmpretrain.AsymmetricLoss', gamma_pos=.5, clip=0.)),
                ('mmaction', dict(type='kss_mm.HillLoss')), ('mmpretrain', dict(type='kss_mm.HillLoss'))]


@pytest.mark.parametrize(('host', 'loss'), HOSTS_LOSSES)
def test_losses_in_the_heads(host, loss, batch):
    logits, targets, known = batch
    value = head_loss(host, logits, torch.where(known, targets, -1.), **loss)
    value.backward()
    grad = logits.grad.clone()
    # Other values at unknown entries change nothing.
    other = torch.where(known, logits.detach(), 7.).requires_grad_()
    assert torch.equal(head_loss(host, other, torch.where(known, targets, -1.), **loss), value)
    # Rows that are known in full are the batch of those rows, since the mean is over known entries.
    rows = torch.arange(6) < 3
    expected = head_loss(host, logits.detach()[rows], targets[rows], **loss)
    half = head_loss(host, logits, torch.where(rows[:, None], targets, -1.), **loss)
    torch.testing.assert_close(half, expected)
    assert grad[~known].eq(0).all() and grad[known].ne(0).any() and torch.isfinite(grad).all()


@pytest.mark.parametrize(('host', 'name'), [('mmaction', 'loss_cls'), ('mmpretrain', 'loss_module')])
def test_without_unknown_labels_not_a_bit_changes(host, name, batch):
    logits, targets, _ = batch
    expected = F.binary_cross_entropy_with_logits(logits, targets)
    (gradient,) = torch.autograd.grad(expected, logits)
    value = head_loss(host, logits, targets)
    value.backward()
    if host == 'mmpretrain':  # its loss sums and divides
        summed = F.binary_cross_entropy_with_logits(logits, targets, reduction='none').sum() / targets.numel()
        expected, (gradient,) = summed, torch.autograd.grad(summed, logits)
    assert torch.equal(value, expected) and torch.equal(logits.grad, gradient)


def test_our_weighted_loss_keeps_its_bits(batch):
    logits, targets, _ = batch
    expected = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=torch.tensor(2.))
    value = WeightedBCELoss(2.)(logits, targets)
    assert torch.equal(value, expected)
    assert torch.equal(*(torch.autograd.grad(loss, logits)[0] for loss in (value, expected)))


@pytest.mark.parametrize(('host', 'loss'), [
    ('mmaction', dict(type='mmaction.CBFocalLoss', samples_per_cls=[1] * K)),
    ('mmpretrain', dict(type='mmpretrain.CrossEntropyLoss', use_soft=True)),
    ('mmpretrain', dict(type='mmpretrain.AsymmetricLoss', use_sigmoid=False))])
def test_a_loss_that_cannot_leave_them_out_is_refused_with_the_remedy(host, loss, batch):
    logits, targets, known = batch
    with pytest.raises(InputError, match=f"{loss['type'].partition('.')[2]} cannot leave out: take kss_mm.Weighted"):
        head_loss(host, logits, torch.where(known, targets, -1.), **loss)


def test_hill_loss_by_hand():
    # p = 1/2 of a negative: (1.5 - .5) / 4. p_m = 1/2 of a positive of logit 1: (1/2)^2 log 2.
    assert HillLoss()(torch.zeros(1, 1), torch.zeros(1, 1)).item() == pytest.approx(.25)
    assert HillLoss()(torch.ones(1, 1), torch.ones(1, 1)).item() == pytest.approx(.693147 / 4, rel=1e-5)
    both = HillLoss(loss_weight=2.)(torch.tensor([[1., 0., 5.]]), torch.tensor([[1., 0., -1.]]))
    assert both.item() == pytest.approx(.25 + .693147 / 4, rel=1e-5)


def test_the_hill_slopes_down_where_the_model_is_sure():
    """Derivative by the logit: (3 p - 3 p^2) p (1 - p), which is highest at p = 2/3 and vanishes at 1."""
    logits = torch.logit(torch.tensor([[.2, .5, 2 / 3, .9, .999]])).double().requires_grad_()
    HillLoss().double()(logits, torch.zeros(1, 5)).backward()
    p = logits.detach().float().sigmoid()
    torch.testing.assert_close(logits.grad.float() * 5, (3 * p - 3 * p ** 2) * p * (1 - p), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize('options', [dict(lam=.5), dict(lam='x'), dict(margin=np.inf), dict(gamma=-1),
                                     dict(loss_weight=None)])
def test_mistakes_are_named(options):
    with pytest.raises(InputError, match=next(iter(options))):
        HillLoss(**options)
