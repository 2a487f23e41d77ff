"""The memory layout that convolutions prefer, for any backbone of either host."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.models.memory_format import MEMORY_FORMATS, weights_channels_last
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Keep features and weights of the backbone in torch's channels_last layout, 2D or 3D.

    Convolutions are faster in it on GPUs in mixed precision and, for videos, on CPUs. Results change by rounding only,
    and checkpoints not at all.
    """

    def before_train(self, runner: Runner) -> None:
        keep_channels_last(unwrap_model(runner).backbone)

    before_val = before_test = before_train


def keep_channels_last(backbone: nn.Module) -> None:
    """Change the layout of a backbone's weights, and from now on that of its input; a second call changes nothing."""
    weights_channels_last(backbone)
    ours = hasattr(backbone, 'memory_format')  # sees to its input itself
    if not ours and all(hook is not _input_channels_last for hook in backbone._forward_pre_hooks.values()):
        backbone.register_forward_pre_hook(_input_channels_last)


def _input_channels_last(backbone: nn.Module, args: tuple) -> tuple:
    x, *others = args
    return x.contiguous(memory_format=MEMORY_FORMATS.get(x.ndim, torch.contiguous_format)), *others
