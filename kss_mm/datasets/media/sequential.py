"""Frames of a video one after the other, by PyAV.

decord is of no use for this: it decodes as far ahead as the file goes, whoever waits, until memory is full; and
OpenCV's colours are others for videos that say BT.709.
"""

from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np

from kss_mm.errors import MissingPackageError


class NotDecodable(Exception):
    """A video stops to decode."""


def frames_in_order(path: str, wanted: Callable[[int], bool], num_threads: int = 1) -> Iterator[tuple[int, np.ndarray]]:
    """Numbers and pixels, (H, W, 3) uint8 RGB, of the frames that are wanted, turned as the file says.

    They are decord's to the last bit but for videos of 10 bits, whose colours decord rounds otherwise.

    Args:
        wanted: Is asked in order for each frame's number; others are decoded, but not converted.
        num_threads: Of the decoder; 0 for one for each core.

    Raises:
        NotDecodable: Where the file is damaged.
        MissingPackageError: Where PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingPackageError("PyAV is not installed: pip install 'kss-mm[timeline]'") from error
    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            stream.thread_count, stream.thread_type = num_threads, 'AUTO'
            convert = _Converter(av, stream)
            with closing(container.decode(stream)) as frames:
                for index, frame in enumerate(frames):
                    if wanted(index):
                        yield index, convert(frame)
    except av.FFmpegError as error:
        raise NotDecodable from error


class _Converter:
    """Frames as RGB in the size of the first one, by the filters that decord has."""

    def __init__(self, av, stream):
        self.av, self.stream = av, stream
        self.size = self.form = self.graph = None

    def __call__(self, frame) -> np.ndarray:
        form = frame.width, frame.height, frame.format.name
        self.size = self.size or form[:2]
        if form != self.form:
            self.form, self.graph = form, self._graph(frame)
        self.graph.push(frame)
        pixels = self.graph.pull().to_ndarray()  # (H, W, 3)
        return np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90)) if frame.rotation else pixels

    def _graph(self, frame):
        graph = self.av.filter.Graph()
        graph.link_nodes(
            graph.add_buffer(width=frame.width, height=frame.height, format=frame.format,
                             time_base=self.stream.time_base),
            graph.add('scale', '{}:{}'.format(*self.size)), graph.add('format', 'rgb24'),
            graph.add('buffersink')).configure()
        return graph
