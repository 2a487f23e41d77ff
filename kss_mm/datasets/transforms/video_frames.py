"""Frames of a video that are decoded one at a time, when they are asked for."""

from collections.abc import Sequence

import numpy as np

from kss_mm.datasets.media.frame_reader import read_frame


class VideoFrames(Sequence):
    """Chosen frames of a reader, in place of a list of them: nothing is decoded before it is looked at.

    A step that makes something smaller of each frame in turn, as Resize does, so never holds more than one frame of
    full size; decord's ``get_batch`` holds all of them, twice. Frames cannot be written to: what is changed in one
    would be lost when it is decoded again. Quick in order and once, as is decoding itself.

    Args:
        reader: Result of ``open_video``.
        indices: Numbers of the frames, (T,).

    Raises:
        BadVideoError: For a frame that does not decode, when it is looked at.

    Shapes:
        - **item:** :math:`(H, W, 3)`, uint8 RGB
    """

    def __init__(self, reader, indices: Sequence[int]):
        self.reader = reader
        self.indices = [int(index) for index in indices]
        self.last: tuple[int, np.ndarray] | None = None  # index in the file, and the frame

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, item):
        if isinstance(item, slice):
            return [self[position] for position in range(*item.indices(len(self)))]
        index = self.indices[item]
        if self.last is None or self.last[0] != index:
            self.last = index, self._decode(index)
        return self.last[1]

    def _decode(self, index: int) -> np.ndarray:
        frame = read_frame(self.reader, index)
        frame.flags.writeable = False
        return frame
