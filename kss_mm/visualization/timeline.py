"""A timeline as a picture: a row for each label, its score over time, its intervals, and the truth."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kss_mm.errors import InputError, short_name
from kss_mm.timeline.intervals import Interval
from kss_mm.timeline.timeline import Timeline
from kss_mm.visualization.fonts import fit_fonts

_SCORE, _INTERVAL, _TRUTH, _THRESHOLD = '#4a90d9', '#1f3a5f', '#2a8f4f', '#c0392b'
# Parts of a row, which is 1 high: the score in the middle, bars below and above it.
_BAR, _HIGH = .16, .62
_SHOWN = 12


def draw_timeline(timeline: Timeline, *, intervals: Sequence[Interval] | None = None,
                  truth: Sequence[tuple[float, float, str]] | None = None, labels: Sequence[str] | None = None,
                  title: str = '') -> Figure:
    """The score of each label as an area over time, its intervals as dark bars below, the true ones green above.

    The threshold from which a label begins is a thin red line in its row.

    Args:
        intervals: By default those of the timeline, where it has thresholds.
        truth: (start, end, label) of what is true; None where it is not known.
        labels: Names of the labels to show, from top to bottom; by default those with intervals, the true ones, and
            the highest others, ``12`` if there are no more of the first two.

    Raises:
        InputError: For a timeline without windows, or a label that is none of its.
    """
    borders, values = timeline.over_time
    if not len(values):
        raise InputError(f'{timeline.source}: its timeline has no window, so there is nothing to draw')
    if intervals is None:
        intervals = [] if timeline.thresholds is None else timeline.intervals()
    shown = _shown(timeline, values, intervals, truth or ()) if labels is None else list(labels)
    for label in shown:
        if label not in timeline.classes:
            raise InputError(f'{timeline.source}: {label!r} is none of the {len(timeline.classes)} labels')
    figure = Figure(figsize=(11, 1.3 + .42 * len(shown)), layout='constrained')
    axes = figure.add_subplot()
    axes.set_xlim(min(borders[0], 0), max(borders[-1], timeline.duration or 0))
    for row, label in enumerate(shown):
        column = list(timeline.classes).index(label)
        base = row + _HIGH / 2
        # Rows grow downwards, so that the score rises to smaller numbers.
        axes.stairs(base - _HIGH * np.nan_to_num(values[:, column]), borders, baseline=base, fill=True, color=_SCORE,
                    alpha=.75, linewidth=0)
        if timeline.thresholds is not None:
            axes.hlines(base - _HIGH * timeline.thresholds[column], borders[0], borders[-1], color=_THRESHOLD,
                        linewidth=.6)
        axes.broken_barh([(found.start, found.end - found.start) for found in intervals if found.label == label],
                         (base, _BAR), color=_INTERVAL)
        axes.broken_barh([(start, end - start) for start, end, name in truth or () if name == label],
                         (base - _HIGH - _BAR, _BAR), color=_TRUTH)
    axes.hlines(np.arange(1, len(shown)) - .5, *axes.get_xlim(), color='#8884', linewidth=.5)
    # A dollar sign in a name is not mathematics.
    axes.set_yticks(range(len(shown)), [short_name(label).replace('$', r'\$') for label in shown])
    axes.set_ylim(len(shown) - .4, -.6)
    axes.grid(axis='x', linewidth=.4, alpha=.5)
    legend = ['area: probability', *['red line: threshold'] * (timeline.thresholds is not None),
              'dark bar: interval', *['green bar: truth'] * (truth is not None)]
    axes.set_xlabel(f'seconds ({", ".join(legend)})')
    figure.suptitle((title or short_name(timeline.source)).replace('$', r'\$'))
    fit_fonts(figure)
    return figure


def _shown(timeline: Timeline, values: np.ndarray, intervals: Sequence[Interval],
           truth: Sequence[tuple[float, float, str]]) -> list[str]:
    """The true labels and those with intervals by their first start, then the highest others."""
    happening = sorted([(start, label) for start, _, label in truth]
                       + [(interval.start, interval.label) for interval in intervals])
    named = list(dict.fromkeys(label for _, label in happening))
    others = [timeline.classes[label] for label in np.argsort(-np.nanmax(values, axis=0), kind='stable')]
    return [*named, *(label for label in others if label not in named)][:max(len(named), min(_SHOWN, len(others)))]
