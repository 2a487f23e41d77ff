"""Choice of the label graph after a checkpoint was loaded."""

import logging

import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from mmengine.runner.base_loop import BaseLoop

from kss_mm.engine.model_classes import checkpoint_classes, graph_classes
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class LabelGraphStartHook(Hook):
    """Decide which label graph a model has after a checkpoint was loaded, and say so where they differ.

    A checkpoint holds the label graph as well as weights. Where training starts from one of other labels
    (``load_from``), or in another order, the graph of the config stays. In all other cases that of the checkpoint
    replaces it.
    """

    priority = 'HIGH'  # before EMAHook copies what is left to its average

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        neck = getattr(unwrap_model(runner), 'neck', None)
        if not hasattr(neck, 'classes') or getattr(neck, 'awaits_weights', False):
            return
        state = checkpoint.get('state_dict', {})
        own = {f'neck.{name}': value for name, value in neck.named_buffers()}
        theirs = {key: state[key] for key in own if key in state}
        fits = len(theirs) == len(own) and all(theirs[key].shape == own[key].shape for key in own)
        if not theirs or fits and all(torch.allclose(theirs[key].to(own[key]), own[key]) for key in own):
            return
        classes, ours = checkpoint_classes(checkpoint), graph_classes(runner)
        if fits and (classes in (None, ours) or not _starts(runner)):
            what = "the label graph of the checkpoint replaces the config's, which differs"
        else:
            for key in theirs:
                del state[key]
            what = (f'the checkpoint is of other labels or another label graph, so {", ".join(own)} stay as the config '
                    'says')
            if fits and set(classes or ()) == set(ours):
                what += ('; its classes are those of the graph in another order, so what else it has for each label '
                         'starts under the name of another')
        print_log(what, logger='current', level=logging.WARNING)


def _starts(runner: Runner) -> bool:
    """Say if a new training run starts from the checkpoint, and does not go on or evaluate.

    MMEngine has built the training loop by then only in order to train.
    """
    return isinstance(runner._train_loop, BaseLoop) and not runner._resume
