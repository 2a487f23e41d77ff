"""Re-encode a video small and with frequent key frames, which makes reading single frames of it fast."""

import shutil
import subprocess

from kss_mm.errors import InputError, MissingHostError
from kss_mm.files import whole_path


def find_ffmpeg() -> str:
    """The ffmpeg program: the system's, or that of the package imageio-ffmpeg.

    Raises:
        MissingHostError: if there is neither.
    """
    program = shutil.which('ffmpeg')
    if program:
        return program
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise MissingHostError('re-encoding needs ffmpeg: install it, or pip install imageio-ffmpeg') from error
    return imageio_ffmpeg.get_ffmpeg_exe()


def reencode(ffmpeg: str, source: str, target: str, *, short_side: int, gop: int) -> None:
    """Write ``source`` as H.264 without sound to ``target``, which appears only when it is whole.

    Args:
        short_side: Pixels of the shorter side; the other keeps the aspect ratio, rounded to an even number.
        gop: Frames from one key frame to the next.

    Raises:
        InputError: naming the source, if ffmpeg cannot read it.
    """
    scale = f"scale='if(gt(iw,ih),-2,{short_side})':'if(gt(iw,ih),{short_side},-2)'"
    command = [ffmpeg, '-nostdin', '-loglevel', 'error', '-y', '-i', source, '-map', '0:v:0', '-vf', scale, '-c:v',
               'libx264', '-preset', 'fast', '-crf', '20', '-pix_fmt', 'yuv420p', '-g', str(gop), '-threads', '1']
    with whole_path(target) as part:
        result = subprocess.run([*command, part], capture_output=True, text=True)
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ['ffmpeg failed'])[-1]
            raise InputError(f'{source}: cannot be re-encoded ({reason[:120]})')
