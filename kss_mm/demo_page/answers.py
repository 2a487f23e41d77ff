"""What the page shows of a file, as pieces of HTML; what is wrong with a file is one line of it."""

import base64
import functools
import html
import io
import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image

from kss_mm.datasets.media.image_reader import read_image
from kss_mm.datasets.media.timed_video import TimedVideo
from kss_mm.demo_page.label_bars import label_bars
from kss_mm.drawing.draw import draw_image, draw_video
from kss_mm.errors import UserError
from kss_mm.inference.picture import spread_frames
from kss_mm.inference.prediction import Prediction
from kss_mm.inference.predictor import Predictor
from kss_mm.inference.sources import Source

#: Labels that are shown, and that can be explained: a model may have thousands.
SHOWN = 12
_FRAMES = 6
_REMEMBERED = 16
_PREVIEW = (960, 320)  # pixels, width and height
# Windows of a timeline, if the user names no length: so many in a video, and neither shorter nor longer, in seconds.
_WINDOWS, _SHORTEST, _LONGEST = 8, .5, 10.


def one_line_errors(answer: Callable[..., str]) -> Callable[..., str]:
    """Have an error of the user's become the answer, with the file's own name and not that of where it lies."""
    @functools.wraps(answer)
    def call(self, path: str | None, *arguments):
        if path is None:
            return ''
        try:
            return answer(self, path, *arguments)
        except UserError as error:
            said = str(error).replace(path, os.path.basename(path))
            return f'<p class="kss-error" role="alert">{html.escape(said)}</p>'
    return call


class Answers:
    """What a model says of the files of a page.

    Args:
        predictor: With ``workers=0``, as each request has its own thread.
    """

    def __init__(self, predictor: Predictor):
        self.predictor = predictor
        self._predicted = functools.lru_cache(_REMEMBERED)(self._predict)  # Gradio keeps each upload under its own path

    @property
    def about(self) -> str:
        """The model in one line."""
        found = self.predictor
        return f'{os.path.basename(str(found.network.path))}: {len(found.classes):,} labels of {found.kind}s'

    @property
    def can_explain(self) -> bool:
        return hasattr(self.predictor.network, 'explain')

    @one_line_errors
    def labels(self, path: str) -> str:
        """A picture of the file, and the surest labels as bars."""
        found = self._predicted(path)
        return preview(path, self.predictor.kind) + label_bars(found, SHOWN)

    def names(self, path: str | None) -> list[str]:
        """The surest labels, to choose from; none where the file cannot be read."""
        try:
            return [] if path is None else [label.name for label in self._predicted(path).top(SHOWN)]
        except UserError:
            return []

    @one_line_errors
    def timeline(self, path: str, seconds: float = 0) -> str:
        """When the labels happen, by windows of so many seconds; 0 for a length that fits the video."""
        window = seconds or self._window(path)
        found = replace(self.predictor.timeline(path, window=window), source=os.path.basename(path))
        return (f'{found._repr_html_()}'
                f'<p>Windows of {window:g} s. A line below a row: an interval from the threshold on.</p>')

    @one_line_errors
    def explanation(self, path: str, label: str | None) -> str:
        """Why a label has its score, the surest by default."""
        return replace(self.predictor.explain(path, label), source=os.path.basename(path))._repr_html_()

    def drawn(self, path: str, out: str) -> None:
        """Write the file again with its labels on it.

        Raises:
            UserError: For a file that cannot be read, or without ffmpeg.
        """
        if self.predictor.kind == 'image':
            draw_image(path, self._predicted(path), out)
        else:
            draw_video(path, self.predictor.timeline(path, window=self._window(path)), out)

    def _predict(self, path: str) -> Prediction:
        (found,) = self.predictor.predict_sources([Source(path, path)])
        if found.error is not None:
            raise found.error
        return found

    def _window(self, path: str) -> float:
        duration = TimedVideo(path).duration
        return min(max(round(duration / _WINDOWS, 1), _SHORTEST), _LONGEST, duration)


def preview(path: str, kind: str) -> str:
    """Frames of a video in a row, or an image: what any browser shows, whatever the file's format."""
    frames = spread_frames(path, _FRAMES) if kind == 'video' else read_image(path)[None]
    picture = Image.fromarray(np.concatenate(list(frames), axis=1))
    picture.thumbnail(_PREVIEW)
    with io.BytesIO() as file:
        picture.save(file, 'JPEG', quality=85)
        data = base64.b64encode(file.getvalue()).decode()
    name = html.escape(os.path.basename(path))
    return f'<img class="kss-preview" alt="{name}" src="data:image/jpeg;base64,{data}">'
