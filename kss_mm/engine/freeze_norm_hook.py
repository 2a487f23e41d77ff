"""Frozen statistics of batch normalisation, for training with few samples a batch."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm

from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class FreezeNormHook(Hook):
    """``custom_hooks=[dict(type='kss_mm.FreezeNormHook')]`` normalises by the statistics that the weights came with.

    Published Charades figures are of such training: a batch of a few long clips says little about means and variances.
    Scales and shifts of the normalisation still learn. It needs weights to start from; of a network from scratch the
    statistics are zeros and ones.

    Args:
        part: Which part of the model, such as 'backbone' or 'backbone.layer1'.

    Raises:
        InputError: If that part is not in the model, or has no batch normalisation.
    """

    def __init__(self, part: str = 'backbone'):
        self.part = part

    def before_train(self, runner: Runner) -> None:
        self._freeze(runner)

    # Validation and the start of an epoch put the model into training mode anew.
    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        self._freeze(runner)

    def _freeze(self, runner: Runner) -> None:
        try:
            part = unwrap_model(runner).get_submodule(self.part)
        except AttributeError as error:
            raise InputError(f'FreezeNormHook: part={self.part!r} is not a part of the model ({error})') from error
        norms = [module for module in part.modules() if isinstance(module, _BatchNorm)]
        if not norms:
            raise InputError(f'FreezeNormHook: {self.part} has no batch normalisation; remove the hook')
        for norm in norms:
            norm.eval()
