"""The contact sheet of a video: frames spread over it, with their times and labels, above the panel of all of it."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from kss_mm.datasets.media.frame_reader import open_video, read_frame
from kss_mm.datasets.media.quiet import quiet_opencv
from kss_mm.datasets.media.timed_video import TimedVideo
from kss_mm.drawing.draw import IMAGES, check_drawing, save_image
from kss_mm.drawing.lanes import clock
from kss_mm.drawing.panel import BACKGROUND, INK, PREDICTED_INK, QUIET, Panel
from kss_mm.drawing.text import Lettering
from kss_mm.drawing.track import LABELS, Track, track_of
from kss_mm.files import PathLike
from kss_mm.inference.prediction import Prediction
from kss_mm.numeric import check_integer
from kss_mm.timeline.timeline import Timeline

#: Frames of a sheet by default.
FRAMES = 12
# Pixels: width of a sheet, size of its font, space between the frames; names below a frame; frames in a row.
_WIDTH, _FONT, _GAP, _NAMES, _COLUMNS = 1280, 18, 10, 3, 4
# A frame is at most so many times as high as wide.
_HIGHEST = 1.8


def draw_sheet(source: PathLike, found: Prediction | Timeline, out: PathLike, *, labels: int = LABELS,
               frames: int = FRAMES) -> None:
    """Write one picture of a video: frames evenly spread with their times, and its labels.

    Of a timeline, the labels that are predicted at its time stand below each frame, the surest first.

    Args:
        source: The file that was predicted.
        labels: How many the panel shows: those that are predicted, then the likeliest.
        frames: How many at most; of a shorter video, each once.

    Raises:
        BadVideoError: For a video whose frames do not decode.
        InputError: For an ``out`` that is the source, or does not end as a picture.
    """
    check_drawing(source, out, IMAGES)
    check_integer('frames', frames, 1)
    shown, everything = track_of(found, labels), track_of(found, len(found.classes))
    video = TimedVideo(source)
    middles = (np.arange(frames) + .5) * video.duration / frames
    chosen = np.unique((np.searchsorted(video.times, middles, side='right') - 1).clip(0))
    reader = open_video(str(source))
    columns = min(_COLUMNS, len(chosen))
    width = (_WIDTH - _GAP) // _COLUMNS - _GAP
    stretch = _pixel_width(str(source))
    cells = [_cell(_stretched(read_frame(reader, int(index)), stretch), float(video.times[index]), everything, width)
             for index in chosen]
    panel = Panel(shown, _WIDTH, _FONT).draw()
    save_image(_joined(cells, columns, panel), out)


def _joined(cells: Sequence[Image.Image], columns: int, panel: Image.Image) -> Image.Image:
    width, height = cells[0].size
    rows = -(-len(cells) // columns)
    sheet = Image.new('RGB', (_WIDTH, _GAP + rows * (height + _GAP) + panel.height), BACKGROUND)
    for index, cell in enumerate(cells):
        sheet.paste(cell, (_GAP + index % columns * (width + _GAP), _GAP + index // columns * (height + _GAP)))
    sheet.paste(panel, (0, sheet.height - panel.height))
    return sheet


def _pixel_width(path: str) -> float:
    """How wide a pixel is meant to be seen, its height being 1."""
    with quiet_opencv():
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        wide, high = capture.get(cv2.CAP_PROP_SAR_NUM), capture.get(cv2.CAP_PROP_SAR_DEN)
    return wide / high if wide > 0 and high > 0 else 1.


def _stretched(frame: np.ndarray, stretch: float) -> Image.Image:
    picture = Image.fromarray(frame)
    return picture.resize((max(1, round(picture.width * stretch)), picture.height))


def _cell(picture: Image.Image, seconds: float, track: Track, width: int) -> Image.Image:
    """A frame with its time on it and, of a timeline, its predicted labels below it."""
    names: list[tuple[str, str]] = []
    if track.duration is not None:
        scores, predicted = track.at(seconds)
        names = [(f'{scores[label]:.2f} ', track.names[label]) for label in np.argsort(-scores) if predicted[label]]
    lettering = Lettering([*(name for _, name in names), '0123456789:.+– '], _FONT)
    height = min(round(width * picture.height / picture.width), round(width * _HIGHEST))
    below = _NAMES * lettering.height if track.duration is not None else 0
    cell = Image.new('RGB', (width, height + below), BACKGROUND)
    scale = min(width / picture.width, height / picture.height)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    cell.paste(picture, ((width - picture.width) // 2, 0))
    draw = ImageDraw.Draw(cell)
    time = clock(seconds, track.duration or 1.)
    draw.rectangle((0, 0, lettering.width(time, bold=True) + _GAP, lettering.height), BACKGROUND)
    lettering.draw(draw, _GAP / 2, 0, time, PREDICTED_INK, bold=True)
    for row, (score, name) in enumerate(names[:_NAMES] or [('–', '')] * bool(below)):
        more = f' +{len(names) - _NAMES}' if row == _NAMES - 1 and len(names) > _NAMES else ''
        name = lettering.cut(name, width - lettering.width(score + more))
        left, top = 0., height + row * lettering.height
        for text, ink in ((score, QUIET), (name, INK), (more, QUIET)):
            lettering.draw(draw, left, top, text, ink)
            left += lettering.width(text)
    return cell
