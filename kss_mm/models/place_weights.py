"""Weights of one network under the names and shapes of another."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from kss_mm.models import GraphConv, LCInceptionI3d
from kss_mm.models.released_keys import BACKBONE, ours_to_released, released_shape

# The released network: width of its word vectors; channels of the tapped stages and of the pooled features.
RELEASED_WORDS = 300
RELEASED_CHANNELS = (192, 480, 832, 1024)


def place(state: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]],
          rename: Callable[[str], str | None]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Give every tensor its new name and shape: what found a place, and for the rest, by its own name, why not.

    Shapes fit where they differ by axes of length 1 only, as those of a 1x1x1 convolution and of a linear layer.
    """
    placed, unplaced = {}, {}
    for key, value in state.items():
        name = rename(key)
        if not isinstance(value, Tensor):
            unplaced[key] = f'is no tensor but of type {type(value).__name__}'
        elif name is None:
            unplaced[key] = 'has no counterpart'
        elif name not in shapes:
            unplaced[key] = f'would be {name}, which is not there'
        elif _without_ones(value.shape) != _without_ones(shapes[name]):
            unplaced[key] = f'has shape {tuple(value.shape)}, {name} has {tuple(shapes[name])}'
        else:
            placed[name] = value.reshape(shapes[name])
    return placed, unplaced


def released_shapes(num_classes: int, words: int = RELEASED_WORDS) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all entries of the released network, read off the same network of ours."""
    widths = (words, *RELEASED_CHANNELS)
    with torch.device('meta'):  # shapes only, no memory
        parts = {BACKBONE: LCInceptionI3d(num_classes),
                 'neck.layers.': nn.ModuleList(GraphConv(a, b, rank='auto', bias=True)
                                               for a, b in zip(widths, widths[1:])),
                 'cls_head.classifier.fc.': nn.Linear(RELEASED_CHANNELS[-1], num_classes)}
    ours = {prefix + key: tuple(value.shape) for prefix, part in parts.items()
            for key, value in part.state_dict().items()}
    return {name: released_shape(name, shape) for name, shape in zip(map(ours_to_released, ours), ours.values())}


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [n for n in shape if n != 1]
