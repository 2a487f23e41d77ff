"""A video read from its beginning by OpenCV, for files in which decord finds other frames than those asked for."""

from collections.abc import Sequence

import cv2
import numpy as np


class InOrderReader:
    """Frames of a video by their number, which are found by counting from the first: exact whatever the file says.

    Opening decodes the whole file once to count its frames, and a step back starts again from the first one: it is
    for files of which decord takes wrong frames without a word, or reads nothing.

    Args:
        num_threads: Threads of the decoder.

    Raises:
        ValueError: For a file without a frame that decodes.
    """

    def __init__(self, path: str, num_threads: int = 1):
        self.path = str(path)
        self.num_threads = num_threads
        capture = self._open()
        self.fps = capture.get(cv2.CAP_PROP_FPS)
        #: Frames that the file itself counts; where it has no count, no sensible number.
        self.promised = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        times = []
        while capture.grab():
            times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        self.count = len(times)
        if not self.count:
            raise ValueError('no frame decodes')
        self.times = np.array(times)  # (T,), seconds, at which frames begin to be shown
        self._rewind()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> np.ndarray:
        if not 0 <= index < self.count:
            raise IndexError(index)
        if index < self.position:
            self._rewind()
        while self.position < index:
            self._grab()
        self._grab()
        return cv2.cvtColor(self.capture.retrieve()[1], cv2.COLOR_BGR2RGB)  # (H, W, 3)

    def get_avg_fps(self) -> float:
        return self.fps

    def get_frame_timestamp(self, indices: Sequence[int]) -> np.ndarray:
        """Beginning and end of frames in seconds, (N, 2); the last frame is taken to last as long as others do."""
        ends = np.append(self.times[1:], self.times[-1] + (1 / self.fps if self.fps > 0 else 0))
        return np.stack([self.times, ends], axis=1)[np.asarray(indices)]

    def get_key_indices(self) -> Sequence[int]:
        """Every frame, as each is found in the same way."""
        return range(self.count)

    def _open(self) -> cv2.VideoCapture:
        # By name alone OpenCV would take a % in it for a series of pictures.
        return cv2.VideoCapture(self.path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, self.num_threads])

    def _rewind(self) -> None:
        self.capture = self._open()
        self.position = 0  # of the next frame

    def _grab(self) -> None:
        if not self.capture.grab():
            raise ValueError(f'frame {self.position} of {self.count} does not decode')
        self.position += 1
