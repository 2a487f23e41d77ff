"""Images from files, decoded as mmcv does it by OpenCV, and the reasons why one does not decode."""

import os

import cv2
import numpy as np

from kss_mm.datasets.media import containers
from kss_mm.datasets.media.file_errors import named_file_errors
from kss_mm.datasets.media.quiet import quiet_opencv
from kss_mm.errors import BadImageError, MissingImageError
from kss_mm.files import PathLike


def read_image(path: PathLike) -> np.ndarray:
    """An image as (H, W, 3) uint8 RGB; 16 bits become 8, transparency is dropped, EXIF's orientation is followed.

    Raises:
        MissingImageError: For a file that is not there.
        BadImageError: For one that does not decode.
        StorageError: For one that may not be read.
    """
    name = os.fspath(path)
    with named_file_errors(name, 'an image', MissingImageError, BadImageError), open(name, 'rb') as file:
        content = file.read()
    return decode_image(content, name)


def decode_image(content: bytes, name: str) -> np.ndarray:
    """The content of an image's file as (H, W, 3) uint8 RGB; errors as :func:`read_image`."""
    try:
        with quiet_opencv():
            pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    except cv2.error:
        pixels = None
    if pixels is None:
        raise BadImageError(f'{name}: {image_problem(content)}')
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def image_problem(content: bytes) -> str:
    """The reason why a file does not decode as an image, from what is in it."""
    if not content:
        return 'is empty'
    kind = containers.kind_of(content[:containers.HEAD])
    if kind in containers.VIDEOS:
        return f'is a video ({kind}), not an image'
    if kind in (containers.GIF, 'HEIF'):
        return f'is a kind of image ({kind}) that is not decoded here; convert it to PNG or JPEG'
    if kind:
        return f'is damaged or cut short ({kind}); copy or download it again'
    if content[:containers.HEAD].lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'<'):
        return 'is not an image but a web page (HTML or XML), perhaps what a server said instead; download it again'
    return 'is not an image, or a damaged one; copy or download it again'
