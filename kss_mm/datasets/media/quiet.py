"""Keeps what OpenCV prints of a file off the screen; our errors say what the user can do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

_SILENT = 0
# OpenCV reads this when it opens its first video; -8 is FFmpeg's level of silence.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Around decoding: OpenCV logs nothing."""
    level = cv2.setLogLevel(_SILENT)
    try:
        yield
    finally:
        cv2.setLogLevel(level)
