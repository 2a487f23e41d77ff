"""Figures of image annotation, and means over groups of labels by how many training samples they have."""

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.errors import InputError, shown
from kss_mm.evaluation.functional import check_scores_and_targets, harmonic_mean, predicted_labels
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph

#: Labels that annotate each image (Duygulu et al., ECCV 2002, and all after it on Corel-5k).
ANNOTATION_LENGTH = 5
#: Training samples below which a label counts as rare, and above which as frequent.
RARE, FREQUENT = 20, 80


def training_counts(frequency: PathLike | LabelGraph | Sequence[int]) -> np.ndarray:
    """How many training samples each label has, (K,), as a label graph or its file says, or as given.

    >>> training_counts([3, 20, 81])
    array([ 3, 20, 81])
    """
    if isinstance(frequency, str | os.PathLike):
        frequency = LabelGraph.load(frequency)
    if isinstance(frequency, LabelGraph):
        frequency.require_counts('how many samples each label has')
        return frequency.num_samples
    counts = np.asarray(frequency)
    if counts.ndim != 1 or counts.dtype.kind not in 'iu':
        raise InputError(f'frequency must be a label graph, its file, or a whole number for each label, got '
                         f'{shown(frequency)}')
    return counts


def annotation_figures(scores: ArrayLike, targets: ArrayLike, length: int = ANNOTATION_LENGTH) -> dict[str, float]:
    r"""Precision, recall and F1 per label where every image gets its five highest labels, whatever their scores.

    .. math::
        P = \frac{1}{K} \sum_k \frac{TP_k}{P_k}, \quad R = \frac{1}{K} \sum_k \frac{TP_k}{N_k}, \quad
        F1 = \frac{2 P R}{P + R}, \quad N^+ = |\{k: TP_k > 0\}|

    over the labels that the samples have (N_k > 0); a label that is given to no image has precision 0. Of equal
    scores the label of the lower index comes first.

    >>> annotation_figures([[.9, .8, .1], [.7, .2, .6]], [[1, 0, 0], [1, 1, 0]], length=1)
    {'P': 0.5, 'R': 0.5, 'F1': 0.5, 'N+': 1.0}

    Args:
        length: How many labels every image gets.

    Shapes:
        - **input:** scores and targets :math:`(N, K)`; targets of -1, unknown, count for nothing

    Returns:
        P, R and F1 in 0..1, NaN where no label has a positive, and the number N+ of labels that are recalled at all.
    """
    scores, targets = check_scores_and_targets(scores, targets)
    if type(length) is not int or length < 1:
        raise InputError(f'length must be an integer of at least 1, got {length!r}')
    given = predicted_labels(scores, targets, length, threshold=-np.inf)
    hits, positives = (given & (targets == 1)).sum(axis=0), (targets == 1).sum(axis=0)  # (K,)
    present = positives > 0
    if not present.any():
        return {'P': float('nan'), 'R': float('nan'), 'F1': float('nan'), 'N+': 0.}
    precision = float((hits / np.maximum(given.sum(axis=0), 1))[present].mean())
    recall = float((hits[present] / positives[present]).mean())
    return {'P': precision, 'R': recall, 'F1': harmonic_mean(precision, recall), 'N+': float((hits > 0).sum())}


def frequency_means(values: ArrayLike, counts: Sequence[int]) -> dict[str, float]:
    """Means over the labels with few, some and many training samples: fewer than 20, 20 to 80, more than 80.

    >>> frequency_means([.1, .3, .5, float('nan')], [3, 20, 81, 90])
    {'rare': 0.1, 'middle': 0.3, 'frequent': 0.5}

    Args:
        values: A figure of each label, such as its average precision, (K,); NaN is left out.
        counts: Training samples of each label, (K,).

    Returns:
        NaN for a group without labels.
    """
    values, counts = np.asarray(values, dtype=np.float64), np.asarray(counts)
    if values.ndim != 1 or values.shape != counts.shape:
        raise InputError(f'values and counts must both be of every label, got shapes {values.shape} and {counts.shape}')
    groups = {'rare': counts < RARE, 'middle': (counts >= RARE) & (counts <= FREQUENT), 'frequent': counts > FREQUENT}
    known = ~np.isnan(values)
    return {name: float(values[group & known].mean()) if (group & known).any() else float('nan')
            for name, group in groups.items()}
