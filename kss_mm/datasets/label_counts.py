"""Numbers of samples that carry each label, from the annotations of a data set alone."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import torch

from kss_mm.datasets.align_classes import leaves
from kss_mm.datasets.transforms.keep_positives import KeepPositives
from kss_mm.datasets.transforms.map_labels import MapLabels
from kss_mm.errors import InputError, shown
from kss_mm.graph import cooccurrence
from kss_mm.graph.label_counts import LabelCounts
from kss_mm.graph.statistics import label_matrix

# A data set whose first so many samples have a bare number for a label has one label a sample.
_ENOUGH = 1000
#: Where the annotations of the hosts' data sets hold labels.
KEYS = ('gt_label', 'label')


def label_counts(dataset, classes: Sequence[str]) -> LabelCounts | None:
    """Samples with each of ``classes``, and with each two; wrappers that repeat samples do not count.

    Args:
        dataset: One whose labels have been aligned (:func:`~kss_mm.datasets.align_classes.align_classes`).

    Returns:
        None where samples have no label that can be counted, or all have a single one, as a label graph is of
        multi-label data.

    Raises:
        InputError: For an index outside the classes, naming the sample.
    """
    parts = [leaf_counts(leaf, len(classes)) for leaf in leaves(dataset)]
    return reduce(LabelCounts.joined, parts) if parts and None not in parts else None


def leaf_counts(leaf, number: int) -> LabelCounts | None:
    """The same of one data set without wrappers, of ``number`` classes."""
    if not hasattr(leaf, 'get_data_info') or getattr(leaf, 'multi_class', None) is False:  # MMAction2's for one label
        return None
    places, rows, several = _places(leaf, number), [], False
    reducing = [step for step in getattr(getattr(leaf, 'pipeline', None), 'transforms', None) or ()
                if isinstance(step, KeepPositives)]
    for index in range(len(leaf)):
        info = leaf.get_data_info(index)
        for step in reducing:
            info = step(info)
        label = label_of(info)
        if label is None or index >= _ENOUGH and not several:
            return None
        several = several or not isinstance(label, int | np.integer)
        labels = label_indices(label)
        if labels.size and not 0 <= labels[0] <= labels[-1] < len(places):
            raise InputError(f'sample {index} (counted from 0) of {getattr(leaf, "ann_file", "a data set")} has '
                             f'the label {shown(labels.tolist())}, but there are {len(places)} classes')
        rows.append(places[labels])
    if not several:
        return None
    pairs = cooccurrence(label_matrix(rows, number))
    return LabelCounts(pairs.diagonal().astype(np.int64), len(rows), pairs)


def _places(leaf, number: int) -> np.ndarray:
    """The places of a data set's annotated labels among the classes: its pipeline maps them after they are read."""
    places = np.arange(number)
    transforms = getattr(getattr(leaf, 'pipeline', None), 'transforms', None) or ()
    for mapping in reversed([transform for transform in transforms if isinstance(transform, MapLabels)]):
        places = places[mapping.places]
    return places


def label_of(info: dict):
    """The label in what a host's data set knows of a sample; None without one."""
    return next((info[key] for key in KEYS if info.get(key) is not None), None)


def label_indices(label) -> np.ndarray:
    """Different label indices, ascending, from the forms that both hosts use in annotations."""
    values = label.numpy() if isinstance(label, torch.Tensor) else np.asarray(
        list(label) if isinstance(label, set | frozenset) else label)
    numbers = values.dtype.kind in 'fb' and values.size
    return np.flatnonzero(values > 0) if numbers else np.unique(values.astype(np.int64))
