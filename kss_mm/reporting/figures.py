"""The figures of a run, each with its protocol, its value and its value in every drawn data set."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kss_mm.evaluation.bootstrap import (
    interval,
    resampled_average_precision,
    resampled_precision_recall_f1,
)
from kss_mm.evaluation.functional import (
    charades_map,
    precision_recall_f1,
    predicted_labels,
    sample_precisions,
)
from kss_mm.evaluation.thresholds import DEFAULT_LOGIT, DEFAULT_THRESHOLD
from kss_mm.reporting.compact import compact
from kss_mm.reporting.run import Run

_TOP = 3
_PROTOCOLS = {
    'mAP, every sample': 'mean over the classes with positives of their average precision (not interpolated, equal '
                         'scores as one step); every sample counts',
    'mAP, Charades': 'the same by Charades_v1_classify.m: samples without any label do not count',
    'weighted AP, Charades': 'the same, each class weighed by its positives',
    'CP': 'precision of each class, mean over the classes with positives',
    'CR': 'recall of each class, mean over the classes with positives',
    'CF1': '2 CP CR / (CP + CR), not the mean of the classes\' F1',
    'OP': 'precision over all predictions of all classes',
    'OR': 'recall over all labels of all classes',
    'OF1': '2 OP OR / (OP + OR)',
    'sample-wise AP': 'interpolated AP of each sample\'s ranking of the labels, mean over samples with labels: the '
                      'meter of the released KSSNet code, printed there as mAP, and much higher than a class-wise one'}


class Figure(NamedTuple):
    """A figure of a run.

    Args:
        group: Words that several figures share; '' for none.
        name: Its name in the group.
        protocol: How it is computed, in words.
        rule: From when on a label is predicted, in words; '' where that plays no part.
        value: In 0..1.
        draws: (B,) its values in drawn data sets; None where there is no bootstrap.
    """

    group: str
    name: str
    protocol: str
    rule: str
    value: float
    draws: np.ndarray | None

    def as_dict(self) -> dict:
        """The figure with its interval."""
        low, high = (None, None) if self.draws is None else compact(interval(self.value, self.draws))
        return {'group': self.group, 'name': self.name, 'protocol': self.protocol, 'rule': self.rule,
                'value': compact(self.value), 'low': low, 'high': high}


class ClassDraws(NamedTuple):
    """AP of each class in drawn data sets, (B, K), over every sample; and over those with labels only."""

    every: np.ndarray
    labelled: np.ndarray


def drawn_precisions(run: Run, counts: np.ndarray) -> ClassDraws:
    """AP of each class of a run in the data sets of ``counts``."""
    every = resampled_average_precision(run.ranking, run.targets, counts)
    labelled = (run.targets == 1).any(axis=1)
    if labelled.all():
        return ClassDraws(every, every)
    parts = (values[labelled] for values in (run.ranking, run.targets, counts))
    return ClassDraws(every, resampled_average_precision(*parts))


def figures(run: Run, counts: np.ndarray | None, drawn: ClassDraws | None, *, thresholds: bool = True) -> list[Figure]:
    """All figures of a run.

    Args:
        counts: Of :func:`~kss_mm.evaluation.bootstrap.draw_counts`; None for no intervals.
        drawn: Of :func:`drawn_precisions`, with the same counts.
        thresholds: Also the figures at the run's own thresholds, where they are not one half.
    """
    return list(_figures(run, counts, drawn, thresholds))


def _figures(run: Run, counts: np.ndarray | None, drawn: ClassDraws | None, thresholds: bool) -> Iterator[Figure]:
    labels = (run.targets == 1).T.astype(np.float64)  # (K, N); NumPy multiplies integers slowly
    charades, weighted = charades_map(run.ranking, run.targets)
    means = [(None,) * 3] if drawn is None else [(
        _mean(drawn.every), _mean(drawn.labelled), _mean(drawn.labelled, (labels @ counts).T))]
    for name, value, draws in zip(('mAP, every sample', 'mAP, Charades', 'weighted AP, Charades'),
                                  (float(np.nanmean(run.precisions)), charades, weighted), means[0]):
        yield Figure('', name, _PROTOCOLS[name], '', value, draws)
    default = DEFAULT_LOGIT if run.content.are_logits else DEFAULT_THRESHOLD
    groups = [('ML-GCN, all', 'predicted from a probability of 0.5 on', default, None),
              (f'ML-GCN, top {_TOP}', f'predicted from a probability of 0.5 on, and only among the {_TOP} highest of a '
               'sample', default, _TOP)]
    if thresholds and (run.thresholds.values != default).any():
        groups.insert(0, ('at the thresholds', f'predicted from the threshold on: {run.thresholds.source}',
                          run.thresholds.values, None))
    for group, rule, threshold, topk in groups:
        predicted = predicted_labels(run.content.ranking, run.targets, topk, threshold=threshold)
        # Of decisions: a label that is predicted reaches 1.
        values = precision_recall_f1(predicted.astype(float), run.targets, threshold=1.)
        draws = {} if counts is None else resampled_precision_recall_f1(predicted, run.targets, counts)
        for name, value in values.items():
            yield Figure(group, name, _PROTOCOLS[name], rule, value, draws.get(name))
    precisions = sample_precisions(run.ranking, run.targets)
    yield Figure('', 'sample-wise AP', _PROTOCOLS['sample-wise AP'], '', float(np.nanmean(precisions)),
                 None if counts is None else _weighted_mean(precisions, counts))


def _mean(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """(B, K) -> (B,) over what is there; NaN where nothing is."""
    there = ~np.isnan(values)
    weights = there if weights is None else np.where(there, weights, 0)
    with np.errstate(invalid='ignore'):
        return (np.where(there, values, 0) * weights).sum(axis=1) / weights.sum(axis=1)


def _weighted_mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """(N,), (N, B) -> (B,) over the samples that have a value."""
    there = ~np.isnan(values)
    with np.errstate(invalid='ignore'):
        return values[there] @ counts[there] / counts[there].sum(axis=0)
