"""Readers of the official Charades files, free of torch and of any host framework.

The release holds, all as plain text:

    Charades_v1_train.csv, Charades_v1_test.csv   one video a row: id, ..., actions, length
    Charades_v1_classes.txt                       c000 Holding some clothes
    Charades_v1_mapping.txt                       c000 o009 v008       (class, object, verb)
    Charades_v1_objectclasses.txt                 o009 clothes
    Charades_v1_verbclasses.txt                   v008 hold
"""

import csv
import io
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.text_files import read_text

# A label belongs to a clip if its action covers at least this share of the clip.
ACTIVE_SHARE = 0.5


class Action(NamedTuple):
    """One annotated action: class index, start and end in seconds."""

    label: int
    start: float
    end: float


@dataclass(frozen=True)
class Video:
    """One row of the CSV: the video's id, its length in seconds (None where blank) and its actions."""

    id: str
    length: float | None
    actions: tuple[Action, ...]

    @property
    def labels(self) -> list[int]:
        """Distinct class indices, ascending."""
        return sorted({action.label for action in self.actions})


def _text(path: PathLike) -> str:
    return read_text(path, 'file of the Charades annotations (Charades.zip)')


def _lines(path: PathLike) -> list[tuple[int, str]]:
    """Non-empty lines of a text file with their numbers, from 1."""
    return [(number, line.strip()) for number, line in enumerate(_text(path).splitlines(), 1) if line.strip()]


def _read_table(path: PathLike, prefix: str) -> list[str]:
    """Names of ``{prefix}000 name`` lines, in the order of their numbers, which must run from 0 without gaps."""
    names: dict[str, str] = {}
    for number, line in _lines(path):
        code, _, name = line.partition(' ')
        if not (code[:1] == prefix and code[1:].isdigit() and name.strip()):
            raise InputError(f'{path}:{number}: expected "{prefix}000 name", got {shown(line)}')
        if code in names:
            raise InputError(f'{path}:{number}: {shown(code)} is listed twice')
        names[code] = name.strip()
    if not names:
        raise InputError(f'{path}: no "{prefix}000 name" line; is it the right file?')
    for index in range(len(names)):
        if f'{prefix}{index:03d}' not in names:
            raise InputError(f'{path}: {prefix}{index:03d} is missing among {len(names)} entries')
    return [names[f'{prefix}{index:03d}'] for index in range(len(names))]


def read_classes(path: PathLike) -> list[str]:
    """Class names of ``Charades_v1_classes.txt``; their positions are the label indices."""
    return _read_table(path, 'c')


def read_class_parts(mapping: PathLike, objects: PathLike, verbs: PathLike) -> list[tuple[str, str]]:
    """(object, verb) of every class, by label index, as the files spell them (``'None'``, ``'sofa/couch'``)."""
    object_names, verb_names = _read_table(objects, 'o'), _read_table(verbs, 'v')
    parts: dict[int, tuple[str, str]] = {}
    for number, line in _lines(mapping):
        try:
            label, thing, verb = line.split()
            if (label[0], thing[0], verb[0]) != ('c', 'o', 'v'):
                raise ValueError
            parts[int(label[1:])] = (object_names[int(thing[1:])], verb_names[int(verb[1:])])
        except (ValueError, IndexError):
            raise InputError(f'{mapping}:{number}: expected "c000 o000 v000" with an object of {objects} and a '
                             f'verb of {verbs}, got {shown(line)}') from None
    if sorted(parts) != list(range(len(parts))):
        raise InputError(f'{mapping}: the classes do not run from c000 without gaps')
    return [parts[label] for label in range(len(parts))]


