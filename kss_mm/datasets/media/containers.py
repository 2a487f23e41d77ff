"""Kinds of media files by their first bytes, whatever their names say, and checks that they are complete."""

import os
import struct
from collections.abc import Callable
from typing import BinaryIO

# Bytes that tell a file's kind: five packets of a transport stream that begins amid one.
HEAD = 1152

#: Kinds that :func:`kind_of` tells apart, as messages call them.
IMAGES = ('JPEG', 'PNG', 'BMP', 'TIFF', 'WebP', 'HEIF')
VIDEOS = ('AVI', 'MP4', 'Matroska', 'FLV', 'ASF', 'MPEG transport stream', 'MPEG program stream', 'Ogg')
GIF = 'GIF'  # a picture or an animation

_STARTS = ((b'\xff\xd8\xff', 'JPEG'), (b'\x89PNG\r\n\x1a\n', 'PNG'), (b'BM', 'BMP'), (b'II*\0', 'TIFF'),
           (b'MM\0*', 'TIFF'), (b'GIF8', GIF), (b'\x1a\x45\xdf\xa3', 'Matroska'), (b'FLV\x01', 'FLV'),
           (bytes.fromhex('3026b2758e66cf11'), 'ASF'), (b'\0\0\x01\xba', 'MPEG program stream'), (b'OggS', 'Ogg'))
# ISO base media (MP4, MOV, 3GP) begins with one of these boxes.
_MP4_BOXES = (b'ftyp', b'moov', b'mdat', b'moof', b'free', b'skip', b'wide')
_HEIF_BRANDS = (b'heic', b'heix', b'mif1', b'avif')
_PACKET, _TIMED_PACKET, _SYNC = 188, 192, 0x47  # of a transport stream on disk, and of one on a camera's card
# Some writers count a chunk's own header of 8 bytes, or leave out the byte that makes an odd length even.
_AVI_SLACK = 9
# Sizes that writers leave in a header which they never come back to.
_UNKNOWN_SIZES = (0, 0xffffffff)


def kind_of(head: bytes) -> str:
    """One of the kinds above for the first ``HEAD`` bytes of a file; '' for any other.

    >>> kind_of(b'GIF89a')
    'GIF'
    """
    if head[:4] == b'RIFF':
        return {b'AVI ': 'AVI', b'WEBP': 'WebP'}.get(head[8:12], '')
    if head[4:8] in _MP4_BOXES:
        return 'HEIF' if head[8:12] in _HEIF_BRANDS else 'MP4'
    kind = next((kind for start, kind in _STARTS if head.startswith(start)), '')
    return kind or ('MPEG transport stream' if _is_transport_stream(head) else '')


def _is_transport_stream(head: bytes) -> bool:
    """Look for the bytes that begin packets at equal distances; the file may begin amid a packet."""
    return any(len(every := head[first::packet]) >= 3 and every.count(_SYNC) == len(every)
               for packet in (_PACKET, _TIMED_PACKET) for first in range(packet))


def is_animated(head: bytes) -> bool:
    """Tell whether the first ``HEAD`` bytes are of a PNG or WebP that holds several pictures."""
    return {'PNG': b'acTL', 'WebP': b'ANIM'}.get(kind_of(head), b'no such bytes') in head


def read_head(path: str) -> bytes:
    """The first ``HEAD`` bytes of a file."""
    with open(path, 'rb') as file:
        return file.read(HEAD)


def is_cut_short(path: str, kind: str | None = None) -> bool:
    """Tell whether a file ends before the sizes in its own headers say; False for kinds that have none.

    Args:
        kind: Kind of the file, where it is known already.
    """
    check = _CHECKS.get(kind_of(read_head(path)) if kind is None else kind)
    if check is None:
        return False
    with open(path, 'rb') as file:
        return check(file, os.path.getsize(path))


def _avi(file: BinaryIO, size: int) -> bool:
    """An .avi above 1 GB has several RIFF chunks."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        name, length = struct.unpack('<4sI', file.read(8))
        if name != b'RIFF' or length in _UNKNOWN_SIZES:
            return False
        position += 8 + length + length % 2
    return position - _AVI_SLACK > size


def _mp4(file: BinaryIO, size: int) -> bool:
    position, last, has_index = 0, b'', False
    while position + 8 <= size:
        file.seek(position)
        header = file.read(16)
        length, last = struct.unpack('>I4s', header[:8])
        if length == 1 and len(header) == 16:
            length = struct.unpack('>Q', header[8:])[0]
        has_index |= last == b'moov'
        if length < 8:  # 0: to the end of the file; others are not a box
            return not has_index
        position += length
    # What some cameras put after the last box looks like one that is too long.
    return not has_index or position > size and last in (b'mdat', b'moov', b'moof')


def _matroska(file: BinaryIO, size: int) -> bool:
    head = file.read(HEAD)
    start = head.find(b'\x18\x53\x80\x67')  # the segment, which holds everything
    if start < 0 or start + 12 > len(head):
        return True
    first = head[start + 4]
    width = 9 - first.bit_length()  # the leading zeros of a length tell how many bytes it has
    field = head[start + 4:start + 4 + width]
    length = int.from_bytes(field, 'big') & ~(1 << 7 * width)
    if not 1 <= width <= 8 or length == (1 << 7 * width) - 1:  # all ones: unknown
        return False
    return start + 4 + width + length > size


def _flv(file: BinaryIO, size: int) -> bool:
    head = file.read(4096)
    start = head.find(b'filesize\0')  # of the metadata: a double
    if start < 0 or start + 17 > len(head):
        return False
    return struct.unpack('>d', head[start + 9:start + 17])[0] > size


def _gif(file: BinaryIO, size: int) -> bool:
    """The last byte is the trailer; some writers put zeros after it."""
    file.seek(max(size - HEAD, 0))
    return not file.read().rstrip(b'\0').endswith(b'\x3b')


def _without(end: bytes) -> Callable[[BinaryIO, int], bool]:
    def check(file: BinaryIO, size: int) -> bool:
        """The mark is sought in the whole file, where it is not at the end: cameras put films and more after it."""
        file.seek(max(size - HEAD, 0))
        if end in file.read():
            return False
        file.seek(0)
        return end not in file.read()
    return check


_CHECKS = {'JPEG': _without(b'\xff\xd9'), 'PNG': _without(b'IEND'),
           'AVI': _avi, 'MP4': _mp4, 'Matroska': _matroska, 'FLV': _flv, GIF: _gif}
