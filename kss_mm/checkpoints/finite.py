"""Weights that hold NaN or infinity: no model comes of them, and mAP would still look like one."""

from collections.abc import Mapping

import torch
from torch import Tensor


def not_finite(state_dict: Mapping[str, object]) -> list[str]:
    """Names of the floating-point tensors of a state dict that hold NaN or infinity."""
    return [name for name, value in state_dict.items()
            if isinstance(value, Tensor) and value.is_floating_point() and value.layout == torch.strided
            and not torch.isfinite(value).all()]
