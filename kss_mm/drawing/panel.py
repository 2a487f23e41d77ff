"""The panel beside or below a picture: a row for each label, with its name, its bar, and its scores over time."""

import math
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw

from kss_mm.drawing.lanes import clock, draw_lane, ticks
from kss_mm.drawing.text import Lettering
from kss_mm.drawing.track import Track

BACKGROUND = '#14171c'
_CHIP, INK, _PREDICTED, PREDICTED_INK = '#2b313a', '#c3cad3', '#2a8f4f', '#ffffff'
_GROOVE, _BAR, _THRESHOLD, QUIET, _CURSOR = '#262b33', '#7d8a99', '#ff7b6b', '#8b96a3', '#ffffff'
# Of the size of the font: from one row to the next, height of a chip and of a bar, space around and between columns.
_ROW, _CHIP_HEIGHT, _BAR_HEIGHT, _PAD, _AXIS = 1.8, 1.5, .8, .6, 1.5
# Of the width: most of it that names may take, and the bars of a panel with lanes.
_NAMES, _NAMES_ALONE, _BARS = .36, .45, .16
# Shapes are drawn so many times larger, and made smaller, as Pillow draws their edges without shades.
_FINE = 4


class Panel:
    """Draws the labels of a track at any time.

    Args:
        width: In pixels.
        size: Of the font, in pixels.
    """

    def __init__(self, track: Track, width: int, size: int):
        self.track, self.width, self.size = track, width, size
        self.lettering = Lettering([*track.names, '0123456789.:'], size)
        self.has_lanes = track.duration is not None
        pad = self._px(_PAD)
        texts = max(self.lettering.width(name, bold=True) for name in track.names) + 2 * pad
        self.chips = pad, pad + math.ceil(min(texts, width * (_NAMES if self.has_lanes else _NAMES_ALONE)))
        number = int(self.lettering.width('0.00')) + pad
        start = self.chips[1] + pad
        self.bars = start, start + int(width * _BARS) if self.has_lanes else width - pad - number
        self.lanes = self.bars[1] + number + pad, width - pad
        # Between two windows only the cursor moves: scores and the panel without it.
        self._drawn: tuple[np.ndarray, Image.Image] | None = None
        #: Of the panel, in pixels.
        self.height = panel_height(track, size)

    def draw(self, seconds: float | None = None) -> Image.Image:
        """The panel at a time; without one, bars are the highest over all."""
        scores, predicted = self.track.at(seconds)
        if self._drawn is None or not np.array_equal(self._drawn[0], scores, equal_nan=True):
            self._drawn = scores, self._rows(scores, predicted)
        picture = self._drawn[1].copy()
        if self.has_lanes and seconds is not None:
            self._draw_cursor(ImageDraw.Draw(picture), seconds)
        return picture

    def _rows(self, scores: np.ndarray, predicted: np.ndarray) -> Image.Image:
        picture = self._base.copy()
        draw = ImageDraw.Draw(picture)
        for row, (score, on) in enumerate(zip(scores, predicted)):
            picture.paste(self._chips[row][int(on)], (self.chips[0], self._top(row, _CHIP_HEIGHT)))
            self._draw_bar(draw, row, score, bool(on))
        return picture

    def _px(self, share: float) -> int:
        return max(1, round(share * self.size))

    def _top(self, row: int, height: float) -> int:
        """Of something in a row that is ``height`` font sizes high."""
        return round((_PAD + row * _ROW + (_ROW - height) / 2) * self.size)

    def _draw_bar(self, draw: ImageDraw.ImageDraw, row: int, score: float, on: bool) -> None:
        (left, right), top, height = self.bars, self._top(row, _BAR_HEIGHT), self._px(_BAR_HEIGHT)
        if score > 0:
            draw.rectangle((left, top, left + round(score * (right - left)), top + height), _PREDICTED if on else _BAR)
        if self.track.thresholds is not None:
            x, reach, thick = left + self.track.thresholds[row] * (right - left), self._px(.2), self._px(.14)
            draw.rectangle((x - thick / 2, top - reach, x + thick / 2, top + height + reach), _THRESHOLD)
        number = '–' if np.isnan(score) else f'{score:.2f}'
        self.lettering.draw(draw, right + self._px(_PAD), self._text_top(row), number,
                            PREDICTED_INK if on else QUIET)

    def _text_top(self, row: int) -> int:
        return round((_PAD + (row + .5) * _ROW) * self.size - self.lettering.height / 2)

    def _x(self, seconds: float) -> float:
        left, right = self.lanes
        return left + min(max(seconds / (self.track.duration or 1), 0), 1) * (right - left)

    def _draw_cursor(self, draw: ImageDraw.ImageDraw, seconds: float) -> None:
        x, thick = self._x(seconds), self._px(.1)
        bottom = self._top(len(self.track.names), _ROW)
        draw.rectangle((x - thick / 2, self._px(_PAD), x + thick / 2, bottom), _CURSOR)
        text = clock(seconds, self.track.duration)
        width, pad = self.lettering.width(text, bold=True), self._px(.3)
        left = min(max(x - width / 2, self.lanes[0]), self.lanes[1] - width)
        for tick, _ in self._ticks:
            right = tick + self._tick_width
            if tick <= left + width + pad and right >= left - pad:  # no half of a time peeps out
                draw.rectangle((tick, bottom, right, bottom + self.lettering.height), BACKGROUND)
        draw.rectangle((left - pad, bottom, left + width + pad, bottom + self.lettering.height), _CURSOR)
        self.lettering.draw(draw, left, bottom, text, BACKGROUND, bold=True)

    @cached_property
    def _base(self) -> Image.Image:
        """What does not change over time."""
        picture = Image.new('RGB', (self.width, self.height), BACKGROUND)
        draw = ImageDraw.Draw(picture)
        for row in range(len(self.track.names)):
            top, height = self._top(row, _BAR_HEIGHT), self._px(_BAR_HEIGHT)
            draw.rectangle((self.bars[0], top, self.bars[1], top + height), _GROOVE)
            if self.has_lanes:
                lane = draw_lane(self.track, row, self.lanes[1] - self.lanes[0], self._px(_CHIP_HEIGHT),
                                 (_GROOVE, _BAR, _PREDICTED, _THRESHOLD))
                picture.paste(lane, (self.lanes[0], self._top(row, _CHIP_HEIGHT)))
        if self.has_lanes:
            for left, text in self._ticks:
                self.lettering.draw(draw, left, self._top(len(self.track.names), _ROW), text, QUIET)
        return picture

    @cached_property
    def _ticks(self) -> list[tuple[float, str]]:
        """Where times stand below the lanes."""
        times = ticks(self.track.duration, int((self.lanes[1] - self.lanes[0]) / (1.5 * self._tick_width)))
        return [(min(self._x(seconds), self.lanes[1] - self._tick_width), clock(seconds)) for seconds in times]

    @cached_property
    def _tick_width(self) -> float:
        return self.lettering.width(clock(self.track.duration))

    @cached_property
    def _chips(self) -> list[tuple[Image.Image, Image.Image]]:
        """Of each label: the name as it is drawn while it is not predicted, and while it is."""
        return [(self.chip(name, _CHIP, INK, False), self.chip(name, _PREDICTED, PREDICTED_INK, True))
                for name in self.track.names]

    def chip(self, name: str, color: str, ink: str, bold: bool) -> Image.Image:
        pad, (left, right), height = self._px(_PAD), self.chips, self._px(_CHIP_HEIGHT)
        text = self.lettering.cut(name, right - left - 2 * pad, bold)
        # As wide for either state, so that nothing moves.
        widest = max(self.lettering.width(self.lettering.cut(name, right - left - 2 * pad, state), state)
                     for state in (False, True))
        width = min(math.ceil(widest) + 2 * pad, right - left)
        large = Image.new('RGB', ((right - left) * _FINE, height * _FINE), BACKGROUND)
        pill = 0, 0, width * _FINE - 1, height * _FINE - 1
        ImageDraw.Draw(large).rounded_rectangle(pill, height * _FINE / 2, color)
        chip = large.resize((right - left, height), Image.Resampling.BOX)
        self.lettering.draw(ImageDraw.Draw(chip), pad, (height - self.lettering.height) / 2, text, ink, bold)
        return chip


def panel_height(track: Track, size: int) -> int:
    """Pixels that the panel of a track takes with a font of ``size``."""
    return round((2 * _PAD + len(track.names) * _ROW + _AXIS * (track.duration is not None)) * size)
