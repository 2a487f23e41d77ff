"""A label file and the folder of its videos or images: the samples to train on. Needs neither torch nor a host."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kss_mm.datasets.media_folder import MediaFolder
from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.graph.label_files import read_classes_file, read_label_file
from kss_mm.graph.label_readers.label_samples import LabelMatrix
from kss_mm.graph.unknown import UNKNOWN

# How many names a message lists.
_NAMED = 5


@dataclass(frozen=True)
class LabelledFile:
    """One sample.

    Args:
        name: As the label file names it.
        path: Its file, with the folder; where there is none, where it was looked for.
        labels: Indices of its labels, ascending.
        unknown: Indices of labels of which nobody knows whether it has them.
        seconds: The part of the file that it is; None for all of it.
        exists: Whether the file is there.
        place: Where it stands in the label file, such as 'row 7'.
    """

    name: str
    path: str
    labels: list[int]
    unknown: list[int]
    seconds: tuple[float, float] | None
    exists: bool
    place: str


def class_names(classes: str | Sequence[str] | None, data_root: str = '') -> tuple[str, ...] | None:
    """Class names of a list, or of a file of them as it is named or below ``data_root``."""
    if classes is None or not isinstance(classes, str | os.PathLike):
        return None if classes is None else tuple(classes)
    below = os.path.join(data_root or '', classes)
    return read_classes_file(below if os.path.isfile(below) and not os.path.isfile(classes) else classes)


def read_labelled_files(ann_file: str, folder: str, kind: str, *, classes: Sequence[str] | None = None,
                        **options) -> tuple[list[LabelledFile], LabelMatrix]:
    """The samples of a label file with their files, and what was read of it.

    Args:
        ann_file: Any file that :func:`~kss_mm.graph.label_files.read_label_file` reads and that names its samples.
        folder: Folder of the files; one of a remote storage (``s3://...``) is not looked into.
        kind: 'video' or 'image'.
        options: Further options of ``read_label_file``.

    Raises:
        InputError: For labels that do not read, for samples without names, and for two of the same file.
        MissingFileError: If the label file is not there.
    """
    lists = ann_file.lower().endswith('.txt')  # whose lines name files here, not folders of frames
    read = read_label_file(ann_file, classes, rawframes=False if lists else None, **options)
    if read.ids is None:
        raise InputError(f'{ann_file}: does not name the files of its samples; '
                         + ('say by id_column which column does' if ann_file.lower().endswith(('.csv', '.tsv')) else
                            'give a table or list that does, a sample a row'))
    media = None if '://' in folder else MediaFolder(folder, kind)
    samples, first = [], {}
    for row, name in enumerate(read.ids):
        entries = slice(read.matrix.indptr[row], read.matrix.indptr[row + 1])
        columns, values = read.matrix.indices[entries], read.matrix.data[entries]
        seconds = None if read.times is None else read.times[row]
        try:
            path, seconds = _find(media, name, None if read.files is None else read.files[row], seconds)
        except InputError as error:
            raise InputError(f'{ann_file}: {read.places[row]}: {error}') from None
        other = first.setdefault((path, seconds), row)
        if path is not None and other != row:
            raise InputError(f'{ann_file}: {read.places[other]} ({shown(read.ids[other])}) and {read.places[row]} '
                             f'({shown(name)}) are both the file {path}; leave one of them, or write their folders')
        samples.append(LabelledFile(name, path or _expected(folder, name), np.sort(columns[values != UNKNOWN]).tolist(),
                                    np.sort(columns[values == UNKNOWN]).tolist(), seconds, path is not None,
                                    read.places[row]))
    return samples, read


def _find(media: MediaFolder | None, name: str, file: str | None,
          seconds: tuple[float, float] | None) -> tuple[str | None, tuple[float, float] | None]:
    """The file of a sample, and the part of it; parts that were cut out are files of their own."""
    if media is None:
        return None, seconds
    if seconds is not None:  # as the tools that fetch Kinetics and HVU name them
        cut = '_'.join((file, *(f'{int(second):06d}' for second in seconds)))
        if path := media.find(cut):
            return path, None
    for candidate in dict.fromkeys((name, file)) if seconds is None else (file,):
        if candidate is not None and (path := media.find(candidate)):
            return path, seconds
    return None, seconds


def _expected(folder: str, name: str) -> str:
    return f'{folder.rstrip("/")}/{name}' if '://' in folder else os.path.join(folder, name)


def without_missing(samples: Sequence[LabelledFile], ann_file: str, folder: str, what: str,
                    strict: bool) -> tuple[list[LabelledFile], str | None]:
    """The samples whose files are there, and a line that counts and names the others.

    Args:
        what: Word for the files, 'videos' or 'images'.
        strict: Whether a missing file is an error.

    Raises:
        MissingFileError: For a folder that is not there, a missing file if ``strict``, or if all are missing.
    """
    if '://' in folder:
        return list(samples), None
    if folder and not os.path.isdir(folder):
        raise MissingFileError(f'{folder}: no such folder of {what} (data_prefix and data_root of the dataset)')
    missing = [f'{sample.path} ({sample.place})' for sample in samples if not sample.exists]
    if not missing:
        return list(samples), None
    line = (f'{len(missing)} of {len(samples)} {what} of {ann_file} are missing: {", ".join(missing[:_NAMED])}'
            f'{", ..." if len(missing) > _NAMED else ""}')
    if strict or len(missing) == len(samples):
        raise MissingFileError(f'{line}; put them there, set data_prefix to their folder, or take their rows out')
    return [sample for sample in samples if sample.exists], f'{line}; the others are used'


def unlabelled_note(samples: Sequence[LabelledFile]) -> str | None:
    """A line that counts the samples without any label; None without one."""
    empty = [sample for sample in samples if not sample.labels]
    if not empty:
        return None
    name, place = shown(empty[0].name), empty[0].place
    return (f'{len(empty)} of {len(samples)} samples have no label, such as '
            + (place if name in place else f'{name} ({place})'))
