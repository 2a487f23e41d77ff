"""The outputs of a head of either host as probabilities, with the labels that are predicted."""

import numpy as np
from scipy.special import expit
from torch import nn

from kss_mm.evaluation.check_scores import as_scores, matching_logits
from kss_mm.inference.network import Scores, Thresholds
from kss_mm.models.heads.decision import decision_of


class HeadOutputs:
    """Scores of a model's data samples; those that are logits become probabilities.

    Args:
        model: Of either host.

    Attributes:
        thresholds: From which labels are predicted; empty for a head that decides otherwise.
        count: Number K of labels; None for heads that do not say.
    """

    def __init__(self, model: nn.Module):
        decision = decision_of(model)
        self.are_logits, self.count = decision.gives_logits, decision.count
        self.thresholds = Thresholds(*(None if part is None else part.numpy() for part in decision[:2]))

    def scores(self, sample) -> Scores:
        """Scores of a data sample of either host."""
        scores = as_scores(sample.pred_score)
        if self.are_logits:
            return Scores(expit(scores), scores, np.flatnonzero(scores >= 0).tolist())
        return Scores(scores, matching_logits(sample, scores), sample.pred_label.tolist())
