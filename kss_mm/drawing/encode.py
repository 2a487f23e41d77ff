"""A video with a panel beside or below it, by ffmpeg: it decodes, turns, joins and encodes, and only panels pass here.

So memory stays the same however long the video is, every frame keeps its time, and the sound its place.
"""

import io
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

import numpy as np
from PIL import Image

from kss_mm.datasets.media import containers
from kss_mm.datasets.media.reencode import find_ffmpeg
from kss_mm.errors import BadVideoError, shown
from kss_mm.files import FULL_DISK, PathLike, whole_path

# Sound that browsers play from an .mp4 and that is copied; any other becomes AAC.
_COPIED_SOUND = ('aac', 'mp3', 'opus', 'flac')
_PURPOSE = 'drawing a video'
# Of H.264: 18 looks like the source, 23 is ffmpeg's default.
_QUALITY = '20'
# Ticks of a second in the result: every usual frame rate has whole ones or nearly so.
_TIMESCALE = 90000
# A transport stream may begin amid a picture, which does not decode, and is as it should be.
_MAY_BEGIN_AMID = 'MPEG transport stream'
# Anamorphic videos have pixels that are not square; those of H.264 are even in number.
_SQUARE = "scale=w='trunc(max(iw*sar,2)/2)*2':h='trunc(max(ih,2)/2)*2',setsar=1"


class Shape(NamedTuple):
    """How a video is shown.

    Args:
        width, height: Pixels after turning and stretching, even.
        start: Seconds from the begin of the file to the first frame.
        sound: Codec of its sound, '' without.
    """

    width: int
    height: int
    start: float
    sound: str


class Places(NamedTuple):
    """Pixels of the whole picture, of the video in its upper left corner, and where its panel begins; all even."""

    size: tuple[int, int]
    video: tuple[int, int]
    panel: tuple[int, int]


def shape_of(source: PathLike) -> Shape:
    """Look at the first frame of a video as ffmpeg shows it.

    Raises:
        BadVideoError: If ffmpeg finds none.
        MissingPackageError: If there is no ffmpeg.
    """
    command = [find_ffmpeg(_PURPOSE), '-nostdin', '-hide_banner', '-i', _name(source), '-map', '0:V:0', '-frames:v',
               '1', '-vf', f'showinfo,{_SQUARE}', '-f', 'image2pipe', '-c:v', 'ppm', '-']
    result = subprocess.run(command, capture_output=True)
    if result.returncode or not result.stdout:
        raise BadVideoError(f'{source}: ffmpeg finds no frame in it, so there is nothing to draw on')
    start = re.search(rb'pts_time:([0-9.]+)', result.stderr)
    sound = re.search(rb'Stream #0.*: Audio: (\w+)', result.stderr)
    return Shape(*Image.open(io.BytesIO(result.stdout)).size, float(start.group(1)) if start else 0.,
                 sound.group(1).decode() if sound else '')


def write_video(source: PathLike, out: PathLike, panels: Iterable[Image.Image], rate: int, places: Places, shape: Shape,
                background: str, report: Callable[[float], None] = lambda seconds: None) -> None:
    """Write an .mp4 (H.264, yuv420p, index first) of a video with panels that change over time, with its sound.

    Args:
        panels: One after the other from the first frame on, of one size; the last one stays.
        rate: Panels in a second.
        shape: Of the source.
        background: Color around the two.
        report: Is told how many seconds are written.

    Raises:
        BadVideoError: For a video that does not decode to its end; nothing is written then.
        OSError: Naming ``out``, for a place that cannot be written to or a full disk.
    """
    panels = iter(panels)
    first = next(panels)
    width, height = places.size
    graph = (f'[1:V:0]{_SQUARE},scale={places.video[0]}:{places.video[1]}:flags=bicubic,setsar=1,'
             f'pad={width}:{height}:0:0:color={background.replace("#", "0x")}[video];'
             f'[0:v]setpts=PTS+{shape.start}/TB,tpad=stop=-1:stop_mode=clone[panel];'
             f'[video][panel]overlay={places.panel[0]}:{places.panel[1]}:shortest=1,format=yuv420p[all]')
    strict = [] if containers.kind_of(containers.read_head(str(source))) == _MAY_BEGIN_AMID else ['-xerror']
    command = [
        find_ffmpeg(_PURPOSE), '-nostdin', '-hide_banner', '-loglevel', 'error', '-y', *strict,
        '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', f'{first.width}x{first.height}', '-r', str(rate), '-i', 'pipe:0',
        '-i', _name(source), '-filter_complex', graph, '-map', '[all]', '-map', '1:a:0?', '-c:v', 'libx264', '-preset',
        'veryfast', '-crf', _QUALITY, '-enc_time_base:v', f'1:{_TIMESCALE}', '-video_track_timescale', str(_TIMESCALE),
        '-c:a', 'copy' if shape.sound in _COPIED_SOUND else 'aac', '-map_metadata', '-1', '-movflags', '+faststart',
        '-f', 'mp4', '-progress', 'pipe:1']
    with whole_path(out) as part, tempfile.TemporaryFile() as errors:
        with subprocess.Popen([*command, _name(part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=errors) as process:
            listener = threading.Thread(target=_listen, args=(process.stdout, report))
            listener.start()
            try:
                _feed(process, first, panels)
            except BaseException:
                process.kill()
                raise
            finally:
                process.wait()
                listener.join()
        if process.returncode:
            errors.seek(0)
            log = errors.read()
            for code in FULL_DISK:
                if os.strerror(code).encode() in log:
                    raise OSError(code, os.strerror(code), part)
            raise BadVideoError(f'{source}: does not decode to its end, so nothing is drawn{_reason(log)}; copy or '
                                'download it again')


def _feed(process: subprocess.Popen, first: Image.Image, panels: Iterable[Image.Image]) -> None:
    """Write panels until there are no more, or ffmpeg has come to the end of the video."""
    with suppress(BrokenPipeError):
        for panel in chain([first], panels):
            process.stdin.write(np.asarray(panel).tobytes())
    with suppress(BrokenPipeError):
        process.stdin.close()  # writes what is buffered


def _listen(lines: io.BufferedReader, report: Callable[[float], None]) -> None:
    for line in lines:
        name, _, value = line.decode(errors='replace').strip().partition('=')
        if name == 'out_time_us' and value.lstrip('-').isdigit():
            report(int(value) / 1e6)


def _name(path: PathLike) -> str:
    """ffmpeg takes what stands before a colon for a protocol."""
    return f'file:{path}'


def _reason(log: bytes) -> str:
    """The first of ffmpeg's lines, without the addresses of its parts."""
    lines = [re.sub(r'^\[[^]]*\]\s*', '', line) for line in log.decode(errors='replace').splitlines() if line.strip()]
    return f' (ffmpeg: {shown(lines[-1] if len(lines) == 1 else lines[0])})' if lines else ''
