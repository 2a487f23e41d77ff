"""Kept scores of a run with what the parts of a report ask of them again and again."""

import functools
import os
from dataclasses import dataclass

import numpy as np

from kss_mm.errors import InputError
from kss_mm.evaluation.functional import average_precision, predicted_labels
from kss_mm.evaluation.score_files import Scores
from kss_mm.files import PathLike
from kss_mm.reporting.thresholds import Thresholds, as_probabilities


@dataclass(frozen=True, eq=False)
class Run:
    """A run's scores.

    Args:
        path: The file of the scores.
        content: What it holds.
        thresholds: From which score on labels are predicted.
    """

    path: PathLike
    content: Scores
    thresholds: Thresholds

    def __post_init__(self):
        if not (self.targets == 1).any():
            raise InputError(f'{self.path}: no sample has a label, so there is nothing to report; give scores of '
                             'samples whose true labels are known')

    @functools.cached_property
    def notes(self) -> list[str]:
        """What a reader of its figures has to know, in words."""
        missing = int(np.isnan(self.losses).sum())
        notes = [f'{missing} samples are without a prediction: they rank last for every label, and have no calibration'
                 ] if missing else []
        if len(self.content.ids) == 1:
            notes.append('there is one sample, so there are no intervals: nothing says how figures vary over samples')
        return notes

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    @functools.cached_property
    def targets(self) -> np.ndarray:
        return np.asarray(self.content.targets).astype(np.int8)

    @functools.cached_property
    def ranking(self) -> np.ndarray:
        return np.asarray(self.content.ranking, np.float64)

    @functools.cached_property
    def probabilities(self) -> np.ndarray:
        """(N, K), NaN for samples without a prediction."""
        return as_probabilities(self.content)

    @functools.cached_property
    def predicted(self) -> np.ndarray:
        """(N, K) bool, of known labels."""
        return predicted_labels(self.content.ranking, self.targets, threshold=self.thresholds.values)

    @functools.cached_property
    def precisions(self) -> np.ndarray:
        """(K,) AP of each class; every sample counts."""
        return average_precision(self.ranking, self.targets)

    @functools.cached_property
    def positives(self) -> np.ndarray:
        """(K,) samples that carry each class."""
        return (self.targets == 1).sum(axis=0)

    @functools.cached_property
    def sample_precisions(self) -> np.ndarray:
        """(N,) AP of each sample's ranking of the labels, NaN without labels."""
        return average_precision(self.ranking.T, self.targets.T)

    @functools.cached_property
    def losses(self) -> np.ndarray:
        """(N,) mean binary cross-entropy over the known labels, NaN without a prediction."""
        known = self.targets >= 0
        true = self.targets == 1
        if self.content.are_logits:
            values = np.where(np.isneginf(self.ranking), np.nan, self.ranking)
            with np.errstate(invalid='ignore'):
                terms = np.logaddexp(0, values) - np.where(true, values, 0)
        else:
            tiny = np.finfo(np.float32).tiny
            terms = -np.log(np.maximum(np.where(true, self.probabilities, 1 - self.probabilities), tiny))
        with np.errstate(invalid='ignore'):
            return np.where(known, terms, 0).sum(axis=1) / known.sum(axis=1)
