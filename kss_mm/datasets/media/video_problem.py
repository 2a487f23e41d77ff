"""Reasons why a video does not open, in words of our own; the text of the decoders is not shown."""

import os
import shlex

import cv2

from kss_mm.datasets.media.quiet import quiet_opencv

# ffmpeg's codes, which decord's message holds: there is a video stream but nothing to decode it; there is none.
_NO_DECODER, _NO_STREAM = '-1128613112', 'cannot find video stream'
_NO_COUNT = 'Failed to measure duration'
# How FFmpeg abbreviates codecs, where that says little.
_CODECS = {'av01': 'AV1', 'theo': 'Theora', 'vvc1': 'VVC'}


def opening_problem(path: str, name: str, kind: str, error: str) -> str:
    """The reason why a file did not open, for a message.

    Args:
        name: The user's name of the file.
        kind: Kind of the file, see ``containers.kind_of``.
        error: Text of the decoder.
    """
    if _NO_DECODER in error:
        return f'is coded as {_codec(path) or "something"}, which decord 0.6 does not decode; {remedy(name)}'
    if _NO_STREAM in error:
        return 'has no video stream, only sound or other data'
    if _NO_COUNT in error and _codec(path):
        return f'is damaged, or of a kind whose frames decord 0.6 does not count ({_codec(path)}); {remedy(name)}'
    return f'is a damaged video{f" ({kind})" if kind else ""}; copy or download it again'


def remedy(name: str) -> str:
    """The command that makes a file of what decord does not read."""
    source, target = shlex.quote(name), shlex.quote(f'{os.path.splitext(name)[0]}_h264.mp4')
    return (f're-encode it: ffmpeg -i {source} -c:v libx264 -pix_fmt yuv420p {target} (Charades: '
            'tools/prepare_charades.py --reencode FOLDER)')


def opens(path: str) -> bool:
    """Tell whether FFmpeg, which OpenCV holds, recognises sound or pictures in a file."""
    with quiet_opencv():
        return cv2.VideoCapture(path, cv2.CAP_FFMPEG).isOpened()


def _codec(path: str) -> str:
    """The codec of a file's video by OpenCV, which reads the headers of more codecs than it decodes; '' if unknown."""
    with quiet_opencv():
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        if not capture.isOpened():
            return ''
        code = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, 'little', signed=True)
    text = code.strip(b'\0 ').decode('ascii', 'replace').lower()
    return _CODECS.get(text, text)
