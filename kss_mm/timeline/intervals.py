"""From the scores of windows, which may overlap, to the intervals in which a label happens."""

from typing import NamedTuple

import numpy as np

#: From this share of the threshold on a label that has begun goes on.
LOW_SHARE = .75
# Borders of windows are sums of seconds: those that differ by less than a microsecond are one.
_DECIMALS = 6


class Interval(NamedTuple):
    """A time in which a label happens.

    Args:
        start, end: In seconds.
        mean: Of the label's score, over the time.
        peak: The highest score.
    """

    start: float
    end: float
    label: str
    mean: float
    peak: float


def scores_over_time(starts: np.ndarray, ends: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One score per time: between two neighbouring borders of windows, the mean of the windows that cover them.

    Shapes:
        - **starts, ends:** :math:`(W,)`, seconds, neither of them falling
        - **scores:** :math:`(W, K)`
        - **returns:** the borders :math:`(G + 1,)`, and the scores between them :math:`(G, K)`, NaN where no window is

    >>> borders, values = scores_over_time(np.array([0, 1]), np.array([2, 3]), np.array([[.2], [.6]]))
    >>> borders.tolist(), values[:, 0].tolist()
    ([0.0, 1.0, 2.0, 3.0], [0.2, 0.4, 0.6])
    """
    starts, ends = (np.round(np.asarray(part, np.float64), _DECIMALS) for part in (starts, ends))
    borders = np.unique(np.concatenate([starts, ends]))  # (G + 1,)
    first = np.searchsorted(ends, borders[:-1], side='right')  # (G,): windows first..after - 1 cover it
    after = np.searchsorted(starts, borders[:-1], side='right')
    count = (after - first).clip(0)
    values = np.zeros((len(first), scores.shape[1]))  # (G, K)
    for offset in range(count.max(initial=0)):
        there = count > offset
        values[there] += scores[first[there] + offset]
    values[count == 0] = np.nan
    return borders, values / count.clip(1)[:, None]


def find_runs(values: np.ndarray, low: float, high: float) -> list[tuple[int, int]]:
    """Where intervals of one label are in its scores, with hysteresis: the first piece, and the one after the last.

    It begins where the score reaches ``high`` and goes on while it is at least ``low``; where no window is (NaN), it
    ends.

    Shapes:
        - **values:** :math:`(G,)`

    >>> find_runs(np.array([.4, .9, .5, .1, .5, .8]), .4, .7)
    [(1, 3), (5, 6)]
    """
    going = np.concatenate([[False], values >= low, [False]])
    begin, end = np.flatnonzero(going[1:] & ~going[:-1]), np.flatnonzero(~going[1:] & going[:-1])
    high_at = np.flatnonzero(values >= high)
    found = np.searchsorted(high_at, begin)  # the first piece of each run that reaches high, if it is in the run
    return [(int(high_at[index]), int(stop)) for index, stop in zip(found, end)
            if index < len(high_at) and high_at[index] < stop]


def find_intervals(borders: np.ndarray, values: np.ndarray, label: str, low: float, high: float) -> list[Interval]:
    """The intervals of one label in its :func:`scores_over_time`; see :func:`find_runs`.

    Shapes:
        - **borders:** :math:`(G + 1,)`, seconds
        - **values:** :math:`(G,)`

    >>> find_intervals(np.array([0, 1, 2, 3]), np.array([.2, 1, .5]), 'run', .5, .7)
    [Interval(start=1.0, end=3.0, label='run', mean=0.75, peak=1.0)]
    """
    found = []
    for first, after in find_runs(values, low, high):
        inside, lengths = values[first:after], np.diff(borders[first:after + 1])
        mean = np.clip(inside @ lengths / lengths.sum(), inside.min(), inside.max())  # whatever is rounded
        found.append(Interval(float(borders[first]), float(borders[after]), label, float(mean), float(inside.max())))
    return found
