"""The outputs of a head of either host as probabilities, with the thresholds that decide."""

import numpy as np
from scipy.special import expit
from torch import nn

from kss_mm.evaluation.check_scores import as_scores, matching_logits
from kss_mm.inference.network import Scores, Thresholds
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.label_classifier import LabelClassifier

# The probability from which a multi-label head predicts that names no other.
_EVEN = .5


class HeadOutputs:
    """Scores of a model's data samples.

    The scores of MMAction2's own heads with ``multi_class=True`` and ``average_clips='score'`` are logits; they become
    probabilities, and labels are predicted from one half.

    Args:
        model: Of either host.

    Attributes:
        thresholds: From which labels are predicted; empty for a head that decides otherwise.
        count: Number K of labels; None for heads that do not say.
    """

    def __init__(self, model: nn.Module):
        head = head_of(model)
        classifier = getattr(head, 'classifier', None)
        threshold = getattr(head, 'thr', True)  # MMPretrain's heads predict the k highest where they have none
        ours = isinstance(classifier, LabelClassifier)
        self.are_logits = (not ours and getattr(head, 'average_clips', None) == 'score' and
                           bool(getattr(head, 'multi_class', False)))
        self.count = len(classifier.thresholds) if ours else getattr(head, 'num_classes', None)
        self.thresholds = Thresholds()
        if ours and threshold is not None:
            self.thresholds = Thresholds(*(part.cpu().numpy() for part in (classifier.thresholds,
                                                                           classifier.threshold_logits)))
        elif self.are_logits:
            self.thresholds = Thresholds(np.full(self.count, _EVEN, np.float32), np.zeros(self.count, np.float32))
        elif isinstance(threshold, float) and self.count:
            self.thresholds = Thresholds(np.full(self.count, threshold, np.float32))

    def scores(self, sample) -> Scores:
        """Scores of a data sample of either host."""
        scores = as_scores(sample.pred_score)
        if self.are_logits:
            return Scores(expit(scores), scores, np.flatnonzero(scores >= 0).tolist())
        return Scores(scores, matching_logits(sample, scores), sample.pred_label.tolist())
