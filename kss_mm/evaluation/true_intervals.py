"""True intervals of videos, from a table or from Charades' annotations."""

import math
import os
from collections.abc import Sequence
from typing import NamedTuple

from kss_mm.datasets.charades_files import read_classes, read_videos
from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph.class_names import did_you_mean
from kss_mm.graph.label_readers.table_rows import table_rows
from kss_mm.text_files import read_text

_COLUMNS = ('file', 'label', 'start', 'end')


class Truth(NamedTuple):
    """What is true of a video.

    Args:
        actions: Label index, start and end in seconds.
        length: In seconds, as the annotations say; None where they do not.
    """

    actions: tuple[tuple[int, float, float], ...]
    length: float | None = None


def read_true_intervals(path: PathLike, classes: Sequence[str], charades_classes: PathLike | None = None
                        ) -> dict[str, Truth]:
    """True intervals by the name of their video, without folders and ending.

    Args:
        path: A table with the columns file, label, start and end (seconds); a row with nothing but a file is a video
            without labels. Or Charades' csv, whose columns are id, actions, length and others.
        classes: Names of the K labels, in the order of the scores.
        charades_classes: ``Charades_v1_classes.txt``, by which Charades' csv names its labels.

    Raises:
        InputError: Naming file and row, for what is no such table, a label that the model has not, times that are none,
            two videos of one name, and Charades' csv without its classes.
    """
    rows, _ = _guarded(lambda: table_rows(read_text(path, 'table of true intervals'), ','), path)
    _, header = _guarded(lambda: next(rows, (0, [])), path)
    names = [cell.strip().lower() for cell in header]
    if {'id', 'actions', 'length'} <= set(names):
        return _of_charades(path, classes, charades_classes)
    if any(names.count(column) != 1 for column in _COLUMNS):
        raise InputError(f'{path}:1: must have the columns {", ".join(_COLUMNS)}, or those of Charades (id, actions, '
                         f'length); it has {shown(", ".join(names))}')
    places = [names.index(column) for column in _COLUMNS]
    found: dict[str, list[tuple[int, float, float]]] = {}
    files: dict[str, str] = {}
    indices = {name: index for index, name in enumerate(classes)}
    for number, row in _guarded(lambda: list(rows), path):
        where = f'{path}:{number}'
        file, label, *times = (row[place].strip() for place in places)
        name = video_name(file)
        if not name or files.setdefault(name, file) != file:
            raise InputError(f'{where}: {shown(file)} and {shown(files.get(name, ""))} have one name without folder '
                             'and ending, by which videos are told apart')
        actions = found.setdefault(name, [])
        if not label and not any(times):
            continue
        if label not in indices:
            raise InputError(f'{where}: label {shown(label)} is none of the model\'s {len(classes)}'
                             f'{did_you_mean(label, classes)}')
        actions.append((indices[label], *_seconds(times, where)))
    return {name: Truth(tuple(actions)) for name, actions in found.items()}


def video_name(path: str) -> str:
    """The name by which a video is told apart: without folders and ending, as Charades' ids.

    >>> video_name('videos/YSKX3.mp4')
    'YSKX3'
    """
    return os.path.splitext(os.path.basename(path))[0]


def _seconds(times: Sequence[str], where: str) -> tuple[float, float]:
    try:
        start, end = map(float, times)
    except ValueError:
        start = end = math.nan
    if not 0 <= start < end < math.inf:
        raise InputError(f'{where}: start and end must be seconds, the end after the start; got {shown(times)}')
    return start, end


def _of_charades(path: PathLike, classes: Sequence[str], charades_classes: PathLike | None) -> dict[str, Truth]:
    if charades_classes is None:
        raise InputError(f'{path}: names labels by number, so name them: --classes Charades_v1_classes.txt')
    names = read_classes(charades_classes)
    unknown = [name for name in names if name not in classes]
    if unknown:
        raise InputError(f'{charades_classes}: {shown(unknown[0])} and {len(unknown) - 1} more of {len(names)} classes '
                         f'are none of the model\'s {len(classes)}{did_you_mean(unknown[0], classes)}')
    indices = {name: index for index, name in enumerate(classes)}
    return {video.id: Truth(tuple((indices[names[action.label]], action.start, action.end) for action in video.actions),
                            video.length) for video in read_videos(path, len(names))}


def _guarded(read, path: PathLike):
    try:
        return read()
    except InputError as error:
        raise error if str(error).startswith(str(path)) else InputError(f'{path}: {error}') from None
