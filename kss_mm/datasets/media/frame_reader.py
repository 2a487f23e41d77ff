"""The one place where videos are opened and their frames decoded; the quirks of decord end here."""

from collections.abc import Sequence

import numpy as np

from kss_mm.datasets.media import containers
from kss_mm.datasets.media.file_errors import named_file_errors
from kss_mm.datasets.media.in_order_reader import InOrderReader
from kss_mm.datasets.media.quiet import quiet_opencv
from kss_mm.datasets.media.video_problem import opening_problem, opens
from kss_mm.errors import BadVideoError, MissingVideoError

CHANNELS = 3
# decord starts a transport stream at its second key frame, and does not read GIFs.
_READ_IN_ORDER = ('MPEG transport stream', containers.GIF)
# decord's time of a frame that has none is far below zero.
_NO_TIME = -1e6

Reader = 'decord.VideoReader | InOrderReader'


def open_video(path: str, *, name: str | None = None, num_threads: int = 1) -> Reader:
    """A reader of a video file, for :func:`read_frame` and :func:`read_frames`.

    It is decord's, or an ``InOrderReader`` for files of which decord gives other frames than those asked for:
    transport streams, and all that do not say when each frame is shown, as .avi with frames that look ahead.

    Args:
        name: Name of the file in errors, if not ``path``.
        num_threads: Threads of the decoder.

    Raises:
        MissingVideoError: For a file that is not there.
        BadVideoError: For one that is empty, cut short, not a video, or coded in a way that nothing here decodes; with
            the remedy.
        StorageError: For one that may not be read.
    """
    path = str(path)
    name = name or path
    kind = _checked_kind(path, name)
    try:
        with quiet_opencv():
            reader = InOrderReader(path, num_threads) if kind in _READ_IN_ORDER else _by_decord(path, num_threads)
    except decoder_errors() as error:
        raise BadVideoError(f'{name}: {opening_problem(path, name, kind, str(error))}') from error
    if not len(reader):
        raise BadVideoError(f'{name}: has no video frames')
    if kind == containers.GIF and len(reader) < reader.promised:
        raise BadVideoError(f'{name}: is damaged, {len(reader)} of {reader.promised:.0f} frames decode')
    reader.filename = name
    return reader


def read_frame(reader: Reader, index: int) -> np.ndarray:
    """Decode one frame: (H, W, 3) uint8 RGB.

    Raises:
        BadVideoError: Naming the file, if it does not decode.
    """
    try:
        frame = reader[index]
        return _whole_rows(frame if isinstance(frame, np.ndarray) else frame.asnumpy())
    except decoder_errors() as error:
        raise BadVideoError(f'{getattr(reader, "filename", "a video")}: its frames do not decode; the file is damaged '
                            'or cut short') from error


def read_frames(reader: Reader, indices: Sequence[int]) -> list[np.ndarray]:
    """Decode frames, each once, in the order of the file, whatever the order that they are asked for in.

    Where a frame is asked for again, the same array stands in the list again.

    Raises:
        BadVideoError: Naming the file, if one does not decode.
    """
    wanted = [int(index) for index in indices]
    decoded = {index: read_frame(reader, index) for index in sorted(set(wanted))}
    return [decoded[index] for index in wanted]


def key_frames(reader: Reader, indices: Sequence[int]) -> list[np.ndarray]:
    """For each index the key frame at or before it: quicker to get than the frame itself, and another.

    Raises:
        BadVideoError: Naming the file, if one does not decode.
    """
    keys = np.asarray(reader.get_key_indices())
    return read_frames(reader, keys[np.searchsorted(keys, indices, side='right').clip(1) - 1])


def decoder_errors() -> tuple[type[Exception], ...]:
    """The errors of decord and ``InOrderReader`` for a file that does not decode."""
    from decord import DECORDError

    return DECORDError, RuntimeError, StopIteration, ValueError


def _by_decord(path: str, num_threads: int) -> Reader:
    import decord

    decord.logging.set_level(decord.logging.QUIET)  # what FFmpeg prints of a file does not help a user
    reader = decord.VideoReader(path, num_threads=num_threads)
    if len(reader):
        times = np.asarray(reader.get_frame_timestamp(list(range(len(reader)))))[:, 0]  # (T,), seconds
        if times.min() < _NO_TIME:
            return InOrderReader(path, num_threads)
    return reader


def _checked_kind(path: str, name: str) -> str:
    """The kind of a file that can be a video, from its content."""
    with named_file_errors(name, 'a video', MissingVideoError, BadVideoError):
        head = containers.read_head(path)
        if not head:
            raise BadVideoError(f'{name}: is empty')
        kind = containers.kind_of(head)
        if kind in containers.IMAGES:
            raise BadVideoError(f'{name}: is an image ({kind}), not a video' + (
                '; of animated ones only GIF is read: convert it' if containers.is_animated(head) else ''))
        # Of some that are cut short, decord and OpenCV read what is left as if it were the whole.
        if containers.is_cut_short(path, kind):
            raise BadVideoError(f'{name}: is cut short; copy or download it again')
        if not kind and not opens(path):  # decord would print what it thinks of it
            raise BadVideoError(f'{name}: is not a video, or a damaged one; copy or download it again')
    return kind


def _whole_rows(frame: np.ndarray) -> np.ndarray:
    if frame.shape[2] == CHANNELS:
        return frame
    # Rows of 16 or 48 pixels are padded to a multiple of their width, which decord takes for more channels.
    height, width, _ = frame.shape
    return frame.reshape(height, -1)[:, :CHANNELS * width].reshape(height, width, CHANNELS)
