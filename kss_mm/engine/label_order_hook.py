"""Labels under their own names: in training, validation and test, whatever order a data set has them in."""

import logging

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from mmengine.runner.base_loop import BaseLoop

from kss_mm.datasets.align_classes import align_classes, check_number, classes_of, leaves
from kss_mm.engine.check_counts import check_counts
from kss_mm.engine.model_classes import (
    ModelClasses,
    checkpoint_classes,
    classes_in_evaluation,
    classes_in_training,
    number_of_outputs,
)
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError
from kss_mm.registry import HOOKS

_TRAINING_REMEDY = ('both must have the same classes; a label graph is built from this config by '
                    'tools/build_label_graph.py')
_EVALUATION_REMEDY = ('name its classes as the model does and leave out others, by classes=[...] of '
                      'kss_mm.CocoMultiLabel or in its annotation file')


@HOOKS.register_module()
class LabelOrderHook(Hook):
    """Compares the class names of every data set with those of the model, and maps labels by name.

    The model's classes are those of its label graph, else of its checkpoint, else of the training set
    (:mod:`~kss_mm.engine.model_classes`). A data set of the same classes in another order has its labels mapped to the
    model's (:class:`~kss_mm.datasets.transforms.map_labels.MapLabels`), and the log says so; so has one for validation
    or test that lacks some, which then have no positives. One without names, such as MMAction2's list files, gets the
    model's, after the counts of its labels have been compared with those of the label graph. Another set of classes,
    or another number of them in the head, is an :class:`~kss_mm.errors.InputError`.
    """

    priority = 'HIGHEST'  # before others look at the data sets' metainfo

    def __init__(self):
        self.loaded: tuple[str, ...] | None = None  # the names in the checkpoint that was loaded
        self.classes: ModelClasses | None = None  # the model's, once a loop has begun

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        self.loaded, self.classes = checkpoint_classes(checkpoint), None

    def before_train(self, runner: Runner) -> None:
        dataset = runner.train_dataloader.dataset
        named = classes_of(dataset) is not None
        # MMEngine says nowhere else whether a checkpoint is gone on with or only started from.
        resumes = getattr(runner, '_resume', False)
        self.classes = classes_in_training(runner, self.loaded, resumes)
        self._align(runner, runner.train_loop, 'training set')
        if self.classes is not None:
            check_counts(getattr(unwrap_model(runner), 'neck', None), dataset, self.classes.names, named=named)
        if runner.val_loop is not None:  # a mistake there should not wait for the end of an epoch
            self._align(runner, runner.val_loop, 'validation set')

    def before_val(self, runner: Runner) -> None:
        self._evaluates(runner, runner.val_loop, 'validation set')

    def before_test(self, runner: Runner) -> None:
        self._evaluates(runner, runner.test_loop, 'test set')

    def _evaluates(self, runner: Runner, loop: BaseLoop, what: str) -> None:
        if self.classes is None:
            self.classes = classes_in_evaluation(runner, self.loaded, loop.dataloader.dataset)
            if self.loaded is None and self.classes is not None:
                print_log(f'no checkpoint with class names was loaded, so the outputs of the model are taken to be in '
                          f'the order of {self.classes.source}', logger='current', level=logging.WARNING)
        self._align(runner, loop, what)

    def _align(self, runner: Runner, loop: BaseLoop, what: str) -> None:
        loader, outputs = loop.dataloader, number_of_outputs(unwrap_model(runner))
        if self.classes is None:
            for leaf in leaves(loader.dataset) if outputs is not None else ():
                check_number(leaf, f'the {what}', outputs, 'classes of the head')
            return
        names, source = self.classes
        if outputs not in (None, len(names)):
            raise InputError(f'the head has num_classes={outputs}, but {source} has {len(names)} classes: set it to '
                             'their number')
        training = what == 'training set'
        lines = align_classes(loader.dataset, names, source, what=what, complete=training,
                              remedy=_TRAINING_REMEDY if training else _EVALUATION_REMEDY)
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
