"""Comparison of label orders by counts: of a label graph, of the training set, and of sets without class names."""

import logging
import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from mmengine.logging import print_log

from kss_mm.datasets.align_classes import leaves
from kss_mm.datasets.label_counts import label_counts, leaf_counts
from kss_mm.errors import InputError, shown
from kss_mm.graph.label_counts import LabelCounts
from kss_mm.graph.same_order import Order, compare_order

_REMEDY = 'build the graph from this config by tools/build_label_graph.py'
_NAMES = "its class names, metainfo=dict(classes=[...]) or classes='names.txt'"
# How many labels a message tells of.
_TOLD = 3


class Reference(NamedTuple):
    """Counts in the order of a model's outputs, and whose they are, for messages."""

    counts: LabelCounts
    source: str


def check_graph(graph: LabelCounts, counts: LabelCounts, classes: Sequence[str], *, named: bool) -> None:
    """Compare the samples of each label that a label graph was counted from with those of the training set.

    Other counts are told in the log: a graph counted on validation or test samples as well knows their labels.

    Args:
        graph: The graph's.
        counts: The training set's, in the order of ``classes``, the graph's.
        named: Whether the training set has class names, which have been compared.

    Raises:
        InputError: Where names are missing, for a graph whose labels are in another order than the data set's, by
            :func:`~kss_mm.graph.same_order.compare_order`.
    """
    order, labels = compare_order(counts, graph)
    if order is Order.EQUAL or named and order is Order.PERMUTED and np.array_equal(counts.samples, graph.samples):
        return
    differ = [label for label in labels if counts.samples[label] != graph.samples[label]]
    tied = bool(labels) and not differ
    at = differ or labels or np.flatnonzero(counts.samples != graph.samples).tolist()
    what = '; '.join(f"label {label} (counted from 0), {shown(classes[label])} in the label graph, is carried by "
                     f"{_amount(graph, label, tied)} of the graph's {graph.total} samples and by "
                     f"{_amount(counts, label, tied)} of the training set's {counts.total}"
                     for label in sorted(at[:_TOLD] if labels else at[:1]))
    if not named and order in (Order.PERMUTED, Order.OTHER):
        how = 'the same counts' if order is Order.PERMUTED else 'counts that fit'
        raise InputError(f'the label graph and the training set, which has no class names, have {how} in another order '
                         f'only: {what}; {_REMEDY}, or give the data set {_NAMES}')
    doubt = '' if named else ' The training set has no class names, so the order of its labels cannot be compared.'
    if not named and order is Order.EXCHANGED:
        doubt = (' The training set has no class names, and these labels look as if they were exchanged: give it '
                 f'{_NAMES}.')
    print_log(f'the label graph was not counted on this training set: {what}. Where its samples include those of '
              f'validation or test, their labels leak into training; if so, {_REMEDY}.{doubt}', logger='current',
              level=logging.WARNING)


def check_sets(sets: Sequence, reference: Reference, what: str, classes: Sequence[str] | None) -> None:
    """Compare data sets without class names with what is known of the labels of a model.

    A permutation of labels that are equally frequent cannot be seen, nor one in a set of few samples.

    Args:
        sets: Data sets without wrappers.
        what: What they are, for messages.
        classes: Names of the labels, where they are known.

    Raises:
        InputError: For one whose labels are in another order, naming labels and counts. Where only some look as if they
            were exchanged, a warning says so.
    """
    for leaf in sets:
        counts = leaf_counts(leaf, len(reference.counts.samples))
        if counts is not None:
            _check_set(counts, reference, f'the {what}{_file_of(leaf)}', classes)


def check_parts(dataset, unnamed: Sequence, what: str, number: int, classes: Sequence[str] | None) -> None:
    """Compare each data set without names within a wrapper with the others there; errors as :func:`check_sets`."""
    members = list(leaves(dataset))
    if len(members) < 2 or not unnamed:
        return
    counted = [leaf_counts(leaf, number) for leaf in members]
    if any(counts is None for counts in counted):
        return
    named = [counts for leaf, counts in zip(members, counted) if not any(leaf is other for other in unnamed)]
    largest = max(named or counted, key=lambda counts: counts.total)
    for leaf, counts in zip(members, counted):
        if counts is not largest and any(leaf is other for other in unnamed):
            reference = Reference(largest, f'another part of the {what}')
            _check_set(counts, reference, f'the {what}{_file_of(leaf)}', classes)


def training_counts(dataset, number: int | None) -> LabelCounts | None:
    """The counts of a training set, in the order of the model's ``number`` classes; None where none can be counted."""
    return None if number is None else label_counts(dataset, range(number))


def _check_set(counts: LabelCounts, reference: Reference, name: str, classes: Sequence[str] | None) -> None:
    order, labels = compare_order(counts, reference.counts)
    if order in (Order.EQUAL, Order.UNKNOWN):
        return
    theirs = reference.counts
    tied = all(counts.samples[label] == theirs.samples[label] for label in labels)
    told = '; '.join(f'label {label} (counted from 0){f", {shown(classes[label])}," if classes else ""} is carried by '
                     f'{_amount(counts, label, tied)} of its {counts.total} samples and by '
                     f'{_amount(theirs, label, tied)} of the {theirs.total} of {reference.source}'
                     for label in sorted(labels[:_TOLD]))
    if order is Order.EXCHANGED:
        print_log(f'{name}, which has no class names, has labels that look as if they were exchanged: {told}. If they '
                  f'are, write them in the order of {reference.source}; if not, give it {_NAMES}', logger='current',
                  level=logging.WARNING)
        return
    raise InputError(f'{name}, which has no class names, has its labels in another order than {reference.source}: '
                     f'{told}; write them in that order, or give it {_NAMES}')


def _amount(counts: LabelCounts, label: int, tied: bool) -> str:
    """Samples of a label; where labels are equally frequent what tells them apart, too."""
    return str(counts.samples[label]) + (f' (beside {counts.others[label]} other labels)' if tied else '')


def _file_of(leaf) -> str:
    file = getattr(leaf, 'ann_file', None)
    return f' ({os.path.basename(file)})' if isinstance(file, str) and file else ''
