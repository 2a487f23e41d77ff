"""Which sample carries which label: read from the plain files that people have."""

import csv
import json
import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.archive import read_numpy
from kss_mm.graph.label_graph import check_classes
from kss_mm.graph.statistics import label_matrix

PathLike = str | os.PathLike[str]

SUFFIXES = ('.npy', '.npz', '.csv', '.tsv', '.json', '.txt')
#: Keys under which JSON and CSV files and the hosts' data sets keep the labels of a sample.
LABEL_KEYS = ('gt_label', 'label', 'labels')
#: What separates the labels within one CSV cell.
CELL_SEPARATORS = (';', '|')


class LabelMatrix(NamedTuple):
    """Names of the K classes, the (N, K) CSR matrix of 0 and 1, and where both came from.

    ``matrix`` is None where only the names are known.
    """

    classes: tuple[str, ...]
    matrix: sp.csr_matrix | None
    source: dict


def read_classes_file(path: PathLike) -> tuple[str, ...]:
    """Class names, one a line, in label order; empty lines do not count."""
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such class list; it is a text file with one class name a line')
    try:
        with open(path, encoding='utf-8-sig') as file:
            return check_classes(line.strip() for line in file if line.strip())
    except UnicodeDecodeError as error:
        raise InputError(f'{path}: not a UTF-8 text file ({error.reason})') from error
    except InputError as error:
        raise InputError(f'{path}: {error}') from None


