"""Frames of a video in their order with the times at which they are shown, decoded once, in constant memory."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from kss_mm.datasets.media.frame_reader import open_video
from kss_mm.datasets.media.sequential import NotDecodable, frames_in_order
from kss_mm.datasets.media.video_problem import remedy
from kss_mm.errors import BadVideoError
from kss_mm.files import PathLike

# Containers round times, some to a millisecond, and decord gives them as float32.
_ROUNDED = .002
_DECIMALS = 6


class TimedFrame(NamedTuple):
    """A frame: its number from 0, its time in seconds from the first one, and (H, W, 3) uint8 RGB."""

    index: int
    seconds: float
    frame: np.ndarray


class TimedVideo:
    """A video file as frames with times.

    Times are those of the file, counted from its first frame. A file of a constant rate, or of none that can be read
    (some .avi and program streams), has its frames at ``index / fps``.

    Args:
        path: The file.
        num_threads: Threads of the decoder.

    Attributes:
        name: Of the file.
        fps: Frames a second, on average.
        times: (T,) seconds, at which each frame begins to be shown; they rise.
        duration: Seconds until the last frame is over.

    Raises:
        BadVideoError, StorageError: As :func:`~kss_mm.datasets.media.frame_reader.open_video`.
    """

    def __init__(self, path: PathLike, *, num_threads: int = 1):
        self.name = str(path)
        reader = open_video(self.name)
        self._num_threads = num_threads
        self.fps = float(reader.get_avg_fps())
        stamps = np.asarray(reader.get_frame_timestamp(list(range(len(reader)))), np.float64)  # (T, 2)
        starts = stamps[:, 0] - stamps[0, 0]
        rising = (np.diff(starts) > 0).all()
        if not 0 < self.fps < math.inf:
            if len(starts) < 2 or not rising:
                raise BadVideoError(f'{self.name}: does not say how many frames a second it has; {remedy(self.name)}')
            self.fps = (len(starts) - 1) / starts[-1]
        steady = np.arange(len(starts)) / self.fps
        if rising and np.abs(starts - steady).max() > max(_ROUNDED, np.spacing(np.float32(starts[-1]))):
            self.times = starts.round(_DECIMALS)
            self.duration = round(float(max(stamps[-1, 1] - stamps[0, 0], starts[-1])), _DECIMALS)
        else:
            self.times = steady
            self.duration = len(steady) / self.fps

    def __len__(self) -> int:
        return len(self.times)

    def frames(self, wanted: Callable[[int], bool] = lambda index: True) -> Iterator[TimedFrame]:
        """The frames in their order; may be called again, for another pass.

        Args:
            wanted: Is asked in order for each frame's number; those that it does not want are decoded, as others depend
                on them, but not converted.

        Raises:
            BadVideoError: For a frame that does not decode, naming the time of it.
            MissingPackageError: Where PyAV is not installed.
        """
        there = 0  # frames that were decoded

        def counted(index: int) -> bool:
            nonlocal there
            there = index + 1
            return index < len(self.times) and wanted(index)

        trouble = None
        try:
            for index, frame in frames_in_order(self.name, counted, self._num_threads):
                yield TimedFrame(index, float(self.times[index]), frame)
                if there >= len(self.times):
                    return
        except NotDecodable as error:
            trouble = error
        if there < len(self.times):
            raise BadVideoError(f'{self.name}: does not decode from {self.times[there]:.2f} of {self.duration:.2f} s '
                                'on, so it is damaged; copy or download it again') from trouble
