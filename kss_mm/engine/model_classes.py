"""Classes of a model's outputs, in order: asked of its label graph, checkpoint and data set."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from mmengine.logging import print_log
from mmengine.runner import Runner
from torch import nn

from kss_mm.datasets.align_classes import classes_of
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError, shown
from kss_mm.models.graph_labels import graph_labels
from kss_mm.models.heads.head_of import head_of


class ModelClasses(NamedTuple):
    """Names of the classes in the order of the model's outputs, and their source, for messages."""

    names: tuple[str, ...]
    source: str


def graph_classes(runner: Runner) -> tuple[str, ...] | None:
    """The classes of the model's label graph: the neck's, or that of its head's queries, prior or loss; else None.

    Raises:
        InputError: For two graphs of other labels, or in another order.
    """
    labels = graph_labels(unwrap_model(runner))
    return None if labels is None else tuple(labels.classes)


def checkpoint_classes(checkpoint: dict) -> tuple[str, ...] | None:
    """The class names that a checkpoint of MMEngine, or of MMClassification before it, holds; None without any."""
    meta = checkpoint.get('meta') or {}
    classes = (meta.get('dataset_meta') or {}).get('classes') or meta.get('CLASSES')
    return tuple(map(str, classes)) if isinstance(classes, list | tuple) and classes else None


def number_of_outputs(model: nn.Module) -> int | None:
    """K of the classifier of either host's model; None where it does not say."""
    number = getattr(head_of(model), 'num_classes', None)
    return number if isinstance(number, int) else None


def classes_in_training(runner: Runner, loaded: Sequence[str] | None, resumes: bool) -> ModelClasses | None:
    """The graph's classes; else those of the checkpoint to start from, where they are the training set's in whichever
    order; else the training set's. None where nothing has names.

    Raises:
        InputError: To go on with a run whose labels were others, or in another order than the label graph.
    """
    graph, own = graph_classes(runner), classes_of(runner.train_dataloader.dataset)
    if resumes and loaded and graph and loaded != graph:
        raise InputError(f'the run to resume has {_difference(loaded, graph)} in the label graph: give the graph that '
                         'it was started with, or start a new run (load_from)')
    if graph:
        return ModelClasses(graph, 'the label graph')
    if loaded and (resumes or own is not None and set(own) == set(loaded)):
        return ModelClasses(loaded, 'the checkpoint')
    return own and ModelClasses(own, 'the training set')


def classes_in_evaluation(runner: Runner, loaded: Sequence[str] | None, dataset) -> ModelClasses | None:
    """The checkpoint's classes; without any the graph's, and without a graph the data set's own, which the log tells.

    Raises:
        InputError: For a checkpoint of other labels than the label graph.
    """
    graph = graph_classes(runner)
    if loaded and graph and set(loaded) != set(graph):
        raise InputError(f'the checkpoint has {_difference(loaded, graph)} in the label graph of the config: give the '
                         'config and the graph that it was trained with')
    if loaded:
        return ModelClasses(tuple(loaded), 'the checkpoint')
    own = classes_of(dataset)
    guess = ModelClasses(graph, 'the label graph') if graph else own and ModelClasses(own, 'the data set')
    if guess is not None:
        print_log('no checkpoint with class names was loaded, so the outputs of the model are taken to be in the order '
                  f'of {guess.source}', logger='current', level=logging.WARNING)
    return guess


def _difference(loaded: Sequence[str], graph: Sequence[str]) -> str:
    at = next((i for i, pair in enumerate(zip(loaded, graph)) if pair[0] != pair[1]), min(len(loaded), len(graph)))
    return (f'{len(loaded)} classes, the label graph {len(graph)}, and number {at} (counted from 0) is '
            f'{shown(list(loaded)[at:at + 1])}, {shown(list(graph)[at:at + 1])}')
