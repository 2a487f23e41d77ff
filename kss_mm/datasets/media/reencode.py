"""Re-encode a video small and with frequent key frames, which makes reading single frames of it fast."""

import shutil
import subprocess

from kss_mm.datasets.charades_check import differs_in_length, probe
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.files import whole_path

# ffmpeg drops or doubles a frame where two have the same time: that many, or that share, may differ.
_FRAMES, _FRAME_SHARE = 2, 0.01


def find_ffmpeg(purpose: str = 're-encoding') -> str:
    """The ffmpeg program: that of the package imageio-ffmpeg, else the system's.

    The package's comes first, so that what is written does not depend on what else is installed.

    Args:
        purpose: The word for what it is needed for, in the message.

    Raises:
        MissingPackageError: If there is neither.
    """
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:  # RuntimeError: for this platform the package holds no program
        program = shutil.which('ffmpeg')
        if program is None:
            raise MissingPackageError(f"{purpose} needs ffmpeg: pip install imageio-ffmpeg, or install the system's"
                                      ) from error
        return program


def reencode(ffmpeg: str, source: str, target: str, *, short_side: int, gop: int, frames: int | None = None,
             seconds: float | None = None) -> None:
    """Write ``source`` as H.264 without sound to ``target``, which appears only when it is whole and reads.

    Args:
        short_side: Pixels of the shorter side; the other keeps the aspect ratio, rounded to an even number.
        gop: Frames from one key frame to the next.
        frames: Number of frames that the result must have, if it is known.
        seconds: Length that it must have, if only that is known.

    Raises:
        InputError: Naming the source, if ffmpeg cannot read it, or not the whole of it.
    """
    scale = f"scale='if(gt(iw,ih),-2,{short_side})':'if(gt(iw,ih),{short_side},-2)'"
    command = [ffmpeg, '-nostdin', '-loglevel', 'error', '-y', '-i', source, '-map', '0:v:0', '-vf', scale, '-c:v',
               'libx264', '-preset', 'fast', '-crf', '20', '-pix_fmt', 'yuv420p', '-g', str(gop), '-threads', '1']
    with whole_path(target) as part:
        result = subprocess.run([*command, part], capture_output=True, text=True, errors='replace')
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ['ffmpeg failed'])[-1]
            raise InputError(f'{source}: cannot be re-encoded ({reason[:120]})')
        _check(part, source, frames, seconds)


def _check(result: str, source: str, frames: int | None, seconds: float | None) -> None:
    """Raise an InputError where a re-encoded file does not hold all of its source."""
    count, fps = probe(result, name=f'{source}, re-encoded')
    if frames is not None and abs(count - frames) > max(_FRAMES, _FRAME_SHARE * frames):
        raise InputError(f'{source}: cannot be re-encoded: {count} of its {frames} frames came through')
    if frames is None and seconds is not None and differs_in_length(count / fps, seconds):
        raise InputError(f'{source}: cannot be re-encoded: {count / fps:.1f} of {seconds:.1f} s came through')
