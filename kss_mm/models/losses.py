"""Multi-label losses for the heads of both hosts: means over samples and labels, of logits and 0/1 targets.

Unknown targets, -1, are left out of sum and mean.
MMPretrain's heads pass ``avg_factor``, by which its own losses divide their sum. It is taken and not used.
"""

import os
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.graph_labels import labels_of
from kss_mm.models.unknown_labels import known_entries, mean_of_known, scale_of_known
from kss_mm.numeric import check_number
from kss_mm.registry import MODELS

# Asymmetric loss (Ridnik et al., ICCV 2021), section 3: focusing of negatives and positives, probability margin.
ASL_GAMMA_NEG = 4.
ASL_GAMMA_POS = 1.
ASL_MARGIN = 0.05
# Positives of a label with very few samples weigh at most this much.
MAX_POS_WEIGHT = 100.


@MODELS.register_module()
class WeightedBCELoss(nn.Module):
    r"""Binary cross-entropy whose positives weigh w_k.

    .. math::
        L = -\frac{1}{BK} \sum_{b,k} w_k y \log \sigma(x) + (1 - y) \log(1 - \sigma(x))

    Shapes:
        - **input:** logits x and targets y :math:`(B, K)`
        - **output:** a scalar

    Args:
        pos_weight: One w for all labels, K of them, or a label graph (or its file), whose counts give
            negatives / positives of each label, at most 100.
    """

    takes_unknown = True

    def __init__(self, pos_weight: float | Sequence[float] | PathLike | LabelGraph, *,
                 loss_weight: float = 1.):
        super().__init__()
        if isinstance(pos_weight, (str, os.PathLike)):
            pos_weight = LabelGraph.load(pos_weight)
        self.graph_labels = labels_of(pos_weight) if isinstance(pos_weight, LabelGraph) else None
        if isinstance(pos_weight, LabelGraph):
            pos_weight.require_counts('pos_weight')
            positives = np.maximum(pos_weight.num_samples, 1)
            pos_weight = ((pos_weight.known - positives) / positives).clip(0, MAX_POS_WEIGHT)
        weight = torch.as_tensor(_numbers(pos_weight))
        if weight.ndim > 1 or not (torch.isfinite(weight).all() and (weight >= 0).all()):
            raise InputError(f'pos_weight must be one number or K, finite and >= 0, got {shown(pos_weight)}')
        check_number('loss_weight', loss_weight)
        # The config holds it, so a checkpoint need not.
        self.register_buffer('pos_weight', weight, persistent=False)
        self.loss_weight = loss_weight

    def forward(self, cls_score: Tensor, label: Tensor, *, avg_factor: float | None = None) -> Tensor:
        if self.pos_weight.ndim and self.pos_weight.shape[0] != cls_score.shape[1]:
            raise InputError(f'pos_weight has {self.pos_weight.shape[0]} labels, the head {cls_score.shape[1]}')
        logits, label, known = known_entries(cls_score, label)
        # A weight of 1 changes no bit, of the gradient neither.
        loss = F.binary_cross_entropy_with_logits(logits, label, known.to(logits), pos_weight=self.pos_weight)
        return self.loss_weight * loss * scale_of_known(known).to(loss)


@MODELS.register_module()
class AsymmetricBCELoss(nn.Module):
    r"""Asymmetric loss (Ridnik et al., "Asymmetric Loss For Multi-Label Classification", ICCV 2021, eq. 7).

    .. math::
        L = -\frac{1}{BK} \sum_{b,k} y (1 - p)^{\gamma_+} \log p + (1 - y)\, p_m^{\gamma_-} \log(1 - p_m),
        \qquad p_m = \max(p - m, 0)

    Shapes:
        - **input:** logits and targets :math:`(B, K)`
        - **output:** a scalar

    Args:
        gamma_neg: Focusing on hard negatives; easy ones count less the larger it is.
        gamma_pos: The same for positives. Both 0 and margin 0 give binary cross-entropy.
        margin: Shift m; negatives below it do not count at all.
    """

    takes_unknown = True

    def __init__(self, gamma_neg: float = ASL_GAMMA_NEG, gamma_pos: float = ASL_GAMMA_POS, *,
                 margin: float = ASL_MARGIN, loss_weight: float = 1.):
        super().__init__()
        check_number('gamma_neg', gamma_neg, 0)
        check_number('gamma_pos', gamma_pos, 0)
        check_number('margin', margin, 0, 1, without=1)
        check_number('loss_weight', loss_weight)
        self.gamma_neg, self.gamma_pos, self.margin = gamma_neg, gamma_pos, margin
        self.loss_weight = loss_weight

    def forward(self, cls_score: Tensor, label: Tensor, *, avg_factor: float | None = None) -> Tensor:
        logits, label, known = known_entries(cls_score.float(), label)
        p = logits.sigmoid()
        shifted = (p - self.margin).clamp(min=0)
        # 1 - sigmoid and its logarithm by logsigmoid stay finite for any logit; with a margin, 1 - p_m >= m does.
        log_negative = torch.log1p(-shifted) if self.margin else F.logsigmoid(-logits)
        positive = label * (1 - p) ** self.gamma_pos * F.logsigmoid(logits)
        negative = (1 - label) * shifted ** self.gamma_neg * log_negative
        return -self.loss_weight * mean_of_known(positive + negative, known)


def _numbers(value: object) -> np.ndarray:
    try:
        return np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError):  # a text, or rows of different lengths
        raise InputError(f'pos_weight must be one number or K of them, got {shown(value)}') from None
