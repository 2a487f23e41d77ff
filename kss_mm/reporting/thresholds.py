"""From which score on a label is predicted: of every class, from a model, a table, or one number for all."""

import csv
import os
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.evaluation.match_classes import columns_by_name
from kss_mm.evaluation.score_files import Scores
from kss_mm.evaluation.thresholds import DEFAULT_THRESHOLD
from kss_mm.files import PathLike
from kss_mm.numeric import check_number

_COLUMNS = ('class', 'threshold')


class Thresholds(NamedTuple):
    """Thresholds of K classes.

    Args:
        values: (K,) on the scale of ``Scores.ranking``: logits or probabilities.
        probabilities: (K,) the same as probabilities.
        source: Where they come from, in words.
        own: True where each class may have another one.
    """

    values: np.ndarray
    probabilities: np.ndarray
    source: str
    own: bool


def default_thresholds(content: Scores) -> Thresholds:
    """One half for every class, as ML-GCN's protocol has it."""
    return _of_probabilities(content, np.full(len(content.classes), DEFAULT_THRESHOLD),
                             f'{DEFAULT_THRESHOLD} for every class', own=False)


def given_thresholds(content: Scores, path: PathLike, given: float | PathLike) -> Thresholds:
    """One probability for all classes, or a ``.csv`` with the columns class and threshold, probabilities, by name.

    Raises:
        MissingFileError, InputError: Naming the file and its row or class.
    """
    if (number := _number(given)) is not None:
        check_number('thresholds', number, 0, 1)
        return _of_probabilities(content, np.full(len(content.classes), number), f'{number:g} for every class',
                                 own=False)
    table = _read_table(given)
    order, _ = columns_by_name(list(table), content.classes, of=str(given), scores=str(path),
                               remedy='give each class of the scores one row')
    values = np.empty(len(order))
    values[order] = list(table.values())
    return _of_probabilities(content, values, f'that of its class in {os.path.basename(given)}', own=True)


def stored_thresholds(content: Scores, path: PathLike, model: PathLike) -> tuple[Thresholds, list[str]]:
    """Those in a checkpoint, mapped by class name, and what was taken for granted.

    Raises:
        UserError: If it is none with our head, or of other classes.
    """
    from kss_mm.checkpoints.stored_thresholds import thresholds_in  # torch

    stored = thresholds_in(os.fspath(model))
    order, notes = columns_by_name(stored.classes, content.classes, of=str(model), scores=str(path))
    if len(order) != len(stored.logits):
        raise InputError(f'{path}: has {len(order)} classes, the head of {model} has {len(stored.logits)}: give the '
                         'scores of this checkpoint')
    logits, probabilities = np.empty_like(stored.logits), np.empty_like(stored.probabilities)
    logits[order], probabilities[order] = stored.logits, stored.probabilities
    values = logits if content.are_logits else probabilities
    return Thresholds(values, probabilities, f'that of its class in {os.path.basename(model)}', own=True), notes


def _number(given: float | PathLike) -> float | None:
    """A number, also one that came as a text; None for the name of a file."""
    try:
        return float(given)
    except (TypeError, ValueError):
        return None


def _of_probabilities(content: Scores, probabilities: np.ndarray, source: str, *, own: bool) -> Thresholds:
    with np.errstate(divide='ignore'):
        values = logit(probabilities) if content.are_logits else probabilities
    return Thresholds(values, probabilities, source, own)


def _read_table(path: PathLike) -> dict[str, float]:
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such table of thresholds; give a number in 0..1 or a .csv with the columns '
                               'class,threshold')
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            rows = list(csv.reader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f'{path}: no table of thresholds ({error}); write a .csv with the columns class,threshold'
                         ) from error
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != _COLUMNS:
        raise InputError(f'{path}: begins with {shown(rows[0] if rows else "")}, and must with class,threshold')
    table: dict[str, float] = {}
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        if len(row) != len(_COLUMNS) or row[0] in table:
            raise InputError(f'{path}: row {number} is {shown(row)}, and must be one class and its threshold, each '
                             'class once')
        try:
            table[row[0]] = float(row[1])
        except ValueError:
            table[row[0]] = np.nan
        if not 0 <= table[row[0]] <= 1:
            raise InputError(f'{path}: row {number}: the threshold of {shown(row[0])} is {shown(row[1])}, and must be '
                             'a probability in 0..1')
    return table


def as_probabilities(content: Scores) -> np.ndarray:
    """(N, K) probabilities of kept scores; NaN for samples without a prediction."""
    scores = np.asarray(content.scores, np.float64)
    missing = np.isneginf(scores)
    if content.are_logits and content.logits is None:
        scores = expit(scores)
    return np.where(missing, np.nan, scores)
