"""Frames of a video that are decoded one at a time, when they are asked for."""

from collections.abc import Sequence

import numpy as np

from kss_mm.errors import BadVideoError

CHANNELS = 3


class VideoFrames(Sequence):
    """Chosen frames of a decord reader, in place of a list of them: nothing is decoded before it is looked at.

    A step that makes something smaller of each frame in turn, as Resize does, so never holds more than one frame of
    full size; decord's ``get_batch`` holds all of them, twice. Frames cannot be written to: what is changed in one
    would be lost when it is decoded again. Quick in order and once, as is decoding itself.

    Args:
        reader: A ``decord.VideoReader``, with the file's name as its ``filename`` for errors.
        indices: Of the frames, (T,).

    Raises:
        BadVideoError: for a frame that does not decode, when it is looked at.

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
        try:
            frame = self.reader[index].asnumpy()  # (H, W, C)
        except Exception as error:  # decord raises its own, undocumented types
            name = getattr(self.reader, 'filename', 'a video')
            raise BadVideoError(f'{name}: its frames do not decode; the file is damaged') from error
        if frame.shape[2] != CHANNELS:
            # Rows of 16 or 48 pixels are padded to a multiple of their width, which decord takes for more channels.
            height, width, _ = frame.shape
            frame = frame.reshape(height, -1)[:, :CHANNELS * width].reshape(height, width, CHANNELS)
        frame.flags.writeable = False
        return frame
