"""Files that an evaluation leaves behind: scores to evaluate again, AP by class, the Charades submission."""

import csv
import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kss_mm.errors import InputError, MissingFileError
from kss_mm.evaluation.functional import average_precision
from kss_mm.files import whole_file
from kss_mm.graph.archive import write_npz

PathLike = str | os.PathLike[str]


class Scores(NamedTuple):
    """What was predicted and what is true.

    Shapes:
        - **ids:** N names
        - **scores, targets:** :math:`(N, K)`
        - **classes:** K names
    """

    ids: Sequence[str]
    scores: np.ndarray
    targets: np.ndarray
    classes: Sequence[str]


def save_scores(path: PathLike, content: Scores) -> None:
    """Write an ``.npz`` without pickles; it replaces a file of that name only when it is whole."""
    write_npz(path, {'ids': np.asarray(content.ids, dtype=np.str_), 'scores': content.scores,
                     'targets': content.targets.astype(np.uint8),
                     'classes': np.asarray(content.classes, dtype=np.str_)})


def load_scores(path: PathLike) -> Scores:
    """Read what :func:`save_scores` wrote.

    Raises:
        MissingFileError, InputError: for a file that is not there or is no such file.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such file of scores; tools/test.py --dump FILE.npz writes one')
    try:
        with np.load(path, allow_pickle=False) as file:
            content = Scores(file['ids'].tolist(), file['scores'], file['targets'], file['classes'].tolist())
    except Exception as error:  # zip, header and pickle errors alike
        raise InputError(f'{path}: no file of scores ({error}); tools/test.py --dump FILE.npz writes one') from error
    if content.scores.shape != content.targets.shape or content.scores.shape != (len(content.ids),
                                                                               len(content.classes)):
        raise InputError(f'{path}: {len(content.ids)} ids and {len(content.classes)} classes do not fit scores of '
                         f'{content.scores.shape} and targets of {content.targets.shape}')
    return content


def write_class_csv(path: PathLike, content: Scores) -> None:
    """AP of every class: index, name, positives, AP in 0..1 (empty without positives); every row counts."""
    precisions = average_precision(content.scores, content.targets)  # (K,)
    with whole_file(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(('index', 'class', 'positives', 'AP'))
        for index, (name, positives, value) in enumerate(zip(content.classes, content.targets.sum(0), precisions)):
            rows.writerow((index, name, int(positives), '' if np.isnan(value) else f'{value:.6f}'))


def write_submission(path: PathLike, content: Scores) -> None:
    """The text file that ``Charades_v1_classify.m`` reads: a video's id and its K scores a line."""
    with whole_file(path, 'w', encoding='utf-8', newline='\n') as file:
        for name, row in zip(content.ids, content.scores):
            file.write(f'{name} {" ".join(f"{score:.6g}" for score in row)}\n')
