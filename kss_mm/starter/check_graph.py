"""A label graph that was made before: it must not have seen the samples that validate."""

import numpy as np

from kss_mm.errors import InputError, shown
from kss_mm.graph import LabelGraph
from kss_mm.starter.samples import Samples


def check_graph(graph: LabelGraph, name: str, train: Samples, samples: Samples) -> str:
    """Compare a graph's counts with those of the training part and of all samples.

    Returns:
        A line that says what it was counted on.

    Raises:
        InputError: If its labels are others, or its counts are those of all samples: figures of validation would then
            be better than they are.
    """
    if graph.embeddings is None:
        raise InputError(f'{name}: has no label embeddings E(0): build it again with --words')
    if set(graph.classes) != set(samples.classes):
        other = sorted(set(graph.classes) ^ set(samples.classes))[0]
        raise InputError(f'{name}: its labels are not those of the table, such as {shown(other)}')
    order = [samples.classes.index(label) for label in graph.classes]
    counted = None if graph.num_samples is None else np.asarray(graph.num_samples).ravel()

    def same(part: Samples) -> bool:
        return counted is not None and np.array_equal(counted, np.asarray((part.matrix > 0).sum(axis=0)).ravel()[order])

    if same(train):
        return f'label graph: {name}, counted on the training samples'
    if same(samples):
        raise InputError(f'{name}: was counted on all samples of the table, those that validate among them: leave '
                         '--graph out, and it is built from the training part')
    return (f'label graph: {name}; its counts are neither those of the training part nor of the table, so whether it '
            'knows validation samples is yours to know')
