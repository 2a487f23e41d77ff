"""Scores that are no multi-label predictions: the hosts' own heads give such for a word in a config."""

import logging

import numpy as np
from mmengine.logging import print_log

from kss_mm.errors import InputError

# Probabilities of a softmax sum to 1 within this.
_SUM_TOLERANCE = 1e-3


def as_scores(pred_score) -> np.ndarray:
    """``pred_score`` of a sample as (K,) float.

    Raises:
        InputError: if it is no vector, as with ``average_clips=None`` of MMAction2's heads.
    """
    scores = pred_score.float().cpu().numpy()
    if scores.ndim != 1:
        raise InputError(f'pred_score of a sample must hold one score for each label, got shape {scores.shape}: set '
                         "average_clips of the head, to 'score' for MMAction2's own heads")
    return scores


def warn_of_softmax(scores: np.ndarray) -> None:
    """Say in the log that (N, K) scores are a softmax over the labels, if they look like one."""
    if scores.shape[1] > 1 and (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=_SUM_TOLERANCE):
        print_log('the scores of every sample sum to 1, so they are a softmax over the labels: a label counts less '
                  'where another is likely, which is not what multi-label figures are of; set average_clips="score" in '
                  "MMAction2's own heads, or use kss_mm.KSSHead", logger='current', level=logging.WARNING)
