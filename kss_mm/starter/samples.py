"""The samples of a table with their files, checked by what the files hold."""

import os
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.datasets.labelled_files import LabelledFile, read_labelled_files, unlabelled_note
from kss_mm.datasets.media.containers import GIF, IMAGES, VIDEOS, is_cut_short, kind_of, read_head
from kss_mm.datasets.media_folder import NAMED_SUFFIXES, files_below
from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike
from kss_mm.graph.label_readers.label_splits import splits_note

KINDS = ('video', 'image')
# Files of a folder that decide whether it holds videos or images.
_LOOKED_INTO = 200
#: More samples without a usable file than this share are a mistake, rather than gaps in the data.
MAX_MISSING = 0.1
# How many samples a message lists.
_NAMED = 3
_CONTENTS = {'video': VIDEOS, 'image': IMAGES}


class Samples(NamedTuple):
    """Samples whose files are there: names below the folder, the (N, K) matrix of 0, 1 and -1, where they stand in the
    table, which part of a file each is, and its split, where the table says so."""

    names: tuple[str, ...]
    matrix: sp.csr_matrix
    classes: tuple[str, ...]
    places: tuple[str, ...]
    times: tuple[tuple[float, float], ...] | None
    splits: tuple[str, ...] | None

    def part(self, rows: Sequence[int]) -> 'Samples':
        """Some of the samples."""
        def of(values):
            return None if values is None else tuple(values[row] for row in rows)

        return Samples(of(self.names), self.matrix[np.asarray(rows, np.int64)], self.classes, of(self.places),
                       of(self.times), of(self.splits))


def read_samples(table: PathLike, folder: PathLike, kind: str, *, classes: Sequence[str] | None = None,
                 max_missing: float = MAX_MISSING, **options) -> tuple[Samples, list[str]]:
    """The samples of a table that can be used, and how it was read, with those left out.

    Args:
        max_missing: Largest share of samples without a usable file.
        options: Of :func:`~kss_mm.datasets.labelled_files.read_labelled_files`.

    Raises:
        InputError: Naming file and row, also where more samples than ``max_missing`` have no usable file.
    """
    table, folder = os.fspath(table), os.fspath(folder)
    if not os.path.isdir(folder):
        raise MissingFileError(f'{folder}: no such folder of {kind}s')
    found, read = read_labelled_files(table, folder, kind, classes=classes, **options)
    reasons = [_problem(sample, kind) for sample in found]
    # What becomes of splits is told where they are used.
    told = splits_note(read.splits or ())
    notes = [*(note for note in read.notes if note not in told),
             *_unusable(found, reasons, table, folder, kind, max_missing)]
    rows = [row for row, reason in enumerate(reasons) if reason is None]
    if note := unlabelled_note([found[row] for row in rows]):
        notes.append(f'{note}: every label counts as absent there; if nobody looked, take these rows out')
    times = [found[row].seconds for row in rows]
    if any(times) and not all(times):
        row = rows[times.index(None)]
        raise InputError(f'{table}: {found[row].place} ({shown(found[row].name)}) is a whole file, others are parts of '
                         'one, from second to second: give begin and end of all')
    names = tuple(os.path.relpath(found[row].path, folder).replace(os.sep, '/') for row in rows)
    samples = Samples(names, read.matrix[rows], read.classes, tuple(found[row].place for row in rows),
                      tuple(times) if any(times) else None,
                      None if read.splits is None else tuple(read.splits[row] for row in rows))
    return samples, notes


def kind_in(folder: PathLike) -> str:
    """'video' or 'image', by the contents of a folder's files.

    Raises:
        InputError: Where there are none of them, or both.
    """
    seen: dict[str, str] = {}
    animations = None
    media = NAMED_SUFFIXES['video'] | NAMED_SUFFIXES['image']
    files = (os.path.join(folder, name) for name in files_below(os.fspath(folder))
             if os.path.splitext(name)[1].lower() in media)
    for path in islice(files, _LOOKED_INTO):
        content = kind_of(read_head(path))
        animations = animations or (path if content == GIF else None)
        for kind in KINDS:
            if content in _CONTENTS[kind]:
                seen.setdefault(kind, path)
    if len(seen) == 1:
        return next(iter(seen))
    if seen:
        raise InputError(f'{folder}: holds videos and images, such as {shown(os.path.basename(seen["video"]))} and '
                         f'{shown(os.path.basename(seen["image"]))}: say by --kind which of them are labelled')
    if animations:
        raise InputError(f'{folder}: holds GIFs, such as {shown(os.path.basename(animations))}: say --kind video for '
                         'animations, or --kind image')
    raise InputError(f'{folder}: no video or image was found in it; say by --media where they are')


def _problem(sample: LabelledFile, kind: str) -> str | None:
    """Say why a sample's file cannot be used; None for one that can, as far as its head tells."""
    if not sample.exists:
        return 'missing'
    if os.path.getsize(sample.path) == 0:
        return 'empty'
    content = kind_of(read_head(sample.path))
    if content in (*_CONTENTS[kind], GIF):
        return 'cut short' if (content != GIF or kind == 'video') and is_cut_short(sample.path, content) else None
    if content:
        return f'no {kind} but {content}'
    # Formats that are rare have no entry in the table of contents, and are left to the decoder.
    usual = os.path.splitext(sample.path)[1].lower() in ('.mp4', '.avi', '.mkv', '.webm', '.jpg', '.jpeg', '.png')
    return f'no {kind}' if usual else None


def _unusable(found: Sequence[LabelledFile], reasons: Sequence[str | None], table: str, folder: str, kind: str,
              most: float) -> list[str]:
    wrong = [row for row, reason in enumerate(reasons) if reason is not None]
    if not wrong:
        return []
    counts = ', '.join(f'{number} {reason}' for reason, number in Counter(filter(None, reasons)).most_common())
    examples = ', '.join(f'{found[row].place} {shown(found[row].name)}: {reasons[row]}' for row in wrong[:_NAMED])
    line = f'{len(wrong)} of {len(found)} samples have no usable {kind} in {folder} ({counts}): {examples}' + \
        ', ...' * (len(wrong) > _NAMED)
    if len(wrong) > most * len(found) or len(wrong) == len(found):
        raise InputError(f'{table}: {line}; say by --media where the {kind}s are, or by --max-missing how large a '
                         'share may be left out')
    return [f'{line}; they are left out']
