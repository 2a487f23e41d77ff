"""The labels of a video over time: NumPy and the standard library only, whatever ran the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kss_mm.errors import InputError, UserError, short_name
from kss_mm.numeric import check_number
from kss_mm.timeline.intervals import LOW_SHARE, Interval, find_intervals, scores_over_time

# How many intervals a representation names.
_SHOWN = 3


@dataclass(frozen=True, eq=False, repr=False)
class Timeline:
    """What a model says of each window of a video.

    Shapes:
        - **starts, ends:** :math:`(W,)`, seconds; windows in their order, which may overlap
        - **scores:** :math:`(W, K)`, probabilities in the order of ``classes``
        - **thresholds:** :math:`(K,)`, the probabilities from which labels are predicted; None where the head decides
          otherwise, by the k highest or by the single best

    Args:
        source: The file's name, or words for an array or stream.
        duration: Of the file, in seconds; None for streams.
        error: Why the windows end before the video does; None where they do not.

    Raises:
        InputError: For parts that do not fit each other, and windows out of order.
    """

    source: str
    classes: Sequence[str]
    starts: np.ndarray
    ends: np.ndarray
    scores: np.ndarray
    thresholds: np.ndarray | None = None
    duration: float | None = None
    error: UserError | None = None

    def __post_init__(self):
        count, labels = len(self.starts), len(self.classes)
        if np.shape(self.ends) != (count,) or np.shape(self.scores) != (count, labels):
            raise InputError(f'{self.source}: {count} starts, {len(self.ends)} ends, {labels} classes and scores of '
                             f'{np.shape(self.scores)} make no timeline; they must be (W,), (W,), (K,) and (W, K)')
        if self.thresholds is not None and np.shape(self.thresholds) != (labels,):
            raise InputError(f'{self.source}: {np.size(self.thresholds)} thresholds for {labels} classes')
        finite = all(np.isfinite(part).all() for part in (self.starts, self.ends, self.scores))
        if not finite or (np.diff(self.starts) < 0).any() or (np.diff(self.ends) < 0).any() or (
                np.less_equal(self.ends, self.starts)).any():
            raise InputError(f'{self.source}: windows must end after they start, be no earlier than the one before '
                             'them, and have finite scores')

    @cached_property
    def over_time(self) -> tuple[np.ndarray, np.ndarray]:
        """The borders of all windows, (G + 1,) seconds, and the scores between them, (G, K).

        They are the mean of the windows that cover a time, NaN where none does.
        """
        return scores_over_time(self.starts, self.ends, self.scores)

    def at(self, seconds: float) -> np.ndarray:
        """Scores at a time, (K,): the mean of the windows over it, which hold their start and not their end; NaN where
        there is none. The last end belongs to the windows before it."""
        borders, values = self.over_time
        piece = np.searchsorted(borders, seconds, side='right') - 1
        if len(values) and seconds == borders[-1]:
            piece = len(values) - 1
        return values[piece].copy() if 0 <= piece < len(values) else np.full(len(self.classes), np.nan)

    def intervals(self, *, low: float | Sequence[float] | None = None, high: float | Sequence[float] | None = None,
                  min_seconds: float = 0.) -> list[Interval]:
        """The times in which labels happen, by their start.

        An interval begins where the score reaches ``high`` and goes on while it is at least ``low``; where windows
        overlap the score is their mean, and where no window is, an interval ends.

        Args:
            high: A probability for all labels, or one for each; by default the label's threshold.
            low: Likewise; by default ``LOW_SHARE`` (0.75) of ``high``.
            min_seconds: Shorter intervals are left out.

        Raises:
            InputError: For numbers out of their ranges, a ``low`` above ``high``, and a model without thresholds and
                no ``high``.
        """
        if high is None and self.thresholds is None:
            raise InputError(f'{self.source}: its model has no thresholds, so say by high=... from which probability a '
                             'label begins')
        high = np.asarray(self.thresholds, np.float64) if high is None else self._levels('high', high)
        low = high * LOW_SHARE if low is None else self._levels('low', low)
        if (low > high).any():
            label = int(np.flatnonzero(low > high)[0])
            raise InputError(f'low={low[label]:g} is above high={high[label]:g}, which a label begins at')
        check_number('min_seconds', min_seconds, 0)
        borders, values = self.over_time
        found = [interval for index, label in enumerate(self.classes)
                 for interval in find_intervals(borders, values[:, index], label, low[index], high[index])
                 if interval.end - interval.start >= min_seconds - 1e-6]
        return sorted(found, key=lambda interval: interval[:2])

    def as_dict(self, *, low: float | Sequence[float] | None = None, high: float | Sequence[float] | None = None,
                min_seconds: float = 0.) -> dict:
        """Plain values, as JSON takes them: ``file``, ``duration``, ``classes``, ``thresholds``, ``windows`` (each with
        ``start``, ``end`` and ``scores``), ``intervals`` (of :meth:`intervals`, whose arguments these are; None without
        thresholds), ``error``."""
        windows = [dict(start=float(start), end=float(end), scores=_plain(scores))
                   for start, end, scores in zip(self.starts, self.ends, self.scores)]
        thresholds = None if self.thresholds is None else _plain(self.thresholds)
        intervals = None if thresholds is None and high is None else [
            interval._asdict() for interval in self.intervals(low=low, high=high, min_seconds=min_seconds)]
        return dict(file=self.source, duration=self.duration, classes=list(self.classes), thresholds=thresholds,
                    windows=windows, intervals=intervals, error=None if self.error is None else str(self.error))

    def __repr__(self) -> str:
        said = f'{len(self.starts)} windows'
        if len(self.starts):
            said += f' of {self.starts[0]:.1f} to {self.ends[-1]:.1f} s'
        if self.thresholds is not None:
            found = sorted(self.intervals(), key=lambda interval: -interval.peak)
            said += f', {len(found)} intervals' + ': ' * bool(found) + ', '.join(
                f'{short_name(label)} {start:.1f} to {end:.1f} s ({peak:.3f})'
                for start, end, label, _, peak in found[:_SHOWN])
            said += f' and {len(found) - _SHOWN} more' if len(found) > _SHOWN else ''
        said += f'; error: {self.error}' if self.error is not None else ''
        return f'<Timeline {short_name(self.source)}: {said}>'

    def _repr_html_(self) -> str:
        from kss_mm.timeline.strip import strip_html

        return strip_html(self)

    def _levels(self, name: str, given: object) -> np.ndarray:
        """A probability for each label."""
        try:
            levels = np.asarray(given, np.result_type(self.scores, np.float32))  # as the scores are rounded
            levels = np.broadcast_to(levels, len(self.classes)).astype(np.float64)
        except (TypeError, ValueError):
            raise InputError(f'{name} must be a probability, or one for each of {len(self.classes)} labels') from None
        for level in np.unique(levels):
            check_number(name, float(level), 0, 1)
        return levels


def _plain(values: np.ndarray) -> list[float]:
    """The shortest numbers that are the same as those of an array."""
    return [float(str(value)) for value in np.asarray(values)]
