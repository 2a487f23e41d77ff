"""Reading videos by decord so that a bad file is named, and does not end the process."""

import os

import cv2
import numpy as np
from mmaction.datasets.transforms import DecordDecode, DecordInit
from mmaction.registry import TRANSFORMS as HOST_TRANSFORMS

from kss_mm.datasets.video_frames import VideoFrames
from kss_mm.errors import BadVideoError, InputError
from kss_mm.registry import TRANSFORMS

# An .avi with fewer of the frames that its header promises is cut short; encoders may be off by a few.
WHOLE_SHARE = 0.95


@TRANSFORMS.register_module()
class SafeDecordInit(DecordInit):
    """MMAction2's DecordInit, with errors that name the file.

    Files on disk are opened by their path: from memory, where the host reads them first, decord crashes the whole
    process on a truncated .avi, and a large file is held in memory twice.

    Where a sample has ``clip_seconds``, a (start, end), the transforms after this one see only the frames of it.

    Raises:
        BadVideoError: for a file that is missing, empty, truncated, no video, or without frames.
    """

    def _get_video_reader(self, filename: str):
        import decord

        if self.io_backend == 'disk' and not os.path.isfile(filename):
            raise BadVideoError(f'{filename}: no such file')
        try:
            if self.io_backend == 'disk':
                reader = decord.VideoReader(str(filename), num_threads=self.num_threads)
            else:
                reader = super()._get_video_reader(filename)
        except Exception as error:  # decord raises its own, undocumented types
            raise BadVideoError(f'{filename}: cannot be opened as a video; it is empty, cut short or none') from error
        if not len(reader):
            raise BadVideoError(f'{filename}: has no video frames')
        if str(filename).lower().endswith('.avi'):
            # Other containers do not open at all when they are cut short; of an .avi decord reads what is left.
            promised = cv2.VideoCapture(str(filename)).get(cv2.CAP_PROP_FRAME_COUNT)
            if len(reader) < WHOLE_SHARE * promised:
                raise BadVideoError(f'{filename}: is cut short, {len(reader)} of {promised:.0f} frames are there')
        reader.filename = filename
        return reader

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
            does, fails.

    Raises:
        BadVideoError: for frames that do not decode, here or, with ``stream``, in the next step.
        InputError: for ``stream`` with ``mode='efficient'``.
    """

    def __init__(self, mode: str = 'accurate', *, stream: bool = False):
        super().__init__(mode)
        if stream and mode != 'accurate':
            raise InputError(f"stream=True decodes the very frames that are asked for; mode={mode!r} takes key frames")
        self.stream = stream

    def _decord_load_frames(self, container, frame_inds):
        if self.stream and not _comes_back(frame_inds):
            return VideoFrames(container, frame_inds)
        try:
            return super()._decord_load_frames(container, frame_inds)
        except Exception as error:
            name = getattr(container, 'filename', 'a video')
            raise BadVideoError(f'{name}: its frames do not decode; the file is damaged') from error


def _comes_back(frame_inds: np.ndarray) -> bool:
    """Whether a frame is asked for again after others, as in loops over a short video: get_batch then copies it."""
    changes = 1 + np.count_nonzero(np.diff(frame_inds))
    return changes > len(np.unique(frame_inds))


# MMAction2's inferencer puts `DecordInit` and `DecordDecode` in place of whatever opens and decodes in a config, and
# there a truncated .avi would end the process after all. So these names mean ours once kss_mm is in use; a MMAction2
# whose DecordInit opens files by path ends this repair.
HOST_TRANSFORMS.register_module(name='DecordInit', module=SafeDecordInit, force=True)
HOST_TRANSFORMS.register_module(name='DecordDecode', module=SafeDecordDecode, force=True)
