"""Multi-label metrics as pure functions of scores and targets, values in 0..1.

A protocol belongs to every number; each function names its own. A target of -1 is unknown, whether the sample has the
label is not known: each label counts over the samples where it is known, each sample over the labels that are known.
"""

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.errors import InputError
from kss_mm.graph.unknown import UNKNOWN


def _as_array(values: ArrayLike) -> np.ndarray:
    """An array of anything array-like; a torch tensor may lie on a GPU, need gradients or be of half precision."""
    if hasattr(values, 'detach'):
        values = values.detach().cpu().double()
    return np.asarray(values)


def check_scores_and_targets(scores: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as (samples, labels) arrays: float64 scores without NaN, int8 targets of 0, 1, -1.

    >>> check_scores_and_targets([[1, 2]], [[True, False]])
    (array([[1., 2.]]), array([[1, 0]], dtype=int8))
    """
    try:
        scores, targets = _as_array(scores).astype(np.float64), _as_array(targets)
    except (ValueError, TypeError) as error:
        raise InputError(f'scores and targets must be rectangular arrays of numbers ({error})') from error
    if scores.ndim != 2 or scores.shape != targets.shape:
        raise InputError(f'scores and targets must both be (samples, labels), got {scores.shape} and {targets.shape}')
    if np.isnan(scores).any():
        row, label = np.argwhere(np.isnan(scores))[0]
        raise InputError(f'the score of sample {row}, label {label} is NaN; no metric is made up for it')
    if not np.isin(targets, (0, 1, UNKNOWN)).all():
        raise InputError(f'targets must be 0 or 1, or {UNKNOWN} for unknown')
    return scores, targets.astype(np.int8)


def average_precision(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    r"""Class-wise, non-interpolated average precision; every row counts.

    .. math::
        AP_k = \sum_n (R_n - R_{n-1}) P_n

    over the distinct scores of class k from high to low: equal scores count as one step, so that the result does not
    depend on the order of the rows (as in scikit-learn).

    >>> average_precision([[.9, .5], [.8, .4], [.7, .3]], [[1, 0], [0, 0], [1, 0]])  # (1/1 + 2/3) / 2
    array([0.83333333,        nan])

    Shapes:
        - **input:** scores :math:`(N, K)`, any finite or infinite numbers; targets :math:`(N, K)` of 0 and 1,
          and -1 where the sample does not count for the label
        - **output:** :math:`(K,)`; NaN for a class without positives
    """
    scores, targets = check_scores_and_targets(scores, targets)
    precisions = np.full(scores.shape[1], np.nan)
    for label in range(scores.shape[1]):
        ranked, hits = ranked_hits(scores[:, label], targets[:, label])
        if not len(hits) or not hits[-1]:
            continue
        # Compared, not subtracted: -inf, a missing prediction, ties with -inf.
        last_of_ties = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
        gained = np.diff(hits[last_of_ties], prepend=0)
        precisions[label] = np.sum(gained * hits[last_of_ties] / (last_of_ties + 1)) / hits[-1]
    return precisions


def ranked_hits(scores: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores of one label from high to low, and positives up to each, over the samples where the label is known.

    >>> ranked_hits(np.array([.2, .9, .5]), np.array([1, 1, -1]))
    (array([0.9, 0.2]), array([1, 2]))
    """
    known = targets != UNKNOWN
    scores, targets = scores[known], targets[known]
    order = np.argsort(-scores, kind='stable')
    return scores[order], np.cumsum(targets[order], dtype=np.int64)


def charades_map(scores: ArrayLike, targets: ArrayLike) -> tuple[float, float]:
    """mAP and weighted AP by the Charades protocol (``Charades_v1_classify.m``).

    Videos without a positive label do not count. mAP is the mean of the classes' AP, classes without positives left
    out; the weighted AP weighs each class by its positives. A missing prediction is a score of -inf.

    >>> charades_map([[.9, .1], [.8, .2], [.7, .3]], [[1, 0], [0, 1], [1, 0]])  # AP 5/6 and 1/2, positives 2 and 1
    (0.6666666666666666, 0.7222222222222222)

    Returns:
        (mAP, weighted AP); both NaN where no class has a positive.
    """
    scores, targets = check_scores_and_targets(scores, targets)
    labelled = (targets == 1).any(axis=1)
    precisions = average_precision(scores[labelled], targets[labelled])
    positives = (targets == 1).sum(axis=0)
    present = positives > 0
    if not present.any():
        return float('nan'), float('nan')
    return float(precisions[present].mean()), float(np.average(precisions[present], weights=positives[present]))


def precision_recall_f1(logits: ArrayLike, targets: ArrayLike, topk: int | None = None, *,
                        threshold: float = 0.) -> dict[str, float]:
    r"""Precision, recall and F1 per class and overall, by ML-GCN's protocol for MS-COCO.

    A label is predicted where its logit is at least ``threshold``, 0 for a probability of one half; with ``topk``,
    only if it is also among the sample's k highest of known labels.

    .. math::
        CP = \frac{1}{K} \sum_k \frac{TP_k}{P_k}, \quad CR = \frac{1}{K} \sum_k \frac{TP_k}{N_k}, \quad
        OP = \frac{\sum TP_k}{\sum P_k}, \quad OR = \frac{\sum TP_k}{\sum N_k}

    with P_k predictions (1 for a class never predicted, as in the released meter) and N_k positives of class k; a
    class without positives is left out of CP and CR. CF1 = 2 CP CR / (CP + CR), the harmonic mean of the means, and
    not the mean of the classes' F1; OF1 likewise.

    >>> figures = precision_recall_f1([[2, 1], [1, -1]], [[1, 0], [1, 1]])  # predicted: both, the first
    >>> {name: round(value, 3) for name, value in figures.items()}
    {'CP': 0.5, 'CR': 0.5, 'CF1': 0.5, 'OP': 0.667, 'OR': 0.667, 'OF1': 0.667}

    Returns:
        CP, CR, CF1, OP, OR, OF1, each in 0..1; NaN where no class has a positive.
    """
    logits, targets = check_scores_and_targets(logits, targets)
    predicted = predicted_labels(logits, targets, topk, threshold=threshold)
    hits = (predicted & (targets == 1)).sum(axis=0)  # (K,)
    predictions = np.maximum(predicted.sum(axis=0), 1)
    positives = (targets == 1).sum(axis=0)
    present = positives > 0
    if not present.any():
        return dict.fromkeys(('CP', 'CR', 'CF1', 'OP', 'OR', 'OF1'), float('nan'))
    cp = float((hits / predictions)[present].mean())
    cr = float((hits[present] / positives[present]).mean())
    op = float(hits.sum() / predictions.sum())
    recall = float(hits.sum() / positives.sum())
    return {'CP': cp, 'CR': cr, 'CF1': harmonic_mean(cp, cr), 'OP': op, 'OR': recall, 'OF1': harmonic_mean(op, recall)}


def predicted_labels(scores: ArrayLike, targets: ArrayLike, topk: int | None = None, *,
                     threshold: ArrayLike = 0.) -> np.ndarray:
    """Which known labels of each sample are predicted, (N, K) bool; see :func:`precision_recall_f1`.

    >>> predicted_labels([[.9, .8, .1]], [[1, -1, 0]], threshold=[.5, .5, 0])
    array([[ True, False,  True]])

    Args:
        threshold: One for all classes, or (K,).
    """
    scores, targets = check_scores_and_targets(scores, targets)
    predicted = scores >= np.asarray(threshold)
    if topk is not None:
        if not isinstance(topk, int) or topk < 1:
            raise InputError(f'topk must be an integer of at least 1, got {topk!r}')
        among = np.zeros_like(predicted)
        np.put_along_axis(among, known_first(scores, targets)[:, :topk], True, axis=1)
        predicted &= among
    return predicted & (targets != UNKNOWN)


def known_first(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Labels of every sample, (N, K), from the highest score down; those that are unknown come last.

    >>> known_first(np.array([[.1, .9, .5]]), np.array([[0, -1, 1]]))
    array([[2, 0, 1]])
    """
    return np.lexsort((-scores, targets == UNKNOWN), axis=1)


def harmonic_mean(a: float, b: float) -> float:
    """2 a b / (a + b), and 0 of two zeros.

    >>> harmonic_mean(.5, 1.)
    0.6666666666666666
    """
    return 2 * a * b / (a + b) if a + b else 0.


def sample_average_precision(scores: ArrayLike, targets: ArrayLike) -> float:
    r"""Interpolated average precision of every sample's ranking of the labels, averaged over samples with labels.

    This is the meter of the released KSSNet code, printed there as mAP. It is not class-wise and much higher: on the
    real Charades test labels a constant prior scores about 0.22 by it and 0.06 class-wise.

    .. math::
        AP_n = \frac{1}{|Y_n|} \sum_{r: \text{hit}} \max_{r' \ge r} P_{r'}

    >>> sample_average_precision([[.9, .8, .7]], [[1, 0, 1]])  # (1/1 + 2/3) / 2
    0.8333333333333333

    Returns:
        The mean in 0..1; NaN where no sample has a label.
    """
    precisions = sample_precisions(scores, targets)
    labelled = ~np.isnan(precisions)
    return float(precisions[labelled].mean()) if labelled.any() else float('nan')


def sample_precisions(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """The average precision of each sample that :func:`sample_average_precision` is the mean of.

    >>> sample_precisions([[.9, .8, .7], [.3, .2, .1]], [[1, 0, 1], [0, 0, 0]])
    array([0.83333333,        nan])

    Returns:
        (N,), NaN for a sample without labels.
    """
    scores, targets = check_scores_and_targets(scores, targets)
    precisions = np.full(len(scores), np.nan)
    labelled = (targets == 1).any(axis=1)
    order = known_first(scores[labelled], targets[labelled])
    hits = np.take_along_axis(targets[labelled] == 1, order, axis=1)  # (N, K)
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    interpolated = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    precisions[labelled] = (interpolated * hits).sum(axis=1) / hits.sum(axis=1)
    return precisions
