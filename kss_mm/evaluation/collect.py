"""Collect the results of single samples into those of a data set, for all metrics."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from mmengine.logging import print_log

from kss_mm.errors import InputError
from kss_mm.evaluation.match_classes import unnamed_classes
from kss_mm.evaluation.score_files import Scores, unknown_note
from kss_mm.sample_ids import repeated


class Result(NamedTuple):
    """A sample's id, or None; its scores, logits (or None) and targets (0, 1, or -1 for unknown), each (K,)."""

    id: str | None
    scores: np.ndarray
    logits: np.ndarray | None
    targets: np.ndarray


def collect(results: Sequence[tuple], meta: dict | None) -> Scores:
    """All results together; logits only where every sample has them.

    Args:
        results: :class:`Result` of every sample.
        meta: ``metainfo`` of the data set, in which the names of the classes are.

    Raises:
        InputError: Where the data set names another number of classes.
    """
    results = [Result(*result) for result in results]  # MMEngine makes plain tuples of them
    ids = [str(row) if result.id is None else result.id for row, result in enumerate(results)]
    unnamed = sum(result.id is None for result in results)
    if unnamed:
        print_log(f'{unnamed} of {len(ids)} samples have no name, so that their ids are numbers: where '
                  "they have files, add dict(type='kss_mm.SampleIdHook') to custom_hooks", logger='current')
    if note := repeated(ids):
        print_log(f'{note}: each of them counts', logger='current', level=logging.WARNING)
    scores, targets = (np.stack([getattr(result, name) for result in results]) for name in ('scores', 'targets'))
    if note := unknown_note(targets):
        print_log(note, logger='current')
    known = all(result.logits is not None for result in results)
    logits = np.stack([result.logits for result in results]) if known else None  # (N, K)
    return Scores(ids, scores, targets, _class_names(meta, scores.shape[1]), logits)


def _class_names(meta: dict | None, number: int) -> list[str]:
    classes = (meta or {}).get('classes')
    if not classes:
        print_log(f'the dataset has no class names, so tables and score files call the classes 0..{number - 1}: set '
                  'metainfo=dict(classes=[...]) in the dataset', logger='current')
        return unnamed_classes(number)
    if len(classes) != number:
        raise InputError(f'the dataset names {len(classes)} classes, and the head gives {number} scores: set '
                         'num_classes of the head to that number, and build the label graph from this dataset')
    return list(classes)
