"""MMAction2's steps that open and decode a video, through the one reader of this project."""

import os

import numpy as np
from mmaction.datasets.transforms import DecordDecode, DecordInit

from kss_mm.datasets.media.file_client import fetch, file_client, on_disk
from kss_mm.datasets.media.frame_reader import key_frames, open_video, read_frames
from kss_mm.datasets.transforms.video_frames import VideoFrames
from kss_mm.errors import InputError, MissingVideoError
from kss_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SafeDecordInit(DecordInit):
    """MMAction2's DecordInit, with errors that name the file, for all files that ``open_video`` reads.

    Files on disk are opened by their path: from memory, where the host reads them first, decord crashes the whole
    process on a truncated .avi, and a large file is held in memory twice. Files of other storages are written to a
    temporary one for that reason.

    Where a sample has ``clip_seconds``, a (start, end), the transforms after this one see only the frames of it.

    Raises:
        BadVideoError: For a file that is missing, empty, truncated, no video, or without frames.
        InputError, MissingPackageError, StorageError: For an ``io_backend`` that does not exist, lacks its package, or
            does not give the file.
    """

    def _get_video_reader(self, filename: str):
        filename = str(filename)
        if not os.path.splitext(filename)[1] and not os.path.isfile(filename):
            filename += '.mp4'  # as the host does
        if self.io_backend == 'disk':
            return open_video(filename, num_threads=self.num_threads)
        if self.file_client is None:
            self.file_client = file_client(self.io_backend, self.kwargs)
        try:
            content = fetch(self.file_client.get, filename, f'io_backend={self.io_backend!r}')
        except FileNotFoundError as error:
            raise MissingVideoError(f'{filename}: no such file') from error
        with on_disk(content) as path:
            return open_video(path, name=filename, num_threads=self.num_threads)

    def transform(self, results: dict) -> dict:
        results = super().transform(results)
        if 'clip_seconds' in results:
            start, end = (seconds * results['avg_fps'] for seconds in results['clip_seconds'])
            first = min(int(start), results['total_frames'] - 1)
            results['start_index'] = first
            results['total_frames'] = max(min(int(end) + 1, results['total_frames']) - first, 1)
        return results


@TRANSFORMS.register_module()
class SafeDecordDecode(DecordDecode):
    """MMAction2's DecordDecode, with errors that name the file.

    Args:
        stream: Frames are decoded one at a time, when the next step asks for them (``VideoFrames``). They are the same
            frames, but that step must make new ones, as Resize does. One that writes into those it is given, as Flip
            does, fails. Where a frame comes back after others, as in loops over a short video, all are decoded at
            once, each one time.

    Raises:
        BadVideoError: For frames that do not decode, here or, with ``stream``, in the next step.
        InputError: For ``stream`` with ``mode='efficient'``.
    """

    def __init__(self, mode: str = 'accurate', *, stream: bool = False):
        super().__init__(mode)
        if stream and mode != 'accurate':
            raise InputError(f"stream=True decodes the very frames that are asked for; mode={mode!r} takes key frames")
        self.stream = stream

    def _decord_load_frames(self, container, frame_inds):
        if self.stream and not _comes_back(frame_inds):
            return VideoFrames(container, frame_inds)
        frames = (read_frames if self.mode == 'accurate' else key_frames)(container, frame_inds)
        return _read_only(frames) if self.stream else _each_its_own(frames)


def _comes_back(frame_inds: np.ndarray) -> bool:
    """Tell whether a frame is asked for again after others, as in loops over a short video."""
    changes = 1 + np.count_nonzero(np.diff(frame_inds))
    return changes > len(np.unique(frame_inds))


def _read_only(frames: list[np.ndarray]) -> list[np.ndarray]:
    for frame in frames:
        frame.flags.writeable = False
    return frames


def _each_its_own(frames: list[np.ndarray]) -> list[np.ndarray]:
    """Copies where the same array stands again: the next step may write into one."""
    seen: set[int] = set()
    own = []
    for frame in frames:
        own.append(frame.copy() if id(frame) in seen else frame)
        seen.add(id(frame))
    return own
