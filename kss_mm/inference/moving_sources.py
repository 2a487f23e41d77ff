"""Videos, arrays and streams as frames in order with the windows in them."""

import math
import numbers
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from kss_mm.datasets.media.file_kind import check_kind
from kss_mm.datasets.media.timed_video import TimedVideo
from kss_mm.errors import InputError, shown
from kss_mm.inference.sources import is_one, list_sources
from kss_mm.inference.streams import Stream, is_stream, opened
from kss_mm.inference.window_plan import Span, plan_stream, plan_windows
from kss_mm.numeric import check_number


@dataclass(frozen=True)
class Moving:
    """A video in time.

    Args:
        name: The file's, or words.
        fps: Frames a second, on average.
        duration: In seconds; None where the end is not known.
        spans: The windows, by their start.
        count: How many; None where the end is not known.
        frames: Gives number and pixels of the frames in order that the function it is given wants.
        ends: False for a stream that tells of no end.
    """

    name: str
    fps: float
    duration: float | None
    spans: Iterable[Span]
    count: int | None
    frames: Callable[[Callable[[int], bool]], Iterator[tuple[int, np.ndarray]]]
    ends: bool = True


@contextmanager
def opened_in_time(source: object, window: float, stride: float, fps: float | None, model: str) -> Iterator[Moving]:
    """A source with its windows.

    Args:
        source: A path, frames (T, H, W, 3), an open stream, or the number of a camera.
        window, stride: In seconds.
        fps: Frames a second of frames, which they need, or of a stream, in place of what it says.
        model: Its name, for errors.

    Raises:
        UserError: For a file that cannot be read, frames and streams without ``fps``, a file with it, and what is none
            of these.
    """
    if fps is not None:
        check_number('fps', fps, 0, without=0)
    if is_stream(source):
        with opened(source, 'video') as stream:
            said = float(stream.capture.get(cv2.CAP_PROP_FPS)) if fps is None else fps
            if not 0 < said < math.inf:
                raise InputError(f'{stream.name}: does not say how many frames a second it has; give fps=...')
            ends = not isinstance(source, numbers.Integral) and stream.capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
            yield Moving(stream.name, said, None, plan_stream(said, window, stride), None, _of_stream(stream), ends)
        return
    if not is_one(source):
        raise InputError(f'{shown(source)}: a timeline is of one video; give one file, array or stream after the other')
    if isinstance(source, str | os.PathLike):
        if fps is not None:
            raise InputError(f'{os.fspath(source)}: has times of its own; leave out fps={fps:g}')
        check_kind(os.fspath(source), 'video', model)
        video = TimedVideo(source)
        spans = plan_windows(video.times, video.duration, window, stride)
        yield Moving(video.name, video.fps, video.duration, spans, len(spans),
                     lambda wanted: ((frame.index, frame.frame) for frame in video.frames(wanted)))
        return
    ((name, pixels),) = list_sources(source, 'video')
    if fps is None:
        raise InputError(f'{name}: does not say how many frames a second it has; give fps=...')
    duration = len(pixels) / fps
    spans = plan_windows(np.arange(len(pixels)) / fps, duration, window, stride)
    yield Moving(name, fps, duration, spans, len(spans),
                 lambda wanted: ((index, frame) for index, frame in enumerate(pixels) if wanted(index)))


def _of_stream(stream: Stream) -> Callable[[Callable[[int], bool]], Iterator[tuple[int, np.ndarray]]]:
    def frames(wanted: Callable[[int], bool]) -> Iterator[tuple[int, np.ndarray]]:
        index = 0
        while (frame := stream.frame()) is not None:
            if wanted(index):
                yield index, frame
            index += 1
    return frames
