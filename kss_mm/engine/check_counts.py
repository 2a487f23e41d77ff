"""Comparison of a label graph's counts with the training set: its samples, and where names are missing its order."""

import logging
from collections.abc import Sequence

import numpy as np
from mmengine.logging import print_log
from torch import nn

from kss_mm.datasets.label_counts import label_counts
from kss_mm.errors import InputError, shown
from kss_mm.graph.same_order import Order, compare_order

_REMEDY = 'build the graph from this config by tools/build_label_graph.py'


def check_counts(neck: nn.Module, dataset, classes: Sequence[str], *, named: bool) -> None:
    """Compare the samples of each label that a label graph was counted from with those of the training set.

    Other counts are told in the log: a graph counted on validation or test samples as well knows their labels.

    Args:
        neck: The label encoder; without ``num_samples`` nothing is compared.
        dataset: The training set, its labels in the order of ``classes``, the graph's.
        named: Whether the training set has class names, which have been compared.

    Raises:
        InputError: Where names are missing, for a graph whose labels are in another order than the data set's, by
            :func:`~kss_mm.graph.same_order.compare_order`.
    """
    theirs = getattr(neck, 'num_samples', None)
    found = None if theirs is None else label_counts(dataset, classes)
    if found is None:
        return
    (ours, total), theirs = found, np.asarray(theirs)
    order = compare_order(ours, total, theirs, neck.total)
    if order is Order.EQUAL:
        return
    at = int(np.flatnonzero(ours != theirs)[0])
    what = (f'label {at} (counted from 0), {shown(classes[at])} in the label graph, is carried by {theirs[at]} of the '
            f"graph's {neck.total} samples and by {ours[at]} of the training set's {total}")
    if not named and order in (Order.PERMUTED, Order.OTHER):
        how = 'the same counts' if order is Order.PERMUTED else 'counts that fit'
        raise InputError(f'the label graph and the training set, which has no class names, have {how} in another order '
                         f'only: {what}; {_REMEDY}, or give the dataset its names, metainfo=dict(classes=[...])')
    doubt = '' if named else ' The training set has no class names, so the order of its labels cannot be compared.'
    print_log(f'the label graph was not counted on this training set: {what}. Where its samples include those of '
              f'validation or test, their labels leak into training; if so, {_REMEDY}.{doubt}', logger='current',
              level=logging.WARNING)
