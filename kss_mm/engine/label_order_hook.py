"""Do the label graph and the dataset name the same classes, in the same order?"""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from kss_mm.errors import InputError
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class LabelOrderHook(Hook):
    """Stops a run whose label graph has other classes than its dataset, or another order of them.

    Their number alone would fit, and the model would train on a graph of the wrong labels without a word. Datasets
    without class names and models without a label graph pass.
    """

    def before_train(self, runner: Runner) -> None:
        self._check(runner, runner.train_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        self._check(runner, runner.test_dataloader.dataset)

    def _check(self, runner: Runner, dataset) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        ours = getattr(getattr(model, 'neck', None), 'classes', None)
        theirs = getattr(dataset, 'metainfo', {}).get('classes')
        if ours is None or theirs is None or list(ours) == list(theirs):
            return
        at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
        raise InputError(f'the label graph has {len(ours)} classes, the dataset {len(theirs)}, and they differ from '
                         f'number {at} on (counted from 0: {list(ours)[at:at + 1]}, {list(theirs)[at:at + 1]}): build '
                         'the graph from this config by tools/build_label_graph.py')
