"""From whatever a user gives to the files and frames that a model reads, listed one at a time."""

import glob
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from kss_mm.datasets.media import containers
from kss_mm.datasets.media.suffixes import SUFFIXES
from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.inference.streams import is_stream, opened

_KINDS = {'video': (*containers.VIDEOS, containers.GIF), 'image': (*containers.IMAGES, containers.GIF)}
_PATTERN = '*?['


class Source(NamedTuple):
    """One thing to predict: its name, and its file's name or its frames."""

    name: str
    content: str | np.ndarray


def is_one(given: object) -> bool:
    """Tell whether what a user gives is one source, whose prediction is not a list."""
    if isinstance(given, str | os.PathLike):
        return not os.path.isdir(given) and not _is_pattern(os.fspath(given))
    return not isinstance(given, Iterable) or _is_array(given) or _is_picture(given)


def list_sources(given: object, kind: str, frames: int | None = None) -> Iterator[Source]:
    """The sources in what a user gives: itself, the files of a folder or pattern by name, the clips of a stream one
    after the other, or those of each item, of streams among them the next clip.

    Args:
        given: A path, folder or pattern, frames as an array or tensor, a PIL image, an open video stream, the number
            of a camera, or any iterable of these.
        kind: 'video' or 'image', what the model reads.
        frames: How many frames of a stream make a clip; by default all to its end.

    Raises:
        MissingFileError: For a pattern that no file has.
        InputError: For a folder without such files, frames of another form, and what is none of these.
    """
    if isinstance(given, str | os.PathLike):
        path = os.fspath(given)
        if os.path.isdir(path):
            yield from _checked(_files_of(path, kind), f'{path}: has no {kind}s in it')
        elif _is_pattern(path):
            found = (name for name in sorted(glob.iglob(path, recursive=True)) if not os.path.isdir(name))
            yield from _checked(found, f'{path}: no file has such a name')
        else:
            yield Source(path, path)
    elif is_stream(given):
        with opened(given, kind) as stream:
            yield from (Source(*clip) for clip in stream.clips(frames))
    elif _is_array(given) or _is_picture(given):
        pixels = _pixels(given)
        yield Source(f'array of {" x ".join(map(str, pixels.shape))}', _checked_frames(pixels, kind))
    elif isinstance(given, Iterable) and not isinstance(given, bytes | dict):
        for item in given:
            yield from islice(list_sources(item, kind, frames), 1 if is_stream(item) else None)
    else:
        raise InputError(f'{shown(given)}: cannot be predicted; give a path, frames as an array, a PIL image, an open '
                         'cv2.VideoCapture, the number of a camera, or a list of these')


def _is_pattern(path: str) -> bool:
    return any(character in path for character in _PATTERN) and not os.path.exists(path)


def may_be_there(path: str) -> bool:
    """False for a path of this machine where nothing is."""
    return _is_pattern(path) or '://' in path or os.path.exists(path)


def _checked(names: Iterable[str], message: str) -> Iterator[Source]:
    name = None
    for name in names:
        yield Source(name, name)
    if name is None:
        raise MissingFileError(message)


def _files_of(folder: str, kind: str) -> Iterator[str]:
    """Names of the videos or images below a folder, in order; hidden ones are left out."""
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith('.'))
        for name in sorted(names):
            if not name.startswith('.') and _is_kind(file := os.path.join(path, name), kind):
                yield file


def _is_kind(path: str, kind: str) -> bool:
    suffix = os.path.splitext(path)[1].lower()
    if suffix in SUFFIXES[kind]:
        return True
    if any(suffix in suffixes for suffixes in SUFFIXES.values()):
        return False
    try:
        return containers.kind_of(containers.read_head(path)) in _KINDS[kind]
    except OSError:
        return False


def _is_array(given: object) -> bool:
    return isinstance(given, np.ndarray) or hasattr(given, 'detach')  # torch's, which is not imported here


def _is_picture(given: object) -> bool:
    return type(given).__module__.partition('.')[0] == 'PIL'


def _pixels(given: object) -> np.ndarray:
    if _is_picture(given):
        from PIL import ImageOps

        return np.asarray(ImageOps.exif_transpose(given).convert('RGB'))
    return given if isinstance(given, np.ndarray) else given.detach().cpu().numpy()


def _checked_frames(pixels: np.ndarray, kind: str) -> np.ndarray:
    """Frames of a video, (T, H, W, 3), or an image, (H, W, 3)."""
    wanted, dimensions = ('(T, H, W, 3), the frames of a video', 4) if kind == 'video' else ('(H, W, 3), an image', 3)
    form = f'an array of shape {tuple(pixels.shape)} and type {pixels.dtype}'
    if pixels.dtype != np.uint8:
        raise InputError(f'{form}: the model takes uint8 pixels, RGB, 0..255, {wanted}')
    if pixels.ndim != dimensions or pixels.shape[-1] != 3 or 0 in pixels.shape:
        several = kind == 'image' and pixels.ndim == 4 and pixels.shape[-1] == 3
        raise InputError(f'{form}: the model takes {wanted}, RGB{"; give several images as a list" if several else ""}')
    return pixels
