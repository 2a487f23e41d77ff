"""The head of a model, whose name differs between the hosts."""

from mmengine.config import ConfigDict
from torch import nn


def head_of(model: nn.Module | ConfigDict) -> nn.Module | ConfigDict | None:
    """The ``cls_head`` of MMAction2's models or the ``head`` of MMPretrain's, or its config; None without one."""
    return getattr(model, 'cls_head', None) or getattr(model, 'head', None)
