"""Clips of frames from an open video stream or a camera."""

import numbers
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from kss_mm.errors import InputError

# Frames of one clip are held in memory; this many bytes of them are not.
_LARGEST = 8 << 30


def is_stream(given: object) -> bool:
    """Tell whether frames are read from it: it is the number of a camera, or has OpenCV's methods."""
    if isinstance(given, numbers.Integral):
        return not isinstance(given, bool)
    return callable(getattr(given, 'read', None)) and callable(getattr(given, 'isOpened', None))


@contextmanager
def opened(given: object, kind: str) -> Iterator['Stream']:
    """A stream; a camera that was given by its number is closed again.

    Raises:
        InputError: For one that is not open, or a camera that does not open.
    """
    is_camera = isinstance(given, numbers.Integral)
    capture = cv2.VideoCapture(int(given)) if is_camera else given
    try:
        if not capture.isOpened():
            raise InputError(f'camera {given}: does not open' if is_camera else
                             'the video stream is not open: its file or address does not open, or it was released')
        yield Stream(capture, f'camera {given}' if is_camera else 'video stream', kind)
    finally:
        if is_camera:
            capture.release()


class Stream:
    """Frames of a capture, which come BGR, in clips of RGB.

    Args:
        name: In words.
        kind: 'video' for clips (T, H, W, 3), 'image' for single frames (H, W, 3).
    """

    def __init__(self, capture, name: str, kind: str):
        self.capture, self.name, self.kind = capture, name, kind
        self.position = 0

    def clips(self, frames: int | None) -> Iterator[tuple[str, np.ndarray]]:
        """Name and frames of one clip after the other, until the stream ends; a last one that is shorter, too.

        Args:
            frames: Of each clip; None for all to the end of the stream.

        Raises:
            InputError: Without ``frames`` for a stream that tells of no end, or one too long to hold.
        """
        if self.kind == 'image':
            frames = 1
        elif frames is None and not self.capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
            raise InputError(f'{self.name}: tells of no end; say by frames=... how many frames make a clip')
        elif frames is not None and frames < 1:
            raise InputError(f'frames={frames}: must be at least 1')
        while clip := self._read(frames):
            name = f'{self.name}, frame {self.position - len(clip)}'
            if self.kind == 'image':
                yield name, clip[0]
            else:
                yield f'{name} to {self.position - 1}', np.stack(clip)

    def frame(self) -> np.ndarray | None:
        """The next frame, (H, W, 3) RGB; None at the end."""
        there, frame = self.capture.read()
        if not there:
            return None
        self.position += 1
        return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)

    def _read(self, frames: int | None) -> list[np.ndarray]:
        clip: list[np.ndarray] = []
        while (frames is None or len(clip) < frames) and (frame := self.frame()) is not None:
            clip.append(frame)
            if len(clip) * clip[0].nbytes > _LARGEST:
                raise InputError(f'{self.name}: {len(clip)} frames of it are more than {_LARGEST >> 30} GiB; say by '
                                 'frames=... how many make a clip, or give the file')
        return clip
