"""OpenCV's level of logging comes back, however threads overlap."""

import cv2

from kss_mm.datasets.media.quiet import quiet_opencv


def test_the_last_one_out_gives_the_level_back():
    level = cv2.getLogLevel()
    first, second = quiet_opencv(), quiet_opencv()
    first.__enter__()
    second.__enter__()
    assert cv2.getLogLevel() == 0
    first.__exit__(None, None, None)
    assert cv2.getLogLevel() == 0
    second.__exit__(None, None, None)
    assert cv2.getLogLevel() == level > 0
