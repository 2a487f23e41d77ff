"""The labels that a drawing shows, over time or once: the same of a ``Prediction`` and of a ``Timeline``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kss_mm.errors import InputError, short_name
from kss_mm.inference.prediction import Prediction
from kss_mm.numeric import check_integer
from kss_mm.timeline.timeline import Timeline

#: Labels that a drawing shows by default.
LABELS = 8


@dataclass(frozen=True, eq=False)
class Track:
    """Scores of the shown labels in pieces of time, of which a prediction of the whole file has one.

    Shapes:
        - **borders:** :math:`(G + 1,)`, seconds
        - **scores, predicted:** :math:`(G, n)`, probabilities of the shown labels, NaN where there are none; and
          whether they are predicted
        - **thresholds:** :math:`(n,)`; None where the head decides otherwise

    Args:
        names: Of the shown labels, from top to bottom.
        duration: Seconds of the file; None for what has no time.
    """

    names: Sequence[str]
    borders: np.ndarray
    scores: np.ndarray
    predicted: np.ndarray
    thresholds: np.ndarray | None
    duration: float | None = None

    def at(self, seconds: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Scores at a time, (n,), NaN where there are none, and whether the labels are predicted then; without a time
        the highest, and whether they are predicted at any."""
        if seconds is None:
            return np.nanmax(self.scores, axis=0), self.predicted.any(axis=0)
        piece = int(np.searchsorted(self.borders, seconds, side='right')) - 1
        piece -= piece == len(self.scores) and seconds == self.borders[-1]
        if 0 <= piece < len(self.scores):
            return self.scores[piece], self.predicted[piece]
        return np.full(len(self.names), np.nan), np.zeros(len(self.names), bool)


def track_of(found: Prediction | Timeline, labels: int = LABELS) -> Track:
    """The labels to show, by falling probability, or peak over time: those predicted at any time, then the others.

    Args:
        labels: How many at most.

    Raises:
        UserError: The prediction's own, where there is none.
        InputError: For a timeline without windows.
    """
    check_integer('labels', labels, 1)
    if found.error is not None:
        raise found.error
    if isinstance(found, Timeline):
        borders, scores = found.over_time
        if not len(scores):
            raise InputError(f'{found.source}: its timeline has no window, so there is nothing to draw')
        predicted = np.zeros(scores.shape, bool) if found.thresholds is None else scores >= found.thresholds
        duration = float(borders[-1]) if found.duration is None else found.duration
    else:
        borders, scores, duration = np.array([-np.inf, np.inf]), found.scores[None], None
        predicted = np.isin(np.arange(len(found.classes)), found.indices)[None]
    peaks = np.nanmax(scores, axis=0)  # (K,)
    chosen = np.lexsort((-peaks, ~predicted.any(axis=0)))[:labels]
    shown = chosen[np.argsort(-peaks[chosen], kind='stable')]
    return Track([short_name(found.classes[label]) for label in shown], borders, scores[:, shown], predicted[:, shown],
                 None if found.thresholds is None else np.asarray(found.thresholds)[shown], duration)