def read_label_file(path: PathLike, classes: Sequence[str] | None = None) -> LabelMatrix:
    """Labels of a data set from one file, by its suffix.

    =========  =======================================================================================
    .npy .npz  (N, K) 0/1 matrix, dense or ``scipy.sparse.save_npz``; in an .npz the array ``labels``
    .csv .tsv  a column a class, 0/1 cells, an id column before them allowed; or a column ``labels``
               with names or indices between ";" or "|"
    .json      COCO instances; MMPretrain's ``{"metainfo": ..., "data_list": ...}``; a list of label
               lists or of objects with ``labels``; an object id -> label list
    .txt       MMAction2's multi-class list, ``video.mp4 3 17``
    =========  =======================================================================================

    Args:
        path: the file.
        classes: the class names, where the file does not have them, or the order in which they are wanted; labels
            given as names need no list, their classes are then in alphabetical order.

    Raises:
        InputError: naming the file and the entry that cannot be used.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such label file')
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise InputError(f'{path}: cannot tell its format; expected one of {", ".join(SUFFIXES)}')
    try:
        if suffix in ('.npy', '.npz'):
            found, labels = None, read_matrix(path, 'labels')
        elif suffix == '.json':
            found, labels = _read_json(path)
        elif suffix == '.txt':
            found, labels = None, _read_txt(path)
        else:
            found, labels = _read_table(path, '\t' if suffix == '.tsv' else ',', classes)
        own, matrix = _to_matrix(labels, classes if found is None else found)
        if found is not None and classes is not None:
            own, matrix = check_classes(classes), _in_order(matrix, own, classes)
    except InputError as error:
        raise InputError(f'{path}: {error}') from error
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError, csv.Error) as error:
        raise InputError(f'{path}: not a readable {suffix} file of labels ({error})') from error
    return LabelMatrix(own, matrix, {'file': os.path.basename(path)})


def _to_matrix(labels, classes) -> tuple[tuple[str, ...], sp.csr_matrix]:
    """Class names and matrix from a matrix, or from one list of names or indices for every sample."""
    if sp.issparse(labels) or isinstance(labels, np.ndarray):
        if labels.ndim != 2:
            raise InputError(f'expected a (samples, labels) matrix, got shape {tuple(labels.shape)}')
        if classes is None:
            raise InputError('a matrix has no class names; give --classes names.txt, one name a line')
        if len(classes) != labels.shape[1]:
            raise InputError(f'the matrix has {labels.shape[1]} columns, but there are {len(classes)} class names')
        matrix = sp.csr_matrix(labels)
        wrong = matrix.data[~np.isin(matrix.data, (0, 1))]
        if wrong.size:
            raise InputError(f'a label matrix holds 0 and 1 only, got {wrong[0]}; binarise it first')
        return check_classes(classes), matrix
    if not labels:
        raise InputError('it has no samples')
    names = {label for sample in labels for label in sample if isinstance(label, str)}
    if classes is None:
        if not names:
            raise InputError('its labels are indices and it has no class names; give --classes names.txt')
        classes = sorted(names)
    classes = check_classes(classes)
    index = {name: position for position, name in enumerate(classes)}
    rows = []
    for number, sample in enumerate(labels):
        for label in sample:
            if isinstance(label, str) and label not in index:
                raise InputError(f'sample {number} (counted from 0) has label {label!r}, which is not one of the '
                                 f'{len(classes)} classes')
            if isinstance(label, bool) or not isinstance(label, str | int | np.integer):
                raise InputError(f'sample {number} (counted from 0) has label {label!r}; labels are names or indices')
        if len(sample) == len(classes) > 1 and len(set(sample)) < len(sample) and set(sample) <= {0, 1}:
            raise InputError(f'sample {number} (counted from 0) looks like a row of 0 and 1: {sample}; lists hold '
                             'label indices or names, such rows go into a .npy or .csv matrix')
        rows.append([index[label] if isinstance(label, str) else int(label) for label in sample])
    return classes, label_matrix(rows, len(classes))


def _in_order(matrix: sp.csr_matrix, found: Sequence[str], classes: Sequence[str]) -> sp.csr_matrix:
    """The columns of a matrix, which are ``found``, as those of ``classes``; further classes have no samples."""
    index = {name: position for position, name in enumerate(classes)}
    if missing := [name for name in found if name not in index]:
        raise InputError(f'it has the class {missing[0]!r}, which is not in the class list')
    entries, order = matrix.tocoo(), np.array([index[name] for name in found])
    return sp.csr_matrix((entries.data, (entries.row, order[entries.col])), (matrix.shape[0], len(classes)))


def read_matrix(path: PathLike, name: str):
    """The matrix of an ``.npy`` file, of ``scipy.sparse.save_npz``, or the array ``name`` or only one of an ``.npz``.

    Raises:
        InputError: without the file's name.
    """
    try:
        arrays = read_numpy(path)
    except ValueError as error:
        raise InputError(f'not a readable NumPy file without pickles ({error})') from error
    if isinstance(arrays, np.ndarray):
        return arrays
    if 'indptr' in arrays:
        return sp.load_npz(path)
    if name not in arrays and len(arrays) != 1:
        raise InputError(f'expected an array "{name}", it has {", ".join(sorted(arrays))}')
    return arrays[name] if name in arrays else next(iter(arrays.values()))


def _read_txt(path: PathLike) -> list[list[int]]:
    with open(path, encoding='utf-8-sig') as file:
        lines = [(number, line.split()) for number, line in enumerate(file, 1) if line.strip()]
    for number, fields in lines:
        if not all(field.isdecimal() for field in fields[1:]):
            raise InputError(f'line {number}: expected "file index index ...", got {" ".join(fields)[:60]!r}')
    return [[int(field) for field in fields[1:]] for _, fields in lines]


def _read_table(path: PathLike, delimiter: str, classes: Sequence[str] | None):
    with open(path, newline='', encoding='utf-8-sig') as file:
        rows = [row for row in csv.reader(file, delimiter=delimiter) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise InputError('expected a header and at least one row')
    header, body = [cell.strip() for cell in rows[0]], rows[1:]
    for number, row in enumerate(body, 2):
        if len(row) != len(header):
            raise InputError(f'row {number} has {len(row)} cells, the header {len(header)}')
    column = next((header.index(key) for key in LABEL_KEYS if key in header), None)
    if column is not None:
        cells = [row[column] for row in body]
        for separator in CELL_SEPARATORS[1:]:
            cells = [cell.replace(separator, CELL_SEPARATORS[0]) for cell in cells]
        samples = [[part.strip() for part in cell.split(CELL_SEPARATORS[0]) if part.strip()] for cell in cells]
        if any(name.isdecimal() for name in classes or ()):  # classes called 1, 2, 3: such cells are names
            return None, samples
        return None, [[int(part) if part.isdecimal() else part for part in sample] for sample in samples]
    binary = [all(row[position].strip() in ('0', '1') for row in body) for position in range(len(header))]
    first = 0 if binary[0] else 1  # an id column
    if not all(binary[first:]) or first == len(header):
        bad = next((header[p] for p in range(first, len(header)) if not binary[p]), header[0])
        raise InputError(f'column {bad!r} holds other cells than 0 and 1; expected a 0/1 column a class, or a column '
                         '"labels" with names between ";"')
    return header[first:], np.array([[int(cell) for cell in row[first:]] for row in body])


def _read_json(path: PathLike):
    with open(path, encoding='utf-8-sig') as file:
        content = json.load(file)
    if isinstance(content, dict) and {'images', 'annotations', 'categories'} <= content.keys():
        return _coco(content)
    classes = None
    if isinstance(content, dict) and 'data_list' in content:
        classes, content = content.get('metainfo', {}).get('classes'), content['data_list']
    samples = list(content.values()) if isinstance(content, dict) else content
    if not isinstance(samples, list):
        raise InputError('expected a list of samples, or one of the JSON forms of the README')
    labels = []
    for number, sample in enumerate(samples):
        if isinstance(sample, dict):
            sample = next((sample[key] for key in LABEL_KEYS if key in sample), None)
        if not isinstance(sample, list):
            raise InputError(f'sample {number} (counted from 0) has no label list under {", ".join(LABEL_KEYS)}')
        labels.append(sample)
    return classes, labels


def _coco(content: dict):
    """Labels of every image of a COCO instances file: categories by ascending id, crowds counted too."""
    try:
        categories = sorted(content['categories'], key=lambda category: category['id'])
        index = {category['id']: position for position, category in enumerate(categories)}
        labels: dict = {image['id']: set() for image in content['images']}
        for annotation in content['annotations']:
            labels[annotation['image_id']].add(index[annotation['category_id']])
        return [category['name'] for category in categories], [sorted(sample) for sample in labels.values()]
    except (KeyError, TypeError) as error:
        raise InputError(f'a COCO file whose images, annotations and categories do not fit together ({error!r})'
                         ) from error
