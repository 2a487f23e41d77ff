"""Files that an evaluation leaves behind: scores to evaluate again, AP by class, the Charades submission."""

import csv
import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.evaluation.functional import average_precision
from kss_mm.files import PathLike, whole_file
from kss_mm.graph.archive import read_npz, write_npz
from kss_mm.graph.unknown import UNKNOWN

_WRITER = 'tools/test.py --dump FILE.npz writes one'
# So many digits tell any two numbers of a type apart.
_DIGITS = {np.dtype(np.float32): 9}
_ALL_DIGITS = 17


class Scores(NamedTuple):
    """Predictions and true labels of a data set.

    Shapes:
        - **ids:** N names
        - **scores, targets:** :math:`(N, K)`; a target is 0, 1, or -1 for unknown
        - **classes:** K names
        - **logits:** :math:`(N, K)`, the log-odds of the scores; None where they are not known

    A row of -inf is a sample without a prediction.
    """

    ids: Sequence[str]
    scores: np.ndarray
    targets: np.ndarray
    classes: Sequence[str]
    logits: np.ndarray | None = None

    @property
    def ranking(self) -> np.ndarray:
        """Values to rank samples and labels by, (N, K): probabilities that round to 1 would tie."""
        return self.scores if self.logits is None else self.logits

    @property
    def are_logits(self) -> bool:
        """True where ``ranking`` holds logits, also the scores of MMAction2's heads with ``average_clips='score'``."""
        finite = self.ranking[np.isfinite(self.ranking)]
        return self.logits is not None or bool(finite.size and not 0 <= finite.min() <= finite.max() <= 1)


def save_scores(path: PathLike, content: Scores) -> None:
    """Write an ``.npz`` without pickles; it replaces a file of that name only when it is whole."""
    targets = np.asarray(content.targets)
    write_npz(path, {'ids': np.asarray(content.ids, dtype=np.str_), 'scores': content.scores,
                     **({} if content.logits is None else {'logits': content.logits}),
                     'targets': targets.astype(np.int8 if (targets < 0).any() else np.uint8),
                     'classes': np.asarray(content.classes, dtype=np.str_)})


def load_scores(path: PathLike) -> Scores:
    """Read what :func:`save_scores` wrote.

    Raises:
        MissingFileError, InputError: Naming the file, if it is not there, no such file, or holds what no evaluation
            gives.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such file of scores; {_WRITER}')
    try:
        arrays = read_npz(path)
        ids, scores, targets, classes = (arrays[name] for name in ('ids', 'scores', 'targets', 'classes'))
    except KeyError as error:
        raise InputError(f'{path}: no file of scores, it has no {error}; {_WRITER}') from error
    except ValueError as error:
        raise InputError(f'{path}: no file of scores ({error}); {_WRITER}') from error
    for name, values in (('ids', ids), ('classes', classes)):
        if values.dtype.kind != 'U' or values.ndim != 1:
            raise InputError(f'{path}: {name} must be a list of names, got {_form(values)}')
    logits = arrays.get('logits')
    for name, values in (('scores', scores), ('logits', logits), ('targets', targets)):
        if values is None:
            continue
        if values.dtype.kind not in 'fiub':
            raise InputError(f'{path}: {name} must be numbers, got {_form(values)}')
        if values.shape != (len(ids), len(classes)) or not values.size:
            raise InputError(f'{path}: {len(ids)} ids and {len(classes)} classes do not fit {name} of shape '
                             f'{values.shape}')
    for name, values in (('scores', scores), ('logits', logits)):
        if values is not None:
            _refuse(path, name, np.isnan(values) | np.isposinf(values), values, ids, 'a number; -inf stands for none')
    _refuse(path, 'targets', ~np.isin(targets, (0, 1, UNKNOWN)), targets, ids, f'0 or 1, or {UNKNOWN} for unknown')
    return Scores(ids.tolist(), scores, targets, classes.tolist(), logits)


def _refuse(path: PathLike, name: str, wrong: np.ndarray, values: np.ndarray, ids: np.ndarray, wanted: str) -> None:
    if wrong.any():
        row, label = np.argwhere(wrong)[0]
        raise InputError(f'{path}: {name} of sample {shown(str(ids[row]))}, label {label} is {values[row, label]}, it '
                         f'must be {wanted}')


def _form(values: np.ndarray) -> str:
    return f'shape {values.shape} of type {values.dtype}'


def unknown_note(targets: np.ndarray) -> str | None:
    """How many targets are unknown, in words; None where all are known."""
    unknown = int((np.asarray(targets) < 0).sum())
    return f'{unknown:,} of {np.size(targets):,} true labels are unknown (-1) and do not count' if unknown else None


def write_class_csv(path: PathLike, content: Scores) -> None:
    """AP of every class: index, name, positives, AP in 0..1 (empty without positives); every known row counts."""
    precisions = average_precision(content.ranking, content.targets)  # (K,)
    counts = (np.asarray(content.targets) > 0).sum(axis=0)
    with whole_file(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(('index', 'class', 'positives', 'AP'))
        for index, (name, positives, value) in enumerate(zip(content.classes, counts, precisions)):
            rows.writerow((index, name, int(positives), '' if np.isnan(value) else f'{value:.6f}'))


def write_submission(path: PathLike, content: Scores) -> None:
    """The text file that ``Charades_v1_classify.m`` reads: a video's id and its K scores a line.

    The scores are logits where they are known: the protocol only ranks them.

    Raises:
        InputError: For an id with a blank in it, which that program would take for two columns.
    """
    for name in content.ids:
        if not name or name.split() != [name]:
            raise InputError(f'{path}: not written, the id {shown(name)} has blanks in it, and the submission has one '
                             'word for each video: rename the file')
    ranking = content.ranking
    digits = _DIGITS.get(ranking.dtype, _ALL_DIGITS)
    with whole_file(path, 'w', encoding='utf-8', newline='\n') as file:
        for name, row in zip(content.ids, ranking.tolist()):
            file.write(f'{name} {" ".join(f"{score:.{digits}g}" for score in row)}\n')
