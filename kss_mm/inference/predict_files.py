"""Many files into one table, which a later call goes on with."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.inference.predictor import Predictor
from kss_mm.inference.shards import Shard, merge_shards
from kss_mm.inference.sources import Source
from kss_mm.inference.table import Names, Table
from kss_mm.inference.table_formats import read_whole


class Done(NamedTuple):
    """What came of a call.

    Args:
        path: The table that was written: the whole one, or that of a shard whose others are not done.
        files: In it.
        broken: Of these.
        before: How many of its own files a shard or table had from an earlier call.
        waiting: Numbers of the shards that are not whole yet.
    """

    path: str
    files: int
    broken: int
    before: int
    waiting: list[int]


def predict_files(predictor: Predictor, sources: Iterable[Source], out: PathLike, *, top: int | None = None,
                  shard: Shard | None = None, report: Callable[[int], None] = lambda done: None) -> Done:
    """Predict files into a table, each once, in their order; what the table has already is left out.

    Files are run in blocks of the batch size that depend on nothing but their order, so that their scores are the same
    to the last digit, however many processes share the work and however often these are stopped.

    Args:
        sources: Files, listed one at a time.
        out: The table, .csv, .json or .jsonl.
        top: How many labels of each file to write; all by default.
        shard: The part of the files that this process takes, where several share them; its table is
            ``{out}.K-of-N.{suffix}``, and the last of them to finish joins them.
        report: Is told how many files were looked at.

    Raises:
        UserError: For a table that another model or other options made, and what no file can be blamed for.
    """
    settings = settings_of(predictor, top, shard)
    whole = Names()
    if shard and (base := Table(out, {**settings, 'shard': None, 'block': None})).exists():
        if base.journal != base.path and os.path.exists(base.journal):
            raise InputError(f'{base.journal}: a process without --shard has begun this table; let it finish first, or '
                             'remove that')
        for record in read_whole(out, settings['labels']):
            whole.add(record.name)
    table = Table(shard.path(out) if shard else out, settings)
    there = Names()
    with table.opened(there):
        before = table.count
        listing = _Listing(sources, whole)
        wanted = (block for number, block in enumerate(listing.blocks(predictor.batch_size))
                  if shard is None or number % shard.count == shard.number - 1)
        unfinished = (block for block in wanted if any(source.name not in there for source in block))
        # Blocks before the last are full, and a batch of the predictor is a block.
        for prediction in predictor.predict_sources(source for block in unfinished for source in block):
            if there.add(prediction.source):
                table.add(prediction)
            report(listing.count)
        table.finish(listing.inputs())
    done = Done(table.path, table.count, table.broken, before, [])
    if shard is None:
        return done
    merged = merge_shards(out, shard.count)
    return done._replace(waiting=merged) if isinstance(merged, list) else Done(*merged, before, [])


def settings_of(predictor: Predictor, top: int | None, shard: Shard | None) -> dict:
    """What decides what a table holds: model, options, and the part of the files."""
    labels = len(predictor.classes) if top is None else min(top, len(predictor.classes))
    if labels < 1:
        raise InputError(f'top must be at least 1, got {top}')
    return dict(**predictor.network.identity, kind=predictor.kind, labels=labels, threshold=predictor.threshold,
                shard=str(shard) if shard else None, block=predictor.batch_size if shard else None)


class _Listing:
    """Sources of different names, one at a time, in blocks; it counts them, and knows all of them by one hash.

    Args:
        without: Names to leave out of the blocks.
    """

    def __init__(self, sources: Iterable[Source], without: Names):
        self.sources, self.without = sources, without
        self.seen, self.count, self.digest = Names(), 0, hashlib.sha256()

    def blocks(self, size: int) -> Iterator[list[Source]]:
        names = self._new()
        while block := list(islice(names, size)):
            yield block

    def inputs(self) -> dict:
        """How many sources there were, and a hash of their names in their order."""
        return dict(files=self.count, sha256=self.digest.hexdigest())

    def _new(self) -> Iterator[Source]:
        for source in self.sources:
            if self.seen.add(source.name):
                self.count += 1
                self.digest.update(source.name.encode(errors='surrogateescape') + b'\0')
                if source.name not in self.without:
                    yield source
