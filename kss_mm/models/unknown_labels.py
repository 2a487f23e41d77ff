"""Losses of targets of which some are unknown (-1): those add nothing to the sum, and do not count in its mean.

Without unknown targets every result, and every gradient, is bit for bit that of the loss alone.
"""

import torch
from torch import Tensor, nn

from kss_mm.graph.unknown import UNKNOWN

# A positive of this logit is so certain that binary cross-entropy and its kin are exactly 0 there.
_CERTAIN = 1000.
# Losses of the hosts that look at every entry alone and are 0 where it is certain, and right.
_ELEMENTWISE = ('BCELossWithLogits', 'CrossEntropyLoss', 'AsymmetricLoss')


def known_entries(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Logits and targets with 0 for both where the target is unknown, and which are known; all (B, K)."""
    known = targets != UNKNOWN
    return torch.where(known, logits, 0.), torch.where(known, targets.to(logits), 0.), known


def mean_of_known(values: Tensor, known: Tensor) -> Tensor:
    """Mean of those of (B, K) values that are known, 0 where none is."""
    return torch.where(known, values, 0.).mean() * scale_of_known(known).to(values)


def scale_of_known(known: Tensor) -> Tensor:
    """What makes of a mean over all entries one over the known: all / known, exactly 1 where all are."""
    return known.numel() / known.sum().clamp(min=1)


def leaves_out_unknown(loss: nn.Module) -> bool:
    """True for a loss that :func:`loss_of_known` can compute where targets are unknown."""
    if hasattr(loss, 'takes_unknown'):
        return loss.takes_unknown
    name, host = type(loss).__name__, type(loss).__module__.partition('.')[0]
    return (host in ('mmaction', 'mmpretrain') and name in _ELEMENTWISE
            and getattr(loss, 'use_sigmoid', name == 'BCELossWithLogits'))


def loss_of_known(loss: nn.Module, logits: Tensor, targets: Tensor, **options) -> Tensor | dict[str, Tensor]:
    """A loss over the known entries alone: ours leave the others out by themselves, the hosts' see certain positives.

    Args:
        loss: A loss whose ``forward(logits, targets)`` is a mean over all entries.
        options: Further arguments of it.
    """
    if hasattr(loss, 'takes_unknown') or not leaves_out_unknown(loss):
        return loss(logits, targets, **options)
    known = targets != UNKNOWN
    value = loss(torch.where(known, logits, _CERTAIN), torch.where(known, targets, 1.), **options)
    return value * scale_of_known(known).to(value)


def unknown_refusal(loss: nn.Module) -> str:
    """Why a batch with unknown labels cannot be trained on with a loss."""
    return (f'some labels are unknown ({UNKNOWN}), which {type(loss).__name__} cannot leave out: take '
            'kss_mm.WeightedBCELoss, kss_mm.AsymmetricBCELoss or kss_mm.HillLoss, or the binary cross-entropy of the '
            'host, or make them 0 or 1')
