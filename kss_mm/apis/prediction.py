"""A prediction for one file, and the thresholds that it was decided by."""

from typing import NamedTuple

import numpy as np
from torch import nn

from kss_mm.errors import InputError
from kss_mm.evaluation.check_scores import as_scores, matching_logits
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.label_classifier import LabelClassifier


class Prediction(NamedTuple):
    """Scores and predicted labels of one file.

    Shapes:
        - **scores:** :math:`(K,)`, probabilities
        - **frames:** :math:`(T, H, W, 3)`, uint8 RGB, spread evenly over a video
        - **thresholds:** :math:`(K,)`, the probabilities from which labels are predicted; None where the head decides
          otherwise, by the k highest or by the single best
        - **logits, threshold_logits:** :math:`(K,)`, the same as log-odds, which decide; None where the head has none
    """

    scores: np.ndarray
    labels: list[int]
    frames: np.ndarray
    thresholds: np.ndarray | None = None
    logits: np.ndarray | None = None
    threshold_logits: np.ndarray | None = None

    def ranked(self) -> list[int]:
        """Indices of all labels, the surest first."""
        return np.argsort(-(self.scores if self.logits is None else self.logits), kind='stable').tolist()

    def decision(self, label: int) -> str:
        """A label's probability, and the threshold that it reaches or not; beside them the logits where probabilities
        look equal."""
        text = f'{self.scores[label]:.3f}'
        if self.thresholds is None:
            return text
        other = f'{self.thresholds[label]:.3f}'
        if text == other and self.logits is not None:
            text += f' (logit {self.logits[label]:.7g})'
            other += f' (logit {self.threshold_logits[label]:.7g})'
        return f'{text} {">=" if label in self.labels else "< "} {other}'


def prediction_of(model: nn.Module, sample, frames: np.ndarray, checkpoint: str) -> Prediction:
    """The prediction in a data sample of either host.

    Raises:
        InputError: For scores that are not finite, as weights that are not finite give them.
    """
    scores = as_scores(sample.pred_score)
    if not np.isfinite(scores).all():
        raise InputError(f'{checkpoint}: gives a score of {scores[~np.isfinite(scores)][0]} for '
                         f'{int((~np.isfinite(scores)).sum())} of {len(scores)} labels, so its weights are not finite: '
                         'give an earlier checkpoint of the run, and train with kss_mm.FiniteLossHook')
    head = head_of(model)
    classifier = getattr(head, 'classifier', None)
    thresholds = threshold_logits = None
    # MMPretrain's heads predict the k highest where they have no threshold.
    if isinstance(classifier, LabelClassifier) and getattr(head, 'thr', True) is not None:
        thresholds, threshold_logits = (values.cpu().numpy() for values in (classifier.thresholds,
                                                                            classifier.threshold_logits))
    elif isinstance(getattr(head, 'thr', None), float):
        thresholds = np.full(len(scores), head.thr, dtype=np.float32)
    logits = matching_logits(sample, scores)
    return Prediction(scores, sample.pred_label.tolist(), frames, thresholds, logits, threshold_logits)
