"""From which scores the head of a model of either host predicts labels."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.label_classifier import LabelClassifier

# The probability from which a multi-label head predicts that names no other.
_EVEN = .5


class Decision(NamedTuple):
    """What decides.

    Shapes:
        - **thresholds:** :math:`(K,)`, probabilities; None for a head that predicts the k highest or the single best
        - **threshold_logits:** :math:`(K,)`, the same as log-odds; None where probabilities decide

    Args:
        count: K; None for heads that do not say.
        gives_logits: The scores of its predictions are logits, as those of MMAction2's own heads with
            ``multi_class=True`` and ``average_clips='score'``.
    """

    thresholds: Tensor | None
    threshold_logits: Tensor | None
    count: int | None
    gives_logits: bool


def decision_of(model: nn.Module) -> Decision:
    """From which scores the head of a model predicts."""
    head = head_of(model)
    classifier = getattr(head, 'classifier', None)
    threshold = getattr(head, 'thr', True)  # MMPretrain's heads predict the k highest where they have none
    if isinstance(classifier, LabelClassifier):
        values = [part.detach().cpu() for part in (classifier.thresholds, classifier.threshold_logits)]
        return Decision(*(values if threshold is not None else (None, None)), len(classifier.thresholds), False)
    count = getattr(head, 'num_classes', None)
    if count and getattr(head, 'average_clips', None) == 'score' and getattr(head, 'multi_class', False):
        return Decision(torch.full((count,), _EVEN), torch.zeros(count), count, True)
    if count and isinstance(threshold, float):
        return Decision(torch.full((count,), threshold), None, count, False)
    return Decision(None, None, count, False)