def charades_mapping(labels: Sequence[str], parts: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Concepts of the Charades classes for A_K (eq. 1): their object and their verb, "None" giving none.

    >>> charades_mapping(['Sitting on sofa/couch', 'Laughing'], [('sofa/couch', 'sit'), ('None', 'laugh')])
    {'Sitting on sofa/couch': ['sofa/couch', 'sit'], 'Laughing': ['laugh']}

    Args:
        labels: Names of the K classes, by label index.
        parts: (object, verb) of each, from :func:`read_class_parts`.
    """
    if len(labels) != len(parts):
        raise InputError(f'the Charades mapping has {len(parts)} classes, the data set {len(labels)}; they must agree')
    return {label: [part for part in pair if part.lower() != 'none'] for label, pair in zip(labels, parts, strict=True)}


def _parse_actions(text: str, num_classes: int) -> tuple[Action, ...]:
    actions = []
    for entry in filter(None, (part.strip() for part in text.split(';'))):
        code, start, end = entry.split()
        if code[0] != 'c' or not code[1:].isdecimal() or not int(code[1:]) < num_classes:
            raise ValueError(f'class {shown(code)} is not one of the {num_classes} of the class list')
        action = Action(int(code[1:]), float(start), float(end))
        if not 0 <= action.start < math.inf or not 0 <= action.end < math.inf:
            raise ValueError(f'action {shown(entry)} must have times of 0 seconds or more')
        actions.append(action)
    return tuple(actions)


def read_videos(path: PathLike, num_classes: int) -> list[Video]:
    """Videos of ``Charades_v1_train.csv`` or ``Charades_v1_test.csv``, in file order.

    Raises:
        InputError: Naming file and row, for a missing column, an action that is not ``class start end``, a
            class outside the list, or an id that comes twice.
    """
    videos: dict[str, Video] = {}
    rows = csv.DictReader(io.StringIO(_text(path), newline=''), strict=True)
    fields = _guarded(lambda: rows.fieldnames, rows, path) or ()
    missing = {column for column in ('id', 'actions', 'length') if list(fields).count(column) != 1}
    if missing:
        raise InputError(f'{path}:1: no column {", ".join(sorted(missing))}, or twice; expected the header of '
                         'Charades_v1_train.csv')
    for row in _rows(rows, path):
        where = f'{path}:{rows.line_num}'
        if None in row or None in row.values():
            raise InputError(f'{where}: has another number of columns than the header')
        name = row['id'].strip()
        if not name or name != os.path.basename(name):
            raise InputError(f'{where}: id {shown(name)} cannot be the name of a video')
        if name in videos:
            raise InputError(f'{where}: id {shown(name)} comes a second time; every video stands in one row')
        try:
            actions = _parse_actions(row['actions'], num_classes)
            length = float(row['length']) if row['length'].strip() else None
            if length is not None and not 0 <= length < math.inf:
                raise ValueError(f'length {length} is not a number of seconds')
        except ValueError as error:
            raise InputError(f'{where}: video {shown(name)}: actions must read "c000 start end;...", length seconds '
                             f'({error})') from None
        videos[name] = Video(name, length, actions)
    if not videos:
        raise InputError(f'{path}: has a header, but no video')
    return list(videos.values())


def _rows(rows: csv.DictReader, path: PathLike) -> Iterator[dict]:
    while (row := _guarded(lambda: next(rows, None), rows, path)) is not None:
        yield row


def _guarded(read: Callable, rows: csv.DictReader, path: PathLike):
    try:
        return read()
    except csv.Error as error:  # a quote that is never closed would swallow all rows after it
        raise InputError(f'{path}:{rows.line_num}: not a readable CSV row ({error})') from error


def clips_of(video: Video) -> list[tuple[tuple[float, float], list[int]]]:
    """One clip an action: its (start, end) in seconds, and all labels active in at least half of it, ascending.

    Actions without any extent in time, which the release has a few of, give no clip.
    """
    clips = []
    for clip in video.actions:
        length = clip.end - clip.start
        if length > 0:
            shared = {other.label for other in video.actions
                      if min(other.end, clip.end) - max(other.start, clip.start) >= ACTIVE_SHARE * length}
            clips.append(((clip.start, clip.end), sorted(shared)))
    return clips
