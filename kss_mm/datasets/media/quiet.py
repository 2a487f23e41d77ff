"""Keeps what OpenCV prints of a file off the screen; our errors say what the user can do."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

_SILENT = 0
# FFmpeg's level of silence.
_FFMPEG_SILENT = '-8'
# Threads decode at the same time: the first one silences OpenCV, and the last one gives its level back.
_lock = threading.Lock()
_inside, _level = 0, 0


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Around decoding: OpenCV logs nothing."""
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', _FFMPEG_SILENT)  # OpenCV reads it when it opens its first video
    global _inside, _level
    with _lock:
        if not _inside:
            _level = cv2.setLogLevel(_SILENT)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                cv2.setLogLevel(_level)
