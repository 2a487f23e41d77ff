"""Labels under their own names: in training, validation and test, whatever order a data set has them in."""

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.runner.base_loop import BaseLoop

from kss_mm.checkpoints.stored_counts import KEY, as_record, recorded_counts
from kss_mm.datasets.align_classes import classes_of, leaves, unnamed
from kss_mm.engine.align_loop import align_loop
from kss_mm.engine.check_counts import Reference, check_graph, check_parts, check_sets, training_counts
from kss_mm.engine.model_classes import (
    ModelClasses,
    checkpoint_classes,
    classes_in_evaluation,
    classes_in_training,
    number_of_outputs,
)
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.graph.label_counts import LabelCounts
from kss_mm.models.graph_labels import GraphLabels, graph_labels
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class LabelOrderHook(Hook):
    """Compare the class names of every data set with those of the model, and map labels by name.

    It says when; functions do the work. The model's classes are those of its label graph, else of its checkpoint, else
    of the training set (:mod:`~kss_mm.engine.model_classes`). A data set of the same classes in another order has its
    labels mapped to the model's (:func:`~kss_mm.engine.align_loop.align_loop`), and the log says so; so has one for
    validation or test that lacks some, which then have no positives. One without names, such as MMAction2's list files,
    gets the model's, after the counts of its labels have been compared (:mod:`~kss_mm.engine.check_counts`): of a
    training set with those of the label graph, of others with those of the training set, which checkpoints hold.
    Another set of classes, or another number of them in the head, is an :class:`~kss_mm.errors.InputError`.
    """

    priority = 'HIGHEST'  # before others look at the data sets' metainfo

    def __init__(self):
        self.loaded: tuple[str, ...] | None = None  # the names in the checkpoint that was loaded
        self.checkpoint: dict = {}  # of it, what counts are read from
        self.classes: ModelClasses | None = None  # the model's, once a loop has begun
        self.reference: Reference | None = None  # counts in their order
        self.trained: LabelCounts | None = None  # those of the training set
        self.checked: set[int] = set()  # data sets whose counts have been compared

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        self.loaded, self.classes, self.reference = checkpoint_classes(checkpoint), None, None
        self.checkpoint = {key: checkpoint.get(key) for key in ('meta', 'label_graph')}

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        if self.trained is not None:
            checkpoint['meta'][KEY] = as_record(self.trained)

    def before_train(self, runner: Runner) -> None:
        dataset = runner.train_dataloader.dataset
        without_names, named = unnamed(dataset), classes_of(dataset) is not None
        # MMEngine says nowhere else whether a checkpoint is gone on with or only started from.
        resumes = getattr(runner, '_resume', False)
        self.classes = classes_in_training(runner, self.loaded, resumes)
        align_loop(runner, runner.train_loop, self.classes, 'training set', complete=True)
        names, number = self._names(), self._number(runner)
        self.trained = training_counts(dataset, number)
        graph = graph_labels(unwrap_model(runner))
        if self.trained is not None:
            check_parts(dataset, without_names, 'training set', number, names)
            if graph is not None and graph.counts is not None:
                check_graph(graph.counts, self.trained, names, named=named and not without_names)
            elif resumes:
                self._check(runner, without_names, 'training set')  # with the run's own counts, in the checkpoint
            self.reference = Reference(self.trained, 'the training set')
        if runner.val_loop is not None:  # a mistake there should not wait for the end of an epoch
            self._align(runner, runner.val_loop, 'validation set')

    def before_val(self, runner: Runner) -> None:
        self._evaluates(runner, runner.val_loop, 'validation set')

    def before_test(self, runner: Runner) -> None:
        self._evaluates(runner, runner.test_loop, 'test set')

    def _evaluates(self, runner: Runner, loop: BaseLoop, what: str) -> None:
        if self.classes is None:
            self.classes = classes_in_evaluation(runner, self.loaded, loop.dataloader.dataset)
        self._align(runner, loop, what)

    def _align(self, runner: Runner, loop: BaseLoop, what: str) -> None:
        dataset = loop.dataloader.dataset
        # Where the model's outputs have no names, those of a data set say nothing of its order.
        without_names = unnamed(dataset) if self.classes is not None else list(leaves(dataset))
        align_loop(runner, loop, self.classes, what)
        self._check(runner, without_names, what)

    def _check(self, runner: Runner, sets: list, what: str) -> None:
        sets = [leaf for leaf in sets if id(leaf) not in self.checked]
        self.checked.update(map(id, sets))
        number = self._number(runner)
        if not sets or number is None:
            return
        if self.reference is None:
            self.reference = self._known_counts(runner, number)
        if self.reference is not None:
            check_sets(sets, self.reference, what, self._names())

    def _known_counts(self, runner: Runner, number: int) -> Reference | None:
        """What is known of the labels without their training set."""
        counts = recorded_counts(self.checkpoint, number)
        if counts is not None:
            return Reference(counts, 'the training set that the checkpoint was trained on')
        graph = graph_labels(unwrap_model(runner))
        if graph is None or graph.counts is None or len(graph.classes) != number:
            return None
        return Reference(_in_order_of(graph, self._names()), 'the label graph')

    def _names(self) -> tuple[str, ...] | None:
        return None if self.classes is None else tuple(self.classes.names)

    def _number(self, runner: Runner) -> int | None:
        return number_of_outputs(unwrap_model(runner)) if self.classes is None else len(self.classes.names)


def _in_order_of(graph: GraphLabels, names: tuple[str, ...] | None) -> LabelCounts:
    if names is None or names == graph.classes or set(names) != set(graph.classes):
        return graph.counts
    return graph.counts.placed(np.array([graph.classes.index(name) for name in names]))
