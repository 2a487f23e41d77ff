"""Weights in files of anyone's, and those of one network under the names and shapes of another."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from kss_mm.checkpoints.finite import not_finite
from kss_mm.checkpoints.threshold_logits import rename_all_former
from kss_mm.errors import InputError, shown


def weights_in(content: object, path: str) -> dict[str, Tensor]:
    """The entries of a file of weights by name, with or without ``state_dict`` around and ``module.`` before them.

    Raises:
        InputError: If it holds something else, two entries of one name, or weights that are NaN or infinite.
    """
    if not isinstance(content, Mapping):
        raise InputError(f'{path}: holds a {type(content).__name__}, no weights by name; give a state dict')
    inner = content.get('state_dict')
    state = {}
    for key, value in (inner if isinstance(inner, Mapping) else content).items():
        name = str(key).removeprefix('module.')
        if name in state:
            raise InputError(f'{path}: has {name} twice, with and without module. before it; remove one of them')
        state[name] = value
    rename_all_former(state)
    if bad := not_finite(state):
        raise InputError(f'{path}: {len(bad)} of its weights, {shown(bad[0])} the first, hold NaN or infinity, as a '
                         'training that diverged leaves them; give an earlier checkpoint')
    return state


def match_weights(state: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]],
                  rename: Callable[[str], str | None]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Give every tensor its new name and shape: what found a place, and for the rest, by its own name, why not.

    Shapes fit where they differ by axes of length 1 only, as those of a 1x1x1 convolution and of a linear layer. Of
    two entries for one place the first has it.
    """
    placed, unplaced, sources = {}, {}, {}
    for key, value in state.items():
        name = rename(key)
        if name is None and isinstance(value, Tensor):
            unplaced[key] = 'has no counterpart'
        elif reason := unusable(value, name or ''):
            unplaced[key] = reason
        elif name not in shapes:
            unplaced[key] = f'would be {name}, which is not there'
        elif _without_ones(value.shape) != _without_ones(shapes[name]):
            unplaced[key] = f'has shape {tuple(value.shape)}, {name} has {tuple(shapes[name])}'
        elif name in placed:
            unplaced[key] = f'would be {name}, which {sources[name]} is already'
        else:
            placed[name], sources[name] = value.reshape(shapes[name]), key
    return placed, unplaced


def unusable(value: object, name: str) -> str | None:
    """The reason why a value cannot be the weight of that name, whatever its shape; None if it can.

    Nothing is converted silently: quantised values, for one, mean other numbers than they hold.
    """
    if not isinstance(value, Tensor):
        return f'is not a tensor but of type {type(value).__name__}'
    if value.layout != torch.strided:
        return f'is not a dense tensor but {value.layout}'
    counter = name.endswith('num_batches_tracked')  # the only integers in these networks
    if value.is_floating_point() == counter:
        return f'is of {value.dtype}, {name} {"counts batches" if counter else "needs floating-point numbers"}'
    return None


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [n for n in shape if n != 1]
