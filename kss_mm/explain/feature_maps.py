"""Features of any layout as heat maps over time, height and width."""

from collections.abc import Sequence
from math import isqrt

import numpy as np
from torch import Tensor


def as_map(values: Tensor, grid: Sequence[int] | None = None) -> np.ndarray | None:
    """One number a position as (T', H', W'); None where the places of the positions are not known.

    Shapes:
        - **values:** :math:`(1, T', H', W')` of a 3D network, :math:`(T', H', W')` of a 2D network, to which frames are
          a batch, or the tokens of a transformer, :math:`(T', L)`, with a class token before them or without

    Args:
        grid: Sizes of the axes that tokens were made from; by default those of a square.
    """
    if values.ndim == 2:
        tokens = values.shape[1]
        if grid is None:
            side = isqrt(tokens)
            grid = (side, side)
        positions = int(np.prod(grid))
        if tokens - positions not in (0, 1):  # a class token
            return None
        values = values[:, tokens - positions:].unflatten(1, tuple(grid))
    if values.ndim == 4 and len(values) == 1:
        values = values[0]
    return values.detach().float().cpu().numpy() if values.ndim == 3 else None


def grid_beside(output: object) -> tuple[int, ...] | None:
    """The sizes that a transformer's block returns beside its tokens, as Swin and MViT do."""
    if isinstance(output, tuple | list) and len(output) == 2 and isinstance(output[1], tuple | list):
        if all(isinstance(size, int) for size in output[1]):
            return tuple(output[1])
    return None
