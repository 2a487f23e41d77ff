"""Videos and images with their labels on them: what each function takes is what a model says of the file."""

import os
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from kss_mm.datasets.media.image_reader import read_image
from kss_mm.drawing.encode import Places, shape_of, write_video
from kss_mm.drawing.layout import lay_out
from kss_mm.drawing.panel import BACKGROUND, Panel
from kss_mm.drawing.track import LABELS, track_of
from kss_mm.errors import InputError
from kss_mm.files import PathLike, whole_path
from kss_mm.inference.prediction import Prediction
from kss_mm.timeline.timeline import Timeline

#: Endings of drawn videos and images.
VIDEOS, IMAGES = ('.mp4',), ('.png', '.jpg', '.jpeg', '.webp')
# Panels in a second of a video: its cursor moves smoothly enough, and frames are not drawn one by one.
_RATE = 10
_QUALITY = 92


def draw_video(source: PathLike, found: Prediction | Timeline, out: PathLike, *, labels: int = LABELS,
               report: Callable[[float], None] = lambda seconds: None) -> None:
    """Write a video again with its labels below or beside it, as an .mp4 that browsers play, with its sound.

    Of a :class:`~kss_mm.timeline.timeline.Timeline` bars and highlights change over time, and a strip shows all of it
    with a cursor; a :class:`~kss_mm.inference.prediction.Prediction` stays from begin to end. Needs ffmpeg
    (``pip install imageio-ffmpeg``).

    Args:
        source: The file that was predicted.
        labels: How many to show: those that are predicted, then the likeliest.
        report: Is told how many seconds are written.

    Raises:
        BadVideoError: For a video that does not decode to its end; nothing is written then.
        InputError: For an ``out`` that is the source, or ends in anything but .mp4.
        MissingPackageError: Without ffmpeg.
    """
    check_drawing(source, out, VIDEOS)
    track = track_of(found, labels)
    shape = shape_of(source)
    layout = lay_out(shape.width, shape.height, track)
    left, top, width, height = layout.panel
    panel = Panel(track, width, layout.font)

    def panels() -> Iterator[Image.Image]:
        for index in range(1 if track.duration is None else int(track.duration * _RATE) + 1):
            yield _padded(panel.draw(None if track.duration is None else index / _RATE), width, height)

    write_video(source, out, panels(), _RATE, Places(layout.size, layout.picture, (left, top)), shape, BACKGROUND,
                report)


def draw_image(source: PathLike | np.ndarray, found: Prediction, out: PathLike, *, labels: int = LABELS) -> None:
    """Write an image with its labels below or beside it, as .png, .jpg or .webp.

    Args:
        source: The file that was predicted, or its (H, W, 3) uint8 RGB pixels.
        labels: How many to show: those that are predicted, then the likeliest.

    Raises:
        InputError: For an ``out`` that is the source, or of another ending.
    """
    if not isinstance(source, np.ndarray):
        check_drawing(source, out, IMAGES)
    picture = Image.fromarray(source if isinstance(source, np.ndarray) else read_image(source))
    save_image(with_panel(picture, found, labels), out)


def with_panel(picture: Image.Image, found: Prediction, labels: int = LABELS) -> Image.Image:
    """A picture with the labels of a prediction below or beside it."""
    track = track_of(found, labels)
    layout = lay_out(*picture.size, track)
    left, top, width, height = layout.panel
    whole = Image.new('RGB', layout.size, BACKGROUND)
    whole.paste(picture.resize(layout.picture, Image.Resampling.BICUBIC), (0, 0))
    whole.paste(_padded(Panel(track, width, layout.font).draw(), width, height), (left, top))
    return whole


def save_image(picture: Image.Image, out: PathLike) -> None:
    """Write a picture by the ending of its name, there only when it is whole."""
    with whole_path(out) as part:
        picture.save(part, quality=_QUALITY)


def check_drawing(source: PathLike, out: PathLike, endings: tuple[str, ...]) -> None:
    """Check the name of a drawing.

    Raises:
        InputError: If it is the source, or of an ending that is not among ``endings``.
    """
    if os.path.splitext(out)[1].lower() not in endings:
        raise InputError(f'{os.fspath(out)}: must end in {", ".join(endings)}')
    if os.path.exists(out) and os.path.exists(source) and os.path.samefile(source, out):
        raise InputError(f'{os.fspath(out)}: is the file that is drawn, and stays; give another name')


def _padded(panel: Image.Image, width: int, height: int) -> Image.Image:
    if panel.size == (width, height):
        return panel
    whole = Image.new('RGB', (width, height), BACKGROUND)
    whole.paste(panel)
    return whole
