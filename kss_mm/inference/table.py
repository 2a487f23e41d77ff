"""A table of predictions that grows file by file, survives a stop, and is told by what it was made."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike, growing_file, whole_file
from kss_mm.inference.prediction import Prediction
from kss_mm.inference.table_formats import Json, format_of, read_whole, whole
from kss_mm.json_files import read_json

# What two runs must share to write one table, and how a message calls it.
_SHARED = {'sha256': 'model', 'config': 'config', 'labels': '--top', 'threshold': '--threshold', 'shard': '--shard',
           'block': '--batch-size'}


class Table:
    """The file of ``--out``, and beside it ``{out}.meta.json``, which says what model and options make it.

    Args:
        path: Its name, which ends in .csv, .jsonl or .json; the last grows as ``{path}.partial``.
        settings: What makes it, see :func:`settings_of`.

    Raises:
        InputError: For another ending, or a file that is there already and was made otherwise.
    """

    def __init__(self, path: PathLike, settings: Mapping):
        self.path = os.fspath(path)
        self.settings = dict(settings)
        self.form = format_of(path)
        self.journal = f'{self.path}.partial' if isinstance(self.form, Json) else self.path
        self.broken = self.count = 0
        if self.exists():
            check_settings(self.path, self.settings)

    def exists(self) -> bool:
        """Tell whether something of it is there."""
        return os.path.exists(self.path) or os.path.exists(self.journal)

    @contextmanager
    def opened(self, seen: 'Names') -> Iterator['Table']:
        """Around adding to it; a half-written end is cut off, and what is there is put into ``seen``."""
        write_meta(self.path, self.settings)
        if self.journal != self.path and os.path.exists(self.path) and not os.path.exists(self.journal):
            write_pieces(self.journal, (record.content for record in read_whole(self.path, self.settings['labels'])))
        with growing_file(self.journal) as file:
            size = 0
            for record in self.form.records(file, self.journal, self.settings['labels']):
                seen.add(record.name)
                self.broken += record.broken
                self.count += 1
                size += len(record.content)
            file.truncate(size + len(self.form.header) if size else 0)
            if not size:
                file.write(self.form.header)
            self.file: IO[bytes] = file
            yield self
            file.flush()

    def add(self, prediction: Prediction) -> None:
        """Add what is known of one file."""
        self.file.write(self.form.encode(prediction, self.settings['labels'], self.settings['sha256'][:8]))
        self.file.flush()
        self.count += 1
        self.broken += prediction.error is not None

    def finish(self, inputs: Mapping) -> None:
        """Make it whole, once all is added, while it is still open.

        Args:
            inputs: What it is made of, see :class:`Names`.
        """
        if self.journal != self.path:
            self.file.flush()
            self.file.seek(0)
            records = self.form.records(self.file, self.journal, self.settings['labels'])
            write_pieces(self.path, whole(self.form, (record.content for record in records)))
            os.remove(self.journal)
        write_meta(self.path, self.settings, dict(files=self.count, broken=self.broken, inputs=dict(inputs)))


class Names:
    """Names that were seen, in little memory: 8 bytes of a hash of each."""

    def __init__(self):
        self.hashes: set[int] = set()

    def add(self, name: str) -> bool:
        """Add a name; False where it was there."""
        before = len(self.hashes)
        self.hashes.add(_hash(name))
        return len(self.hashes) > before

    def __contains__(self, name: str) -> bool:
        return _hash(name) in self.hashes


def meta_of(path: PathLike) -> dict | None:
    """What stands beside a table: its settings, and under ``done``, where it is whole, what it holds; None without."""
    if not os.path.exists(_meta_path(path)):
        return None
    meta = read_json(_meta_path(path), 'record of a table')
    if not isinstance(meta, dict) or not set(_SHARED) | {'model'} <= meta.keys():
        raise InputError(f'{_meta_path(path)}: is no record of a table of predictions; give another --out, or remove '
                         'both files')
    return meta


def check_settings(path: PathLike, settings: Mapping) -> None:
    """Check that what made a table is what would go on with it.

    Raises:
        InputError: Naming what differs.
    """
    meta = meta_of(path)
    if meta is None:
        raise InputError(f'{path}: is there already, and {_meta_path(path)}, which says what made it, is not; give '
                         'another --out, or remove it')
    for key, name in _SHARED.items():
        if meta[key] != settings[key]:
            was, now = (shown(part['model'] if key in ('sha256', 'config') else part[key])
                        for part in (meta, settings))
            also = ' of other content' if key in ('sha256', 'config') and was == now else ''
            raise InputError(f'{path}: was made with another {name}, {was}, and this is {now}{also}; give another '
                             '--out, or remove it')


def forget(path: PathLike) -> None:
    """Remove a table and what stands beside it."""
    for name in (os.fspath(path), _meta_path(path)):
        with suppress(FileNotFoundError):
            os.remove(name)


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(os.fsencode(name), digest_size=8).digest(), 'big')


def _meta_path(path: PathLike) -> str:
    return f'{os.fspath(path)}.meta.json'


def write_pieces(path: PathLike, pieces: Iterable[bytes]) -> None:
    """Write a file of these pieces, which is there when it is whole."""
    with whole_file(path) as file:
        file.writelines(pieces)


def write_meta(path: PathLike, settings: Mapping, done: Mapping | None = None) -> None:
    """Write what stands beside a table.

    Args:
        done: Where it is whole, its numbers of ``files`` and ``broken`` ones, and ``inputs``.
    """
    with whole_file(_meta_path(path), 'w', encoding='utf-8') as file:
        json.dump(dict(settings, done=done), file, indent=1)
        file.write('\n')
