"""Keeps what OpenCV prints of a file off the screen; our errors say what the user can do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

_SILENT = 0
# FFmpeg's level of silence.
_FFMPEG_SILENT = '-8'


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Around decoding: OpenCV logs nothing."""
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', _FFMPEG_SILENT)  # OpenCV reads it when it opens its first video
    level = cv2.setLogLevel(_SILENT)
    try:
        yield
    finally:
        cv2.setLogLevel(level)
