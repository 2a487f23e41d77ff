"""Which windows a video has, and which frames are in each."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from kss_mm.numeric import check_number

#: Windows overlap by half, if nobody says otherwise.
STRIDE_SHARE = .5
#: Seconds of the shortest window and stride: as many frames as a camera takes at most.
SHORTEST = .001
# Times of frames are rounded by containers: one that begins this little before a window is in it.
_ROUNDED = .002
_DECIMALS = 6


class Span(NamedTuple):
    """A window.

    Args:
        start, end: In seconds.
        first, after: Numbers of its first frame, and of the one after its last.
    """

    start: float
    end: float
    first: int
    after: int


def check_window(window: float, stride: float | None) -> None:
    """Check the seconds of a window, and those from one window to the next; None for ``STRIDE_SHARE`` of a window.

    Raises:
        InputError: For numbers out of their ranges.
    """
    check_number('window', window, SHORTEST, hint='seconds')
    if stride is None:
        return
    check_number('stride', stride, SHORTEST, window, hint='seconds; between windows further apart than they are long, '
                                                          'nothing would be predicted')


def plan_windows(times: Sequence[float], duration: float, window: float, stride: float) -> list[Span]:
    """The windows of a video whose end is known: from 0, every ``stride`` seconds.

    Where frames follow the last whole one, one more window ends with the video, as long as the others. A video shorter
    than a window is one window. A window has the frames that begin in it, or else the one that is shown then.

    Args:
        times: (T,) seconds at which the frames begin, rising from 0.
        duration: Seconds until the last frame is over.
        window, stride: In seconds.

    >>> plan_windows([0, 1, 2, 3, 4], 5., 2, 2)[1:]
    [Span(start=2, end=4, first=2, after=4), Span(start=3.0, end=5.0, first=3, after=5)]
    """
    times = np.asarray(times, np.float64)
    slack = min(_ROUNDED, duration / len(times) / 2)
    if window >= duration - slack:
        return [Span(0., duration, 0, len(times))]
    spans: list[Span] = []
    for index in count():
        start, end = round(index * stride, _DECIMALS), round(index * stride + window, _DECIMALS)
        if end > duration + slack:
            break
        spans.append(_span(times, start, end, slack))
    if spans[-1].after < len(times):
        start = round(duration - window, _DECIMALS)
        spans.append(_span(times, start, duration, slack)._replace(after=len(times)))
    return spans


def plan_stream(fps: float, window: float, stride: float) -> Iterator[Span]:
    """The windows of a stream that may have no end, with frames at ``index / fps``."""
    slack = min(_ROUNDED, .5 / fps)
    for index in count():
        start, end = round(index * stride, _DECIMALS), round(index * stride + window, _DECIMALS)
        first, after = (max(int(np.ceil((seconds - slack) * fps)), 0) for seconds in (start, end))
        yield Span(start, end, min(first, max(after - 1, 0)), max(after, 1))


def _span(times: np.ndarray, start: float, end: float, slack: float) -> Span:
    first, after = np.searchsorted(times, [start - slack, end - slack]).tolist()
    return Span(start, end, min(first, max(after - 1, 0)), max(after, 1))
