"""The label files that ``kss-mm init`` writes: tables that are read back to the same names and numbers."""

import csv
import io
import json
from collections.abc import Sequence
from itertools import repeat

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike, write_whole
from kss_mm.graph.class_names import check_classes
from kss_mm.graph.label_files import read_label_file
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.starter.samples import Samples

# Headers that a reader knows by their names; the first that is not the name of a class is taken.
_FILE_HEADERS = ('file', 'filename', 'path', 'filepath')
_LABEL_HEADERS = ('labels', 'tags', 'positive_labels', 'label_names')


def write_label_table(path: PathLike, samples: Samples) -> None:
    """Write a CSV table of samples, in the order of their names, and read it back.

    A sample has a list of its labels in one cell, as JSON writes it, so that no character of a name separates. With
    unknown labels, which no list can say, every class has a column of 1, 0 and -1. Parts of files have columns
    ``start`` and ``end``, in seconds.

    Raises:
        InputError: For names that no table can hold.
    """
    classes = samples.classes
    keys = list(zip(samples.names, samples.times or repeat(())))
    samples = samples.part(sorted(range(len(keys)), key=keys.__getitem__))
    file_header = next((name for name in _FILE_HEADERS if name not in classes), None)
    label_header = next((name for name in _LABEL_HEADERS if name not in classes), None)
    if file_header is None or label_header is None:
        raise InputError(f'the classes are called {shown(_FILE_HEADERS)} or {shown(_LABEL_HEADERS)}, all of which '
                         'tables have as headers: rename one')
    names = [[name, *map(repr, times)] for name, times in zip(samples.names, samples.times or repeat(()))]
    header = [file_header] if samples.times is None else [file_header, 'start', 'end']
    text = io.StringIO(newline='')
    writer = csv.writer(text, lineterminator='\n')
    if (samples.matrix.data == UNKNOWN).any():
        writer.writerow([*header, *classes])
        writer.writerows([*name, *row.toarray().ravel().tolist()] for name, row in zip(names, samples.matrix))
    else:
        writer.writerow([*header, label_header])
        quoted = [json.dumps(name, ensure_ascii=False) for name in classes]
        for name, row in zip(names, _rows(samples.matrix)):
            writer.writerow([*name, f'[{", ".join(quoted[label] for label in row)}]'])
    write_whole(text.getvalue().encode('utf-8'), path)
    _check(path, [' '.join(name) for name in names], samples)


def write_classes(path: PathLike, classes: Sequence[str]) -> None:
    """Write the class names, one a line, or as a JSON list where ``path`` ends in .json."""
    text = json.dumps(list(classes), ensure_ascii=False, indent=0) if str(path).endswith('.json') else \
        '\n'.join(classes)
    write_whole(f'{text}\n'.encode(), path)


def fit_for_lines(classes: Sequence[str]) -> bool:
    """True if a text file of one name a line keeps the names: others have blanks at their ends, or numbers before
    them."""
    check_classes(classes)
    lines = '\n'.join(classes).splitlines()
    numbered = len(classes) > 1 and all(name[:1].isdigit() for name in classes)
    return not numbered and lines == [name.strip() for name in classes] == list(classes)


def _rows(matrix: sp.csr_matrix) -> list[np.ndarray]:
    """The positive labels of every sample, in label order."""
    positive = (matrix > 0).tocsr()
    positive.sort_indices()
    return np.split(positive.indices, positive.indptr[1:-1])


def _check(path: PathLike, ids: Sequence[str], samples: Samples) -> None:
    found = read_label_file(path, samples.classes)
    different = [name for name, read in zip(ids, found.ids or repeat(None)) if name != read]
    if different or len(found.ids or ()) != len(ids) or found.times != samples.times:
        raise InputError(f'{path}: the names of its samples cannot be kept in a table, such as '
                         f'{shown((different or list(ids))[0])}: rename them')
    wrong = np.unique((found.matrix != samples.matrix).nonzero()[1])
    if wrong.size:
        raise InputError(f'{path}: the class name {shown(samples.classes[wrong[0]])} cannot be kept in a table: rename '
                         'it')
