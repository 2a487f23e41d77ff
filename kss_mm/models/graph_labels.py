"""The labels of the label graphs that the parts of a model were made from: all in one order."""

from typing import NamedTuple

from torch import nn

from kss_mm.errors import InputError, shown
from kss_mm.graph import LabelGraph
from kss_mm.graph.label_counts import LabelCounts

#: Where a module keeps those of its graph, and of the graph of its prior probabilities.
ATTRIBUTES = {'graph_labels': '', 'prior_labels': '.prior'}


class GraphLabels(NamedTuple):
    """Names of the labels of a graph, and the counts that it was made from, None where they are not known."""

    classes: tuple[str, ...]
    counts: LabelCounts | None

    def __deepcopy__(self, memo: dict) -> 'GraphLabels':
        return self  # averages of a model share it


def labels_of(graph: LabelGraph) -> GraphLabels:
    """The labels of a graph."""
    counts = None if graph.counts is None else LabelCounts(graph.num_samples, graph.total, graph.counts)
    return GraphLabels(graph.classes, counts)


def graph_labels(model: nn.Module) -> GraphLabels | None:
    """The labels of the graphs of all parts of a model, of the first that has counts; None without a graph.

    Raises:
        InputError: For two parts with graphs of other labels, or of the same in another order, naming both.
    """
    found = {f'{name}{suffix}'.lstrip('.') or 'the model': labels for name, module in model.named_modules()
             for attribute, suffix in ATTRIBUTES.items() if (labels := getattr(module, attribute, None)) is not None}
    first = next(iter(found), None)
    for name, labels in found.items():
        if labels.classes != found[first].classes:
            raise InputError(_difference(first, found[first].classes, name, labels.classes))
    return next((labels for labels in found.values() if labels.counts is not None), found.get(first))


def _difference(first: str, names: tuple[str, ...], second: str, others: tuple[str, ...]) -> str:
    at = next((at for at, pair in enumerate(zip(names, others)) if pair[0] != pair[1]), min(len(names), len(others)))
    return (f'the label graphs of {first} ({len(names)} labels) and of {second} ({len(others)}) have other labels, or '
            f'in another order: number {at} (counted from 0) is {shown(list(names[at:at + 1]))} and '
            f'{shown(list(others[at:at + 1]))}; give both the same graph')
