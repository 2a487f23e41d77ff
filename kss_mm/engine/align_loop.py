"""The labels of a loop's data set in the order of the model's classes."""

import logging

from mmengine.logging import print_log
from mmengine.runner import Runner
from mmengine.runner.base_loop import BaseLoop

from kss_mm.datasets.align_classes import align_classes, check_label_count, leaves
from kss_mm.engine.model_classes import ModelClasses, number_of_outputs
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError

_TRAINING_REMEDY = ('both must have the same classes; a label graph is built from this config by '
                    'tools/build_label_graph.py')
_EVALUATION_REMEDY = ('name its classes as the model does and leave out others, by classes=[...] of '
                      'kss_mm.CocoMultiLabel or in its annotation file')


def align_loop(runner: Runner, loop: BaseLoop, classes: ModelClasses | None, what: str, *,
               complete: bool = False) -> None:
    """Map the labels of a loop's data set by name, and tell its evaluator and the visualizer the classes.

    Where nothing has names, only the number of labels is compared with that of the head.

    Args:
        classes: The model's.
        what: What the data set is, for messages.
        complete: Whether it must have all of the classes, as for training.

    Raises:
        InputError: For other classes, or another number of them in the head.
    """
    loader, outputs = loop.dataloader, number_of_outputs(unwrap_model(runner))
    if classes is None:
        for leaf in leaves(loader.dataset) if outputs is not None else ():
            check_label_count(leaf, f'the {what}', outputs, 'classes of the head')
        return
    names, source = classes
    if outputs not in (None, len(names)):
        raise InputError(f'the head has num_classes={outputs}, but {source} has {len(names)} classes: set it to '
                         'their number')
    lines = align_classes(loader.dataset, names, source, what=what, complete=complete,
                          remedy=_TRAINING_REMEDY if complete else _EVALUATION_REMEDY)
    for line in lines:
        print_log(line, logger='current', level=logging.WARNING)
    if lines:
        _start_workers_anew(loop)
    meta = {'classes': names, **(getattr(loader.dataset, 'metainfo', None) or {})}
    for viewer in (getattr(loop, 'evaluator', None), getattr(runner, 'visualizer', None)):
        if viewer is not None:
            viewer.dataset_meta = meta


def _start_workers_anew(loop: BaseLoop) -> None:
    """Workers that were started before labels are mapped have a copy of the data set as it was."""
    loader = loop.dataloader
    if getattr(loader, '_iterator', None) is not None:
        loader._iterator = None  # torch keeps persistent workers there
    iterator = getattr(loop, 'dataloader_iterator', None)  # loops by iterations start to load when they are built
    if iterator is not None:
        loop.dataloader_iterator = type(iterator)(loader)
