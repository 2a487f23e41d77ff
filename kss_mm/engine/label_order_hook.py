"""Labels under their own names: in training, validation and test, whatever order a data set has them in."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.runner.base_loop import BaseLoop

from kss_mm.datasets.align_classes import classes_of
from kss_mm.engine.align_loop import align_loop
from kss_mm.engine.check_counts import check_counts
from kss_mm.engine.model_classes import (
    ModelClasses,
    checkpoint_classes,
    classes_in_evaluation,
    classes_in_training,
)
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class LabelOrderHook(Hook):
    """Compare the class names of every data set with those of the model, and map labels by name.

    It says when; three functions do the work. The model's classes are those of its label graph, else of its
    checkpoint, else of the training set (:mod:`~kss_mm.engine.model_classes`). A data set of the same classes in
    another order has its labels mapped to the model's (:func:`~kss_mm.engine.align_loop.align_loop`), and the log says
    so; so has one for validation or test that lacks some, which then have no positives. One without names, such as
    MMAction2's list files, gets the model's, after the counts of its labels have been compared with those of the label
    graph (:func:`~kss_mm.engine.check_counts.check_counts`). Another set of classes, or another number of them in the
    head, is an :class:`~kss_mm.errors.InputError`.
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
        align_loop(runner, runner.train_loop, self.classes, 'training set', complete=True)
        if self.classes is not None:
            check_counts(getattr(unwrap_model(runner), 'neck', None), dataset, self.classes.names, named=named)
        if runner.val_loop is not None:  # a mistake there should not wait for the end of an epoch
            align_loop(runner, runner.val_loop, self.classes, 'validation set')

    def before_val(self, runner: Runner) -> None:
        self._evaluates(runner, runner.val_loop, 'validation set')

    def before_test(self, runner: Runner) -> None:
        self._evaluates(runner, runner.test_loop, 'test set')

    def _evaluates(self, runner: Runner, loop: BaseLoop, what: str) -> None:
        if self.classes is None:
            self.classes = classes_in_evaluation(runner, self.loaded, loop.dataloader.dataset)
        align_loop(runner, loop, self.classes, what)
