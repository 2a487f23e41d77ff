"""Multi-label metrics as pure functions of scores and targets, values in 0..1.

A protocol belongs to every number; each function names its own.
"""

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.errors import InputError


def _checked(scores: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as (samples, labels) arrays: float64 scores without NaN, boolean targets."""
    scores, targets = np.asarray(scores, dtype=np.float64), np.asarray(targets)
    if scores.ndim != 2 or scores.shape != targets.shape:
        raise InputError(f'scores and targets must both be (samples, labels), got {scores.shape} and {targets.shape}')
    if np.isnan(scores).any():
        row, label = np.argwhere(np.isnan(scores))[0]
        raise InputError(f'the score of sample {row}, label {label} is NaN; no metric is made up for it')
    if not np.isin(targets, (0, 1)).all():
        raise InputError('targets must be 0 or 1')
    return scores, targets.astype(bool)


def average_precision(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    r"""Class-wise, non-interpolated average precision; every row counts.

    .. math::
        AP_k = \sum_n (R_n - R_{n-1}) P_n

    over the distinct scores of class k from high to low: equal scores count as one step, so that the result does not
    depend on the order of the rows (as in scikit-learn).

    Shapes:
        - **input:** scores :math:`(N, K)`, any finite or infinite numbers; targets :math:`(N, K)` of 0 and 1
        - **output:** :math:`(K,)`; NaN for a class without positives
    """
    scores, targets = _checked(scores, targets)
    precisions = np.full(scores.shape[1], np.nan)
    for label in range(scores.shape[1]):
        order = np.argsort(-scores[:, label], kind='stable')
        ranked, hits = scores[order, label], np.cumsum(targets[order, label])  # (N,)
        if not len(hits) or not hits[-1]:
            continue
        last_of_ties = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
        gained = np.diff(hits[last_of_ties], prepend=0)
        precisions[label] = np.sum(gained * hits[last_of_ties] / (last_of_ties + 1)) / hits[-1]
    return precisions


def charades_map(scores: ArrayLike, targets: ArrayLike) -> tuple[float, float]:
    """mAP and weighted AP by the Charades protocol (``Charades_v1_classify.m``).

    Videos without labels do not count. mAP is the mean of the classes' AP, classes without positives left out; the
    weighted AP weighs each class by its positives. A missing prediction is a score of -inf.

    Returns:
        (mAP, weighted AP); both NaN where no class has a positive.
    """
    scores, targets = _checked(scores, targets)
    labelled = targets.any(axis=1)
    precisions = average_precision(scores[labelled], targets[labelled])
    positives = targets[labelled].sum(axis=0)
    present = positives > 0
    if not present.any():
        return float('nan'), float('nan')
    return float(precisions[present].mean()), float(np.average(precisions[present], weights=positives[present]))
