"""Scores of a sample as they are, and those that are not multi-label predictions."""

import logging

import numpy as np
from mmengine.logging import print_log
from scipy.special import expit

from kss_mm.errors import InputError

# Probabilities of a softmax sum to 1 within this.
_SUM_TOLERANCE = 1e-3
# Probability and logit of one prediction differ by rounding only.
_ROUNDING = 1e-4


def as_scores(pred_score) -> np.ndarray:
    """``pred_score`` of a sample as (K,) float32, or float64 where it is that.

    Raises:
        InputError: If it is not a vector, as with ``average_clips=None`` of MMAction2's heads.
    """
    values = pred_score.detach().cpu()
    scores = (values if values.element_size() > 4 else values.float()).numpy()
    if scores.ndim != 1:
        raise InputError(f'pred_score of a sample must hold one score for each label, got shape {scores.shape}: set '
                         "average_clips of the head, to 'score' for MMAction2's own heads")
    return scores


def matching_logits(sample, scores: np.ndarray) -> np.ndarray | None:
    """The logits beside the (K,) scores of a sample; None where its head gives none.

    Neither are there any where they belong to other scores: what merges several predictions of a sample, such as
    MMPretrain's test-time augmentation, averages the scores and keeps the logits of the first.

    Args:
        sample: A data sample of either host, or its fields.
    """
    if sample.get('pred_logit') is None:
        return None
    logits = as_scores(sample.get('pred_logit'))
    # NaN is not another score; the metrics name it.
    same = logits.shape == scores.shape and not (np.abs(expit(logits.astype(np.float64)) - scores) > _ROUNDING).any()
    return logits if same else None


def warn_of_softmax(scores: np.ndarray) -> None:
    """Say in the log that (N, K) scores are a softmax over the labels, if they look like one."""
    if scores.shape[1] > 1 and (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=_SUM_TOLERANCE):
        print_log('the scores of every sample sum to 1, so they are a softmax over the labels: a label counts less '
                  'where another is likely, which is not what multi-label figures are of; set average_clips="score" in '
                  "MMAction2's own heads, or use kss_mm.KSSHead", logger='current', level=logging.WARNING)
