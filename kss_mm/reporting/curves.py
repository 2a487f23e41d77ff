"""Precision-recall and calibration curves of every class and of all together, as few points as they need."""

import numpy as np

from kss_mm.evaluation.calibration import BINS, Reliability, pooled, reliability
from kss_mm.evaluation.functional import average_precision, ranked_hits
from kss_mm.reporting.compact import compact
from kss_mm.reporting.run import Run

#: Points of a curve at most; below, the area under its steps is the average precision to the last digit shown.
POINTS = 200


def curves(run: Run, bins: Reliability) -> dict:
    """Curves and the figures that go with them.

    Args:
        bins: Calibration of every class.
    """
    known = run.targets >= 0
    scores, targets = run.ranking[known], run.targets[known]
    together = pooled(bins)
    squares = np.square(run.probabilities - (run.targets == 1))[known & ~np.isnan(run.probabilities)]
    return {'pr': [steps(run.ranking[:, label], run.targets[:, label]) for label in range(run.targets.shape[1])],
            'micro': steps(scores, targets),
            'micro_ap': compact(average_precision(scores[:, None], targets[:, None])[0]),
            'bins': {'counts': bins.counts.tolist(), 'confidence': compact(bins.confidence),
                     'positives': compact(bins.positives)},
            'pooled': {'counts': together.counts.tolist(), 'confidence': compact(together.confidence),
                       'positives': compact(together.positives)},
            'errors': [
                {'name': 'ECE, pooled', 'value': compact(together.error),
                 'definition': f'every label of every sample is one prediction; {BINS} bins of equal width, mean over '
                               'the bins of |share that is true - mean probability|, weighed by their predictions'},
                {'name': 'ECE, class-wise', 'value': compact(_mean(bins.error)),
                 'definition': 'the same for each class by itself, mean over the classes (Kull et al., 2019)'},
                {'name': 'Brier score', 'value': compact(squares.mean() if squares.size else np.nan),
                 'definition': 'mean squared difference of probability and label over all labels of all samples'}]}


def steps(scores: np.ndarray, targets: np.ndarray) -> list[list[float]]:
    """Recalls that are reached, and the precision at each: the curve's steps, [[...], [...]]; empty without positives.

    >>> steps(np.array([.9, .8, .7]), np.array([1, 0, 1]))
    [[0.5, 1.0], [1.0, 0.6667]]
    """
    ranked, hits = ranked_hits(scores, targets)
    if not len(hits) or not hits[-1]:
        return [[], []]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    ends = ends[np.diff(hits[ends], prepend=0) > 0]
    if len(ends) > POINTS:
        ends = ends[np.linspace(0, len(ends) - 1, POINTS).round().astype(int)]
    return [compact(hits[ends] / hits[-1]), compact(hits[ends] / (ends + 1))]


def _mean(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return values.mean() if values.size else np.nan


def class_bins(run: Run) -> Reliability:
    """Calibration of every class of a run."""
    return reliability(run.probabilities, run.targets)
