"""The layout of features and weights in memory that convolutions prefer: channels last."""

import torch
from torch import nn

# By the axes of features or weights: images, videos.
MEMORY_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


def weights_channels_last(backbone: nn.Module) -> None:
    """Give the weights of a backbone this layout; one of ours then keeps its features in it, too."""
    for parameter in backbone.parameters():
        if parameter.ndim in MEMORY_FORMATS:
            parameter.data = parameter.data.contiguous(memory_format=MEMORY_FORMATS[parameter.ndim])
    if hasattr(backbone, 'memory_format'):
        backbone.memory_format = torch.channels_last_3d
