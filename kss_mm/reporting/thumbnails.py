"""Small pictures of samples, as text that stands in the page."""

import base64
import os
from collections.abc import Iterable

import cv2
import numpy as np

from kss_mm.datasets.media import containers
from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.datasets.media.image_reader import read_image
from kss_mm.datasets.media_folder import MediaFolder
from kss_mm.errors import MissingFileError, UserError
from kss_mm.files import PathLike

#: Pixels of a picture's height, and of its width at most; frames of a video side by side.
HEIGHT, WIDTH, FRAMES = 90, 400, 3
_QUALITY = 72
_KINDS = ('video', 'image')


def thumbnails(folder: PathLike, ids: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Pictures by id as ``data:`` addresses, and in words why others have none.

    Args:
        folder: Where the files are, found by the ids as :class:`~kss_mm.datasets.media_folder.MediaFolder` does.
        ids: Names of the samples.

    Raises:
        MissingFileError: If there is no such folder.
    """
    if not os.path.isdir(folder):
        raise MissingFileError(f'{folder}: no such folder of videos or images')
    folders = {kind: MediaFolder(folder, kind) for kind in _KINDS}
    pictures: dict[str, str] = {}
    problems = []
    for name in dict.fromkeys(ids):
        try:
            path = next(filter(None, (media.find(name) for media in folders.values())), None)
            if path is None:
                raise MissingFileError(f'{name}: no such file in {folder}')
            pictures[name] = thumbnail(path)
        except (UserError, OSError) as error:  # one file; the report is of all the others, too
            problems.append(str(error))
    return pictures, problems


def thumbnail(path: str) -> str:
    """A JPEG of an image, or of frames of a video, as a ``data:`` address.

    Raises:
        UserError: Naming the file, if it does not decode.
    """
    head = containers.read_head(path)
    if containers.kind_of(head) in (*containers.VIDEOS, containers.GIF):
        reader = open_video(path)
        places = (np.arange(FRAMES) + .5) / FRAMES * len(reader)
        frames = read_frames(reader, places.astype(int))
    else:
        frames = [read_image(path)]
    strip = np.hstack([_small(frame) for frame in frames])[:, :WIDTH]
    _, content = cv2.imencode('.jpg', strip[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return f'data:image/jpeg;base64,{base64.b64encode(content).decode("ascii")}'


def _small(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    size = max(round(width * HEIGHT / height), 1), HEIGHT
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
