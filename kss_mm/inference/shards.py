"""One list of files shared by several processes or machines, and their tables joined."""

import glob
import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from kss_mm.errors import InputError
from kss_mm.files import PathLike, locked_folder
from kss_mm.inference.table import Names, check_settings, forget, meta_of, write_meta, write_pieces
from kss_mm.inference.table_formats import Record, format_of, read_whole, whole


class Shard(NamedTuple):
    """The share of one process, K of N, from 1 on."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> 'Shard':
        """From K/N.

        Raises:
            InputError: For anything else.
        """
        found = re.fullmatch(r'(\d{1,6})/(\d{1,6})', text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise InputError(f'--shard {text}: must be K/N, from 1/N to N/N, such as 2/8')
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of_environment(cls) -> 'Shard | None':
        """That of a process which torchrun started; None where it did not, or started only one."""
        rank, count = os.environ.get('RANK', ''), os.environ.get('WORLD_SIZE', '')
        if not (rank.isdigit() and count.isdigit()) or int(count) < 2:
            return None
        return cls(int(rank) + 1, int(count))

    def path(self, out: PathLike) -> str:
        """The table of this shard."""
        root, suffix = os.path.splitext(os.fspath(out))
        return f'{root}.{self.number}-of-{self.count}{suffix}'

    def __str__(self) -> str:
        return f'{self.number}/{self.count}'


def shards_of(out: PathLike) -> list[Shard]:
    """All shards of a table, of which at least one has begun.

    Raises:
        InputError: Where none has, or they are of different counts.
    """
    root, suffix = os.path.splitext(os.fspath(out))
    names = glob.glob(f'{glob.escape(root)}.*-of-*{glob.escape(suffix)}.meta.json')
    found = (re.fullmatch(r'\d+-of-(\d+)', name[len(root) + 1:-len(suffix) - len('.meta.json')]) for name in names)
    counts = sorted({int(match[1]) for match in found if match})
    if len(counts) != 1:
        said = 'there are no shards of it' if not counts else f'there are shards of {" and ".join(map(str, counts))}'
        raise InputError(f'{out}: {said} beside it ({os.path.basename(root)}.K-of-N{suffix}); predict with --shard K/N '
                         'and one N')
    return [Shard(number, counts[0]) for number in range(1, counts[0] + 1)]


def merge_shards(out: PathLike, count: int) -> list[int] | tuple[str, int, int]:
    """Join the tables of all shards in the order of their files, and remove them.

    Twice the same file comes once, and files that ``out`` has already come first.

    Returns:
        The table, its files and how many of them are broken; or the numbers of the shards that are not whole yet, and
        nothing is done.

    Raises:
        InputError: For shards of different models, options or lists of files.
    """
    out = os.fspath(out)
    shards = [Shard(number, count) for number in range(1, count + 1)]
    with locked_folder(os.path.dirname(os.path.realpath(out))):
        metas = [meta_of(shard.path(out)) for shard in shards]
        there = meta_of(out)
        if not any(metas) and there and there.get('done'):  # another process was quicker
            return out, there['done']['files'], there['done']['broken']
        if missing := [shard.number for shard, meta in zip(shards, metas) if not (meta and meta.get('done'))]:
            return missing
        settings = {**metas[0], 'shard': None, 'block': None}
        inputs = settings.pop('done')['inputs']
        for shard, meta in zip(shards, metas):
            check_settings(shard.path(out), {**metas[0], 'shard': str(shard)})
            if (others := meta['done']['inputs']) != inputs:
                raise InputError(f'{shard.path(out)}: was made from another list of files ({others["files"]} of them) '
                                 f'than {shards[0].path(out)} ({inputs["files"]}); predict with --shard again, all '
                                 'from one list')
        if os.path.exists(out):
            check_settings(out, settings)
        counts = [0, 0]
        write_pieces(out, whole(format_of(out), _contents(out, shards, settings['labels'], metas[0]['block'], counts)))
        write_meta(out, settings, dict(files=counts[0], broken=counts[1], inputs=inputs))
        for shard in shards:
            forget(shard.path(out))
    return out, *counts


def _contents(out: str, shards: list[Shard], labels: int, block: int, counts: list[int]) -> Iterator[bytes]:
    seen = Names()
    for record in _joined(out, shards, labels, block):
        if seen.add(record.name):
            counts[0] += 1
            counts[1] += record.broken
            yield record.content


def _joined(out: str, shards: list[Shard], labels: int, block: int) -> Iterator[Record]:
    """What is there, then a block of each shard in turn."""
    if os.path.exists(out):
        yield from read_whole(out, labels)
    waiting = [read_whole(shard.path(out), labels) for shard in shards]
    while waiting:
        for records in list(waiting):
            taken = list(islice(records, block))
            yield from taken
            if len(taken) < block:
                waiting.remove(records)

