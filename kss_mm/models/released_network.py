"""The network of KSSNet's released code: its sizes, and the names and shapes of all its entries."""

import torch
from torch import nn

from kss_mm.checkpoints.released_keys import BACKBONE, ours_to_released, released_shape
from kss_mm.models.backbones.inception_i3d import LCInceptionI3d
from kss_mm.models.necks.label_gcn import GraphConv

# Width of its word vectors; its tapped stages; their channels and those of the pooled features.
RELEASED_WORDS = 300
RELEASED_TAPS = ('Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f')
RELEASED_CHANNELS = (192, 480, 832, 1024)


def released_shapes(num_classes: int, words: int = RELEASED_WORDS) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all entries of the released network, read off the same network of ours."""
    widths = (words, *RELEASED_CHANNELS)
    with torch.device('meta'):  # shapes only, no memory
        parts = {BACKBONE: LCInceptionI3d(num_classes, RELEASED_TAPS),
                 'neck.layers.': nn.ModuleList(GraphConv(a, b, rank='auto', bias=True)
                                               for a, b in zip(widths, widths[1:])),
                 'cls_head.classifier.fc.': nn.Linear(RELEASED_CHANNELS[-1], num_classes)}
    ours = {prefix + key: tuple(value.shape) for prefix, part in parts.items()
            for key, value in part.state_dict().items()}
    return {name: released_shape(name, shape) for name, shape in zip(map(ours_to_released, ours), ours.values())}
