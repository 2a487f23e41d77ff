"""Streaming reader of ConceptNet's assertions, such as ``conceptnet-assertions-5.7.0.csv.gz``.

Plain or gzip text, one assertion a line, five columns separated by tabs: edge URI, relation, start, end, JSON::

    /a/[...]    /r/UsedFor    /c/en/racket/n    /c/en/tennis    {"weight": 2.0, ...}
"""

import gzip
import io
import json
import math
import os
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike

#: Bytes of text handled at a time: large enough that Python's cost for each block does not count.
BLOCK_BYTES = 1 << 22
NUM_COLUMNS = 5
#: Those of ConceptNet 5.7 have a few hundred bytes.
LONGEST_LINE = 1 << 24
GZIP_MAGIC = b'\x1f\x8b'
NOT_ASSERTIONS = (f'ConceptNet assertions are lines of {NUM_COLUMNS} columns, separated by tabs; is it the right file?')


@dataclass
class Assertions:
    """Findings of one pass over the file.

    ``edges`` holds (start, end, weight) between wanted concepts, the heaviest for each ordered pair; ``known`` the
    wanted concepts that occur at all; ``relations`` counts the assertions kept, by relation.
    """

    edges: list[tuple[str, str, float]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    relations: Counter = field(default_factory=Counter)
    lines: int = 0
    in_language: int = 0
    malformed: int = 0
    first_malformed: int | None = None


def _blocks(path: PathLike, progress: Callable[[int, int], None] | None) -> Iterator[bytes]:
    size = os.path.getsize(path)
    with open(path, 'rb') as raw:
        is_gzip = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        file = io.BufferedReader(gzip.GzipFile(fileobj=raw), BLOCK_BYTES) if is_gzip else raw
        while block := file.read(BLOCK_BYTES):
            if progress:
                progress(raw.tell(), size)
            yield block


def _line_blocks(path: PathLike, progress: Callable[[int, int], None] | None) -> Iterator[list[bytes]]:
    """Lists of whole lines without their newlines.

    Raises:
        InputError: A line longer than ``LONGEST_LINE``, which is not read to its end.
    """
    tail, count = b'', 0
    for block in _blocks(path, progress):
        lines = (tail + block).split(b'\n')
        tail = lines.pop()
        count += len(lines)
        if len(tail) > LONGEST_LINE:
            raise InputError(f'{path}:{count + 1}: a line of more than {LONGEST_LINE:,} bytes; {NOT_ASSERTIONS}')
        yield lines
    if tail:
        yield [tail]


def _weight(data: bytes) -> float:
    """The weight in the JSON of one assertion; NaN if there is none."""
    try:
        weight = json.loads(data)['weight']
        return float(weight) if type(weight) in (float, int) else math.nan  # neither a text nor true
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):  # the last: thousands of brackets
        return math.nan


def _relation_uri(name: str) -> bytes:
    return (name if name.startswith('/r/') else f'/r/{name}').encode()


def read_assertions(path: PathLike, wanted: Collection[str], *, language: str = 'en',
                    relations: Collection[str] | None = None, exclude: Collection[str] = (),
                    progress: Callable[[int, int], None] | None = None) -> Assertions:
    r"""One pass over the assertions; memory follows the wanted concepts, not the file.

    Lines without five columns, and lines of the language whose JSON has no finite weight >= 0, are counted as
    malformed and skipped. Word senses are dropped: ``/c/en/cat/n/wn/animal`` is ``cat``.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'assertions.csv')
    ...     _ = path.write_text('/a/x\t/r/UsedFor\t/c/en/racket/n\t/c/en/tennis\t{"weight": 2.0}')
    ...     read_assertions(path, {'racket', 'tennis', 'dog'}).edges
    [('racket', 'tennis', 2.0)]

    Args:
        path: The dump, plain or gzip (told by its first bytes, not by its name).
        wanted: Concepts of interest, without ``/c/en/``.
        language: Both ends of an assertion must be of it.
        relations: The relations to keep (``'IsA'`` or ``'/r/IsA'``); all by default.
        exclude: Relations to leave out.
        progress: Called with (bytes of the file read, its size).

    Raises:
        MissingFileError: There is no such file.
        InputError: A damaged or truncated gzip file, a file with no assertion or with a line without end in it, or a
            relation that the file never uses in this language (most likely misspelt).
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such file; download conceptnet-assertions-5.7.0.csv.gz '
                               '(docs/label_graphs.md)')
    found = Assertions()
    try:
        seen_relations = _read(path, wanted, language, relations, exclude, progress, found)
    except EOFError as error:
        raise InputError(f'{path}: the gzip file is truncated, it breaks off after line {found.lines}; download or '
                         'copy it again') from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f'{path}: damaged gzip file after line {found.lines} ({error}); download it again') from error
    if found.lines == found.malformed:
        raise InputError(f'{path}: none of its {found.lines} lines is an assertion; {NOT_ASSERTIONS}')
    for name in (*(relations or ()), *exclude):
        if _relation_uri(name) not in seen_relations:
            used = ', '.join(sorted(uri.decode('utf-8', 'replace')[3:] for uri in seen_relations)) or 'none'
            raise InputError(f'{path}: no assertion in language {shown(language)} has relation {shown(name)}; it has '
                             f'{used}')
    return found


def _read(path, wanted, language, relations, exclude, progress, found: Assertions) -> set[bytes]:
    prefix = f'/c/{language}/'.encode()
    skip = len(prefix)
    names = {name.encode(): name for name in wanted}
    include = None if relations is None else {_relation_uri(name) for name in relations}
    exclude = {_relation_uri(name) for name in exclude}
    seen_relations: set[bytes] = set()
    heaviest: dict[tuple[str, str], float] = {}

    def malformed(number: int) -> None:
        found.malformed += 1
        if found.first_malformed is None:
            found.first_malformed = number

    for lines in _line_blocks(path, progress):
        first = found.lines + 1
        for number, line in enumerate(lines, first):
            columns = line.split(b'\t')
            if len(columns) != NUM_COLUMNS:
                malformed(number)
                continue
            _, relation, start, end, data = columns
            if not (start.startswith(prefix) and end.startswith(prefix)):
                continue
            found.in_language += 1
            weight = _weight(data)
            if not 0 <= weight < math.inf:
                malformed(number)
                continue
            seen_relations.add(relation)
            source = names.get(start[skip:].partition(b'/')[0])
            target = names.get(end[skip:].partition(b'/')[0])
            if source is not None:
                found.known.add(source)
            if target is not None:
                found.known.add(target)
            if source is None or target is None or relation in exclude or (include and relation not in include):
                continue
            found.relations[relation.decode('utf-8', 'replace').removeprefix('/r/')] += 1
            if weight > heaviest.get((source, target), -1):
                heaviest[source, target] = weight
        found.lines += len(lines)
    found.edges = [(source, target, weight) for (source, target), weight in heaviest.items()]
    return seen_relations
