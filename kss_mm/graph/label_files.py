"""The labels of every sample: read from the plain files that people have."""

import os
import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike
from kss_mm.graph.class_names import check_classes
from kss_mm.graph.label_readers.cvat_labels import is_cvat, read_cvat
from kss_mm.graph.label_readers.label_arrays import read_matrix
from kss_mm.graph.label_readers.label_json import read_json_labels
from kss_mm.graph.label_readers.label_lines import read_lines
from kss_mm.graph.label_readers.label_matrices import to_matrix
from kss_mm.graph.label_readers.label_samples import Found, LabelMatrix
from kss_mm.graph.label_readers.label_tables import read_table
from kss_mm.graph.label_readers.voc_folder import read_voc
from kss_mm.json_files import read_json
from kss_mm.text_files import read_text
from kss_mm.xml_files import read_xml


def class_names_in(given: PathLike | Sequence[str]) -> tuple[str, ...]:
    """Class names as they are given, or those of a file, see :func:`read_classes_file`.

    >>> class_names_in(['person', 'dog'])
    ('person', 'dog')
    """
    return read_classes_file(os.fspath(given)) if isinstance(given, str | os.PathLike) else tuple(given)


def read_classes_file(path: PathLike) -> tuple[str, ...]:
    r"""Class names in label order: one a line, empty lines do not count, or a JSON list of names.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'names.txt')
    ...     _ = path.write_text('person\ndog\n')
    ...     read_classes_file(path)
    ('person', 'dog')
    """
    if os.path.splitext(path)[1].lower() == '.json':
        names = read_json(path, 'class list')
        if not isinstance(names, list):
            raise InputError(f'{path}: no class list: expected a JSON list of names')
    else:
        text = read_text(path, 'class list; it is a text file with one class name a line')
        names = [line.strip() for line in text.splitlines() if line.strip()]
        numbers = [re.match(r'[0-9]+(?=[\s,;:])', name) for name in names]
        if len(names) > 1 and all(numbers) and [int(number[0]) for number in numbers] in (
                list(range(len(names))), list(range(1, len(names) + 1))):
            raise InputError(f'{path}: its lines begin with their numbers ({shown(names[0])}); leave the names only')
    try:
        return check_classes(names)
    except InputError as error:
        raise InputError(f'{path}: {error}') from None


def read_label_file(path: PathLike, classes: Sequence[str] | None = None, *, separator: str | None = None,
                    label_column: str | None = None, id_column: str | None = None, rawframes: bool | None = None,
                    split: str | int | Sequence[str | int] | None = None) -> LabelMatrix:
    r"""Labels of a data set from one file, by its suffix.

    =========  =======================================================================================
    .npy .npz  (N, K) 0/1/-1 matrix, dense or ``scipy.sparse.save_npz``; in an .npz the array ``labels``
    .csv .tsv  a column of 0/1/-1 a class; or a column ``labels`` with names or indices; or a row a label
    .json      COCO; MMPretrain's ``{"metainfo": ..., "data_list": ...}``; a list of label lists or of
               objects with ``labels``; an object id -> labels; Label Studio, FiftyOne, ActivityNet
    .xml       CVAT's tags of images, or the names of objects and tracks where there are none
    .txt       MMAction2's multi-class list, ``video.mp4 3 17``, or ``folder frames 3 17``; PaddleClas'
               and other rows of 0 and 1, ``image.jpg 0,1,1``
    a folder   of PASCAL VOC's XML files, one an image
    =========  =======================================================================================

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'labels.csv')
    ...     _ = path.write_text('image,person,dog\na.jpg,1,1\nb.jpg,1,0\n')
    ...     labels = read_label_file(path)
    >>> labels.classes, labels.matrix.toarray()
    (('person', 'dog'), array([[1, 1],
           [1, 0]]))

    Args:
        path: The file or folder.
        classes: The class names, where the file does not have them, or the order in which they are wanted; labels
            given as names need no list, their classes are then in alphabetical order.
        separator: What is between the labels within a cell, see :mod:`~kss_mm.graph.label_readers.label_cells`; None
            finds it.
        label_column: The column of a table that holds the labels; None finds it.
        id_column: The column of a table that names the samples, as a rule by their files; None finds it.
        rawframes: Whether the first number of a line in a .txt file counts frames; None finds out.
        split: Only samples of this split, or of these, where the file says to which a sample belongs ("train", "val",
            a number of a fold); the classes are those of all samples. None takes all.

    Raises:
        InputError: Naming the file and the entry that cannot be used, or read in one way only.
    """
    if not os.path.exists(path):
        raise MissingFileError(f'{path}: no such label file')
    suffix = 'folder' if os.path.isdir(path) else os.path.splitext(path)[1].lower()
    if suffix not in _READERS:
        raise InputError(f'{path}: cannot tell its format; expected one of {", ".join(SUFFIXES)}'
                         + ('; save its sheet as "CSV UTF-8"' if suffix in _WORKBOOKS else ''))
    options = dict(separator=separator, label_column=label_column, id_column=id_column, rawframes=rawframes)
    _check_options(path, suffix, options)
    read, takes, names = _READERS[suffix]
    content = read(path, f'{suffix} file of labels')
    try:
        found = takes(content, classes, **{name: options[name] for name in names})
        return to_matrix(found, classes, {'file': os.path.basename(os.path.normpath(path))}, split)
    except InputError as error:
        raise InputError(f'{path}: {error}') from error
    except MissingFileError as error:
        raise MissingFileError(f'{path}: {error}') from error


def _matrix(path: PathLike, classes: Sequence[str] | None) -> Found:
    return Found(read_matrix(path, 'labels'))


def _xml(root: Element, classes: Sequence[str] | None) -> Found:
    if is_cvat(root):
        return read_cvat(root)
    raise InputError('its root is <annotation>, so it is of one image of PASCAL VOC: give the folder of all its files'
                     if root.tag == 'annotation' else
                     f'its root is {shown(root.tag)}, and not that of CVAT\'s "CVAT for images 1.1"')


def _table(delimiter: str) -> Callable[..., Found]:
    def read(text: str, classes: Sequence[str] | None, **options) -> Found:
        return read_table(text, delimiter, classes, **options)
    return read


_WORKBOOKS = ('.xlsx', '.xls', '.ods')
_COLUMNS = ('separator', 'label_column', 'id_column')
#: By suffix: the reader of the file, the reader of its content, and the options that this one takes.
_READERS = {
    '.npy': (lambda path, what: path, _matrix, ()), '.npz': (lambda path, what: path, _matrix, ()),
    '.csv': (read_text, _table(','), _COLUMNS), '.tsv': (read_text, _table('\t'), _COLUMNS),
    '.json': (read_json, read_json_labels, ('separator', 'label_column')),
    '.txt': (read_text, read_lines, ('rawframes',)), '.xml': (read_xml, _xml, ()),
    'folder': (lambda path, what: path, lambda path, classes: read_voc(os.fspath(path)), ())}
SUFFIXES = tuple(suffix for suffix in _READERS if suffix.startswith('.'))


def _check_options(path: PathLike, suffix: str, options: dict[str, object]) -> None:
    for name, value in options.items():
        if value is not None and name not in _READERS[suffix][2]:
            takers = [kind for kind, (_, _, names) in _READERS.items() if name in names]
            raise InputError(f'{path}: --{name.replace("_", "-")} is for {", ".join(takers)} files')
    if options['separator'] == '':
        raise InputError('--separator is empty; give what is between labels, or none')
