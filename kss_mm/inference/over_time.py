"""Predictions of the windows of a video, in constant memory: each frame is decoded once, beside the model."""

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from kss_mm.apis.progress import progress_bar
from kss_mm.errors import BadVideoError, InputError, UserError
from kss_mm.inference.ahead import ahead
from kss_mm.inference.moving_sources import Moving
from kss_mm.inference.network import Clip, Network
from kss_mm.inference.prediction import Prediction
from kss_mm.inference.sources import Source
from kss_mm.inference.window_frames import WindowFrames
from kss_mm.inference.window_plan import Span
from kss_mm.timeline.timeline import Timeline

# Clips that are held between the thread that decodes and those that make the model's input.
_AHEAD = 2


class Window(NamedTuple):
    """What a model says of a time: start and end in seconds, and the prediction."""

    start: float
    end: float
    prediction: Prediction


def predict_windows(moving: Moving, network: Network, predict: Callable[[Iterable[Source]], Iterator[Prediction]],
                    seconds: float | None = None) -> Iterator[Window]:
    """The windows of a video one after the other, while the frames of the next ones are decoded.

    Args:
        predict: Predictions of sources, in their order.
        seconds: Windows that end later are left out; none by default.

    Raises:
        UserError: After all windows that are whole, for frames that do not decode; for a stream that ends before a
            window is whole; and for what the model cannot take.
    """
    spans: deque[Span] = deque()
    trouble: list[UserError] = []

    def sources() -> Iterator[Source]:
        clips = ahead(_clips(moving, network, seconds), _AHEAD)
        try:
            for span, clip in clips:
                spans.append(span)
                yield Source(f'{moving.name}, {span.start:.2f} to {span.end:.2f} s', clip)
        except UserError as error:
            trouble.append(error)
        finally:
            clips.close()

    for prediction in predict(sources()):
        if prediction.error is not None:
            raise prediction.error
        span = spans.popleft()
        yield Window(span.start, span.end, prediction)
    if trouble:
        raise trouble[0]


def collect_timeline(moving: Moving, windows: Iterable[Window], classes: Sequence[str],
                     thresholds: np.ndarray | None) -> Timeline:
    """A timeline of all windows; with an ``error`` and a warning, where the file is damaged after some of them."""
    times, scores, error = [], [], None
    with progress_bar('predicting') as report:
        try:
            for start, end, prediction in windows:
                times.append((start, end))
                scores.append(prediction.scores)
                report(len(times), moving.count)
        except BadVideoError as trouble:
            if not times:
                raise
            error = BadVideoError(f'{trouble}; its windows up to {times[-1][1]:.2f} s are predicted')
            warnings.warn(str(error), stacklevel=3)
    starts, ends = np.array(times, np.float64).reshape(-1, 2).T
    return Timeline(moving.name, classes, starts, ends, np.array(scores, np.float32).reshape(-1, len(classes)),
                    thresholds, moving.duration, error)


def _clips(moving: Moving, network: Network, seconds: float | None) -> Iterator[tuple[Span, Clip]]:
    within = moving.spans if seconds is None else takewhile(lambda span: span.end <= seconds + 1e-6, moving.spans)
    waiting = WindowFrames(network, within, moving.fps)
    count = shown = 0
    for index, frame in moving.frames(waiting.wants):
        shown = index + 1
        for found in waiting.add(index, frame):
            count += 1
            yield found
        if waiting.done:
            return
    if not count:
        raise InputError(f'{moving.name}: ends after {shown / moving.fps:.2f} s, before a window is whole; take a '
                         'shorter one')
