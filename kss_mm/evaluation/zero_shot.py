"""Figures of labels that training never saw: zero-shot, among themselves, and generalised zero-shot, among all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.errors import InputError, shown
from kss_mm.evaluation.functional import average_precision, check_scores_and_targets, harmonic_mean, predicted_labels
from kss_mm.graph.class_names import did_you_mean

#: How many labels every sample gets for F1 (Lee et al., CVPR 2018, and those after them on NUS-WIDE).
TOP = (3, 5)


def top_k_f1(scores: ArrayLike, targets: ArrayLike, k: int) -> float:
    r"""F1 where every sample gets its k highest labels, counted over all samples and labels at once.

    .. math::
        P = \frac{TP}{N k}, \quad R = \frac{TP}{\sum_n |Y_n|}, \quad F1 = \frac{2 P R}{P + R}

    over the N samples that have any of the labels. Of equal scores the label of the lower index comes first.

    >>> top_k_f1([[.9, .8, .1], [.7, .2, .6]], [[1, 0, 0], [0, 1, 1]], k=2)  # 2 of 4 right, 2 of 3 found
    0.5714285714285715

    Args:
        k: How many labels each sample gets; no more than there are.

    Shapes:
        - **input:** scores and targets :math:`(N, K)`; targets of -1, unknown, count for nothing

    Returns:
        0..1; NaN where no sample has a label.
    """
    scores, targets = check_scores_and_targets(scores, targets)
    if type(k) is not int or k < 1:
        raise InputError(f'k must be an integer of at least 1, got {k!r}')
    counted = (targets == 1).any(axis=1)
    if not counted.any():
        return float('nan')
    scores, targets = scores[counted], targets[counted]
    given = predicted_labels(scores, targets, k, threshold=-np.inf)
    hits = int((given & (targets == 1)).sum())
    return harmonic_mean(hits / int(given.sum()), hits / int((targets == 1).sum()))


def zero_shot_figures(scores: ArrayLike, targets: ArrayLike, unseen: Sequence[int]) -> dict[str, float]:
    """ZS: mAP and F1 among the unseen labels alone; GZS: among all; ``seen_mAP``: of the others.

    mAP is class-wise, a class without positives is left out.

    >>> figures = zero_shot_figures([[.9, .8, .1], [.7, .2, .6]], [[1, 0, 0], [0, 1, 1]], [2])
    >>> figures['ZS_mAP'], figures['seen_mAP'], figures['GZS_mAP']
    (1.0, 0.75, 0.8333333333333334)

    Args:
        unseen: Indices of the labels that training never saw.

    Shapes:
        - **input:** scores and targets :math:`(N, K)`
    """
    scores, targets = check_scores_and_targets(scores, targets)
    chosen = np.zeros(scores.shape[1], bool)
    chosen[list(unseen)] = True
    precisions = average_precision(scores, targets)  # (K,)
    figures = {f'{name}_mAP': _mean(precisions[labels])
               for name, labels in (('ZS', chosen), ('seen', ~chosen), ('GZS', np.ones_like(chosen)))}
    for name, labels in (('ZS', chosen), ('GZS', np.ones_like(chosen))):
        figures |= {f'{name}_F1@{k}': top_k_f1(scores[:, labels], targets[:, labels], k) for k in TOP if labels.any()}
    return figures


def unseen_indices(unseen: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Places of the unseen labels among the classes.

    >>> unseen_indices(['cat'], ['dog', 'cat'])
    [1]

    Raises:
        InputError: For a name that is no class.
    """
    place = {name: index for index, name in enumerate(classes)}
    if other := [name for name in unseen if name not in place]:
        raise InputError(f'unseen names {shown(other[0])}, which is no class of the evaluated samples'
                         f'{did_you_mean(str(other[0]), classes)}')
    return [place[name] for name in unseen]


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float('nan')
