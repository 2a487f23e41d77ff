"""A timeline as a small picture in HTML, for notebooks."""

import html

import numpy as np

from kss_mm.errors import short_name

_SHOWN = 8
_NAMES, _WIDTH, _ROW, _BAR = 180, 560, 20, 14  # pixels
_LETTERS = 26
# More pieces than pixels are not drawn.
_PIECES = 280
_BACK, _SHADE, _INTERVAL = '#8883', '#4a90d9', '#2a8f4f'


def strip_html(timeline) -> str:
    """The labels with the highest peaks, a row each: the score as shade, the intervals as lines below it.

    Args:
        timeline: A :class:`~kss_mm.timeline.timeline.Timeline`.
    """
    title = f'<b>{html.escape(short_name(timeline.source))}</b>'
    note = '' if timeline.error is None else f'<p>{html.escape(str(timeline.error))}</p>'
    borders, values = timeline.over_time
    if not len(values) or not len(timeline.classes):
        return f'{title}<p>no windows</p>{note}'
    peaks = np.nanmax(values, axis=0)
    labels = np.argsort(-peaks, kind='stable')[:_SHOWN].tolist()
    intervals = [] if timeline.thresholds is None else timeline.intervals()
    begin, end = min(borders[0], 0), max(borders[-1], timeline.duration or 0)
    place = lambda seconds: _NAMES + (seconds - begin) / (end - begin) * _WIDTH  # noqa: E731
    parts = [part for row, label in enumerate(labels) for part in _row(row, label, timeline, intervals, place)]
    below = len(labels) * _ROW + 12
    parts.append(f'<text x="{_NAMES}" y="{below}">{begin:g} s</text><text x="{_NAMES + _WIDTH}" y="{below}" '
                 f'text-anchor="end">{end:.1f} s</text>')
    more = len(timeline.classes) - len(labels)
    note += f'<p>and {more} less likely labels</p>' if more > 0 else ''
    return (f'{title}<br><svg xmlns="http://www.w3.org/2000/svg" width="{_NAMES + _WIDTH}" height="{below + 6}" '
            f'font-size="12" font-family="sans-serif" fill="currentColor">{"".join(parts)}</svg>{note}')


def _row(row, label, timeline, intervals, place) -> list[str]:
    top = row * _ROW
    name = short_name(timeline.classes[label])
    short = name if len(name) <= _LETTERS else f'{name[:_LETTERS - 1]}…'
    parts = [f'<text x="{_NAMES - 6}" y="{top + _BAR - 2}" text-anchor="end">{html.escape(short)}'
             f'<title>{html.escape(name)}</title></text>',
             f'<rect x="{_NAMES}" y="{top}" width="{_WIDTH}" height="{_BAR}" fill="{_BACK}"/>']
    borders, scores = _coarse(timeline, label)
    for start, end, score in zip(borders[:-1], borders[1:], scores):
        if np.isfinite(score):
            parts.append(f'<rect x="{place(start):.1f}" y="{top}" width="{place(end) - place(start):.1f}" '
                         f'height="{_BAR}" fill="{_SHADE}" fill-opacity="{score:.2f}"/>')
    for start, end, named, mean, peak in intervals:
        if named == timeline.classes[label]:
            said = f'{name}: {start:.1f} to {end:.1f} s, mean {mean:.3f}, peak {peak:.3f}'
            parts.append(f'<rect x="{place(start):.1f}" y="{top + _BAR}" height="3" fill="{_INTERVAL}" '
                         f'width="{place(end) - place(start):.1f}"><title>{html.escape(said)}</title></rect>')
    return parts


def _coarse(timeline, label: int) -> tuple[np.ndarray, np.ndarray]:
    """The scores of a label between borders; of very many, the highest of several neighbours."""
    borders, values = timeline.over_time
    step = -(-len(values) // _PIECES)
    heads = np.arange(0, len(values), step)
    return np.append(borders[heads], borders[-1]), np.fmax.reduceat(values[:, label], heads)
