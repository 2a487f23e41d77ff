"""Scores over time as a filled curve, and the times below it."""

import numpy as np
from PIL import Image, ImageColor

from kss_mm.drawing.track import Track

# Seconds between marks that people read easily.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
# How much of its color the line of the threshold has.
_FAINT = .6


def draw_lane(track: Track, row: int, width: int, height: int, colors: tuple[str, str, str, str]) -> Image.Image:
    """The scores of one label over the whole file; in a column of pixels the highest of its time.

    Args:
        row: Of the label.
        colors: Of the background, the curve, the curve where the label is predicted, and the threshold.
    """
    back, curve, on_curve, line = (np.array(ImageColor.getrgb(color), np.float32) for color in colors)
    edges = np.linspace(0, track.duration or 1, width + 1)
    first = np.searchsorted(track.borders, edges[:-1], side='right') - 1
    last = np.searchsorted(track.borders, edges[1:], side='left')  # one past the last piece of each column
    scores, predicted = np.zeros(width, np.float32), np.zeros(width, bool)
    for column, (low, high) in enumerate(zip(first.clip(0), last.clip(0))):
        piece = slice(low, max(high, low + 1))
        values = track.scores[piece, row]
        scores[column] = np.nanmax(values) if np.isfinite(values).any() else 0
        predicted[column] = track.predicted[piece, row].any()
    from_bottom = height - 1 - np.arange(height)[:, None]
    filled = (scores * height - from_bottom).clip(0, 1)[..., None]  # (h, w, 1), the share of a pixel below the curve
    pixels = back + filled * (np.where(predicted[:, None], on_curve, curve) - back)
    if track.thresholds is not None:
        y = height - 1 - min(int(track.thresholds[row] * height), height - 1)
        pixels[y] += _FAINT * (line - pixels[y])
    return Image.fromarray(pixels.round().astype(np.uint8))


def ticks(duration: float, most: int) -> list[float]:
    """Round times from 0 to the end, at most so many.

    >>> ticks(10.2, 6)
    [0, 2, 4, 6, 8, 10]
    """
    step = next((step for step in _STEPS if duration / step < max(most, 2)), duration)
    return [index * step for index in range(int(duration / step) + 1)]


def clock(seconds: float, duration: float | None = None) -> str:
    """A time as players show it; with tenths where the length of a file is given.

    >>> clock(75), clock(3675), clock(75.26, 100)
    ('1:15', '1:01:15', '1:15.2')
    """
    tenths = int(round(seconds, 3) * 10)
    whole = tenths // 10
    hours, minutes = divmod(whole // 60, 60)
    text = f'{hours}:{minutes:02d}:{whole % 60:02d}' if hours else f'{minutes}:{whole % 60:02d}'
    return text if duration is None else f'{text}.{tenths % 10}'
