"""Do the label graph, the dataset and the weights to start from name the same classes, in the same order?"""

import logging
from collections.abc import Sequence

import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from kss_mm.engine.model_of import model_of
from kss_mm.errors import InputError
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class LabelOrderHook(Hook):
    """Stops a run whose label graph has other classes than its dataset, or another order of them.

    Their number alone would fit, and the model would train on a graph of the wrong labels without a word. Datasets
    without class names and models without a label graph pass.

    A checkpoint holds the label graph as well as weights. Where training starts from one of other labels
    (``load_from``), the graph of the config stays, and the log says so. Where it starts from a published one and takes
    its graph, the run's checkpoints hold what the published one does. Where the dataset has no class names, they hold
    those of the graph.
    """

    label_graph: dict | None = None

    def before_train(self, runner: Runner) -> None:
        self._check(runner, runner.train_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        self._check(runner, runner.test_dataloader.dataset)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        neck = getattr(model_of(runner), 'neck', None)
        if hasattr(neck, 'awaits_weights'):
            self.label_graph = checkpoint.get('label_graph')
        if not hasattr(neck, 'classes') or getattr(neck, 'awaits_weights', False):
            return
        state = checkpoint.get('state_dict', {})
        own = {f'neck.{name}': value for name, value in neck.named_buffers()}
        theirs = {key: state[key] for key in own if key in state}
        fits = len(theirs) == len(own) and all(theirs[key].shape == own[key].shape for key in own)
        if not theirs or fits and all(torch.allclose(theirs[key].to(own[key]), own[key]) for key in own):
            return
        classes = checkpoint.get('meta', {}).get('dataset_meta', {}).get('classes')
        if fits and (classes is None or list(classes) == list(neck.classes)):
            what = "the label graph of the checkpoint replaces the config's, which differs"
        else:
            for key in theirs:
                del state[key]
            what = (f'the checkpoint is of other labels or another label graph, so {", ".join(own)} stay as the config '
                    'says')
        print_log(what, logger='current', level=logging.WARNING)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        if self.label_graph is not None:
            checkpoint['label_graph'] = self.label_graph
        meta = checkpoint['meta'].get('dataset_meta') or {}
        classes = _graph_classes(runner)
        if classes is not None and not meta.get('classes'):  # MMAction2's list files have no class names
            checkpoint['meta']['dataset_meta'] = {**meta, 'classes': list(classes)}

    def _check(self, runner: Runner, dataset) -> None:
        ours = _graph_classes(runner)
        theirs = getattr(dataset, 'metainfo', {}).get('classes')
        if ours is None or theirs is None or list(ours) == list(theirs):
            return
        at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
        raise InputError(f'the label graph has {len(ours)} classes, the dataset {len(theirs)}, and they differ from '
                         f'number {at} on (counted from 0: {list(ours)[at:at + 1]}, {list(theirs)[at:at + 1]}): build '
                         'the graph from this config by tools/build_label_graph.py')


def _graph_classes(runner: Runner) -> Sequence[str] | None:
    """The classes of the model's label graph; None without one."""
    return getattr(getattr(model_of(runner), 'neck', None), 'classes', None)
