"""Check that a file of torch.save can be read in bounded time and memory, before torch reads it."""

import io
import mmap
import os
import zipfile

from kss_mm.checkpoints.pickle_scan import BadPickle, Storage, scan

# Before the numbers of a file of torch < 1.6 stand five pickles: magic number, version, machine, content, keys.
_LEGACY_PICKLES, _LEGACY_CONTENT = 5, 3
# A network has a few thousand tensors, and a zip archive lists each of its members in 46 bytes and more.
_MOST_MEMBERS = 1_000_000
# The pickle of a checkpoint is names and plain values; the longest logs of a run are a few hundred MB.
_LARGEST_PICKLE = 2 * 1024 ** 3


def check_file(path: str) -> None:
    """Check that a checkpoint holds what it claims.

    Raises:
        BadPickle: For storages beyond the file's end, compressed or repeated members, and whatever
            :func:`~kss_mm.checkpoints.pickle_scan.scan` refuses.
        zipfile.BadZipFile, OSError: For a damaged archive, or a file that cannot be read.
    """
    if is_archive(path):
        _check_archive(path)
    else:
        _check_legacy(path)


def is_archive(path: str) -> bool:
    """Tell whether a file is an archive, as torch writes them since 1.6."""
    with open(path, 'rb') as file:
        return file.read(4) == b'PK\x03\x04'  # how torch tells it


def _check_archive(path: str) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}
        if len(members) < len(archive.infolist()) or len(members) > _MOST_MEMBERS:
            raise BadPickle('its archive has members of the same name, or too many')
        if any(member.compress_type != zipfile.ZIP_STORED for member in members.values()):
            raise BadPickle('its archive is compressed, which torch.save never does')
        # Members of an archive can lie upon each other.
        if sum(member.file_size for member in members.values()) > os.path.getsize(path):
            raise BadPickle('the members of its archive hold more than the file')
        for name, member in members.items():
            if not name.endswith('.pkl'):
                continue
            if member.file_size > _LARGEST_PICKLE:
                raise BadPickle(f'its pickle has {member.file_size:,} bytes')
            for storage in scan(io.BytesIO(archive.read(member))):
                stored = members.get(f'{os.path.dirname(name)}/data/{storage.key}')
                # torch would read on behind the end.
                if stored is None or stored.file_size < _bytes_of(storage):
                    raise BadPickle(f'it claims {_bytes_of(storage):,} bytes for a tensor, and does not hold them')


def _check_legacy(path: str) -> None:
    if not os.path.getsize(path):
        raise BadPickle('it is empty')
    with open(path, 'rb') as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        claimed: dict[str, int] = {}
        for number in range(_LEGACY_PICKLES):
            for storage in scan(content):
                if number != _LEGACY_CONTENT:
                    raise BadPickle('its pickles are not those of torch.save')
                claimed[storage.key] = max(_bytes_of(storage), claimed.get(storage.key, 0))
        if sum(claimed.values()) > len(content) - content.tell():
            raise BadPickle(f'it claims {sum(claimed.values()):,} bytes for tensors, and does not hold them')


def _bytes_of(storage: Storage) -> int:
    return storage.numel * _ITEM_BYTES.get(storage.kind.removesuffix('Storage'), 1)  # an UntypedStorage counts bytes


_ITEM_BYTES = {'Double': 8, 'Float': 4, 'Half': 2, 'BFloat16': 2, 'Long': 8, 'Int': 4, 'Short': 2, 'ComplexDouble': 16,
               'ComplexFloat': 8, 'QInt32': 4}
