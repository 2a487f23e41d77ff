"""Float32 where it counts: the numbers of a classifier, also under autocast and in half precision."""

from contextlib import nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def wide_type(x: Tensor) -> torch.dtype:
    return torch.promote_types(x.dtype, torch.float32)


def wide(x: Tensor) -> Tensor:
    """A tensor in float32 at least."""
    return x.to(wide_type(x))


def linear(layer: nn.Module, x: Tensor) -> Tensor:
    """``layer(x)`` in the precision of x, also where a whole network has been put into half precision."""
    weight = layer.weight
    if not isinstance(weight, Tensor) or weight.dtype == x.dtype:
        return layer(x)
    return F.linear(x, weight.to(x.dtype), layer.bias.to(x.dtype))


def wide_linear(layer: nn.Module, x: Tensor) -> Tensor:
    """``layer(x)`` in float32 at least, also under autocast."""
    with without_autocast(x.device.type):
        return linear(layer, wide(x))


def fast_linear(layer: nn.Module, x: Tensor) -> Tensor:
    """``layer(x)`` in the precision of autocast, or without it in that of the layer."""
    weight = layer.weight
    if not isinstance(weight, Tensor) or torch.is_autocast_enabled(x.device.type):
        return layer(x)
    return layer(x.to(weight.dtype))


def wide_norm(layer: nn.LayerNorm, x: Tensor) -> Tensor:
    """``layer(x)`` in float32 at least."""
    x = wide(x)
    return F.layer_norm(x, layer.normalized_shape, layer.weight.to(x.dtype), layer.bias.to(x.dtype), layer.eps)


def without_autocast(device: str):
    # Entered only where there is something to leave: exported networks know no such context.
    return torch.autocast(device, enabled=False) if torch.is_autocast_enabled(device) else nullcontext()
