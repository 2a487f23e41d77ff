"""A loss for annotations of which some positives are missing, for the heads of both hosts."""

import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.models.unknown_labels import known_entries, mean_of_known
from kss_mm.numeric import check_number
from kss_mm.registry import MODELS

# Zhang et al. 2021 (Hill loss): lambda = 1.5, so that the derivative of a negative's loss by p vanishes at p = 1.
HILL_LAMBDA = 1.5
# The same: margin and focusing of its positives, as in the released code.
HILL_MARGIN = 1.
HILL_GAMMA = 2.


@MODELS.register_module()
class HillLoss(nn.Module):
    r"""Hill loss with the focal margin loss of positives (Zhang et al., "Simple and Robust Loss Design for Multi-Label
    Learning with Missing Labels", arXiv:2112.07368).

    .. math::
        L = \frac{1}{BK} \sum_{b,k} -y\, (1 - p_m)^{\gamma} \log p_m + (1 - y)\, (\lambda - p)\, p^2,
        \qquad p = \sigma(x), \quad p_m = \sigma(x - m)

    A negative weighs less again where the model is sure of it, as of a positive that the annotation lacks: the gradient
    by p, :math:`2 \lambda p - 3 p^2`, is 0 at p = 1. Unknown targets, -1, are left out of sum and mean.

    Shapes:
        - **input:** logits x and targets y :math:`(B, K)`
        - **output:** a scalar

    Args:
        lam: The lambda of negatives; the gradient vanishes at p = 2/3 of it.
        margin: Shift m of the logits of positives, which makes the loss focus on those of half certainty.
        gamma: Focusing of positives, 0 for none.
    """

    takes_unknown = True

    def __init__(self, lam: float = HILL_LAMBDA, *, margin: float = HILL_MARGIN, gamma: float = HILL_GAMMA,
                 loss_weight: float = 1.):
        super().__init__()
        check_number('lam', lam, 1)  # below it a sure negative would have a loss below 0
        check_number('margin', margin)
        check_number('gamma', gamma, 0)
        check_number('loss_weight', loss_weight)
        self.lam, self.margin, self.gamma = lam, margin, gamma
        self.loss_weight = loss_weight

    def forward(self, cls_score: Tensor, label: Tensor, *, avg_factor: float | None = None) -> Tensor:
        logits, label, known = known_entries(cls_score.float(), label)
        p, shifted = logits.sigmoid(), logits - self.margin
        positive = -(1 - shifted.sigmoid()) ** self.gamma * F.logsigmoid(shifted)
        negative = (self.lam - p) * p ** 2
        return self.loss_weight * mean_of_known(label * positive + (1 - label) * negative, known)
