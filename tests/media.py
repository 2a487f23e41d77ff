"""Videos and images of all kinds, made in the test."""

import io
import struct
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kss_mm.datasets.media.quiet import quiet_opencv
from kss_mm.datasets.media.reencode import find_ffmpeg
from kss_mm.errors import MissingPackageError

# OpenCV takes its level of silence when it first opens a video, which may be for a test.
with quiet_opencv():
    pass

# What a container needs beside its name: B-frames, of which .avi and program streams give no time, where they can be.
CODINGS = {'a.mp4': '-c:v libx264 -bf 2', 'front.mp4': '-c:v libx264 -bf 2 -movflags faststart',
           'a.mov': '-c:v libx264 -bf 2', 'a.mkv': '-c:v libx264 -bf 2', 'a.webm': '-c:v libvpx', 'a.flv': '-c:v flv',
           'a.avi': '-c:v mpeg4 -bf 2', 'h264.avi': '-c:v libx264 -bf 2', 'a.wmv': '-c:v wmv2',
           'a.mpg': '-c:v mpeg2video -bf 2', 'a.ts': '-c:v libx264 -bf 2', 'mpeg2.ts': '-c:v mpeg2video -bf 2',
           'a.m2ts': '-c:v libx264 -bf 2', 'a.gif': '-pix_fmt rgb8'}


def write_video(path: Path, size=(64, 48), frames=60, codec='mp4v') -> Path:
    """Moving shapes and noise, so that neighbouring frames, mirrored and turned ones all differ."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 12, size)
    rng = np.random.default_rng(0)
    for index in range(frames):
        picture = rng.integers(0, 60, (size[1], size[0], 3), dtype=np.uint8)
        cv2.circle(picture, (size[0] // 4, index * size[1] // frames), size[1] // 5, (40, 90, 250), -1)
        cv2.rectangle(picture, (size[0] // 2, 0), (size[0] - 1, size[1] // 3), (0, 200, 80), -1)
        writer.write(picture)
    writer.release()
    return path


def ffmpeg(*arguments) -> None:
    """Run whichever ffmpeg the tools would take; options that old ones lack do not belong in a test."""
    try:
        program = find_ffmpeg()
    except MissingPackageError:
        pytest.skip('needs ffmpeg')
    subprocess.run([program, '-nostdin', '-loglevel', 'error', '-y', *map(str, arguments)], check=True)


def write_coded(path: Path, coding: str, seconds: float = 4, size: str = '96x64') -> Path:
    """A test picture by ffmpeg at 12 frames a second with a key frame a second."""
    pixels = () if '-pix_fmt' in coding else ('-pix_fmt', 'yuv420p')
    ffmpeg('-f', 'lavfi', '-i', f'testsrc2=size={size}:rate=12:duration={seconds}', *pixels, *coding.split(), '-g', 12,
           path)
    return path


def write_container(folder: Path, name: str) -> Path:
    return write_coded(folder / name, CODINGS[name])


def write_sound(path: Path) -> Path:
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', path)
    return path


def frames_by_opencv(path: Path) -> np.ndarray:
    """All frames from the first on, (T, H, W, 3) RGB: no seeking, so nothing can be taken for another."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1][..., ::-1])
    return np.array(frames)


def turned(path: Path, degrees: int, out: Path) -> Path:
    """A copy of an .mp4 that says it is to be shown turned, as telephones write it: by the matrix of its track."""
    content = bytearray(path.read_bytes())
    a, b, c, d = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    start = content.index(b'tkhd') + 44
    content[start:start + 36] = struct.pack('>9i', a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    out.write_bytes(content)
    return out


def image_bytes(kind: str, picture: Image.Image | None = None, **options) -> bytes:
    """A file of Pillow's format ``kind``; by default of smooth noise, 80 x 64."""
    if picture is None:
        noise = np.random.default_rng(0).integers(0, 255, (64, 80, 3), dtype=np.uint8)
        picture = Image.fromarray(cv2.GaussianBlur(noise, (0, 0), 3))
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
