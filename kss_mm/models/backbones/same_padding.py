"""TensorFlow's "SAME" padding: ceil(size / stride) outputs for any input size, the odd zero at the end."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from kss_mm.models.evaluation_cache import transformed


def same_padding(sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int]) -> list[tuple[int, int]]:
    """Zeros before and after each dimension."""
    pads = []
    for size, k, s in zip(sizes, kernel, stride):
        outputs = -(-size // s)
        total = max((outputs - 1) * s + k - size, 0)
        pads.append((total // 2, total - total // 2))
    return pads


def pad_zeros(x: Tensor, pads: Sequence[tuple[int, int]]) -> Tensor:
    """Pad the last dimensions of x; x itself where nothing is to be padded."""
    if not any(before or after for before, after in pads):
        return x
    return F.pad(x, [zeros for pair in reversed(pads) for zeros in pair])


class SameConv3d(nn.Conv3d):
    """3D convolution with SAME padding, copying its input only where the padding is uneven.

    Shapes:
        - **input:** :math:`(B, C_{in}, T, H, W)`
        - **output:** :math:`(B, C_{out}, ceil(T / s_T), ceil(H / s_H), ceil(W / s_W))`
    """

    def forward(self, x: Tensor) -> Tensor:
        pads = same_padding(x.shape[2:], self.kernel_size, self.stride)
        # oneDNN's bfloat16 weight gradients of a padded 3x3x3 convolution over two frames are NaN or 1e36 (torch 2.15,
        # CPU); padded beforehand they are right.
        broken = x.device.type == 'cpu' and x.shape[2] == 2 and pads[0] == (1, 1)
        padding = [before for before, _ in pads]
        if broken or any(before != after for before, after in pads):
            x, padding = pad_zeros(x, pads), 0
        y = F.conv3d(x, self.weight, self.bias, self.stride, padding)
        # For a single small input on the CPU torch takes another algorithm, which leaves channels_last_3d, and whatever
        # follows would do the same.
        return y if x.is_contiguous() else y.contiguous(memory_format=torch.channels_last_3d)


class SameMaxPool3d(nn.MaxPool3d):
    """3D max pooling over SAME-padded zeros, as the released code pools, without a padded copy of its input.

    TensorFlow leaves the padding out of the maximum. Both agree on what comes out of a ReLU, but not on negative
    features, which a lateral connection can make.
    """

    def forward(self, x: Tensor) -> Tensor:
        pads = same_padding(x.shape[2:], self.kernel_size, self.stride)
        # Compiled, a padding copies nothing, and exported it is one operator.
        if torch.compiler.is_compiling() or transformed() or not self._pads_one_window_a_side(pads):
            return super().forward(pad_zeros(x, pads))
        # torch pads with minus infinity, evenly. A window over the end is cut off there, which ceil_mode allows.
        keep = saved_tensors_hooks(partial(_saved, x.data_ptr()), _restored) if x.requires_grad else nullcontext()
        with keep:
            y = F.max_pool3d(x, self.kernel_size, self.stride, [before for before, _ in pads], ceil_mode=True)
        for axis, (before, after) in enumerate(pads, 2):
            for edge in [0] * (before > 0) + [-1] * (after > 0):
                y.select(axis, edge).clamp_(min=0)  # whose windows reach over the padding
        return y

    def _pads_one_window_a_side(self, pads: Sequence[tuple[int, int]]) -> bool:
        """Say if torch's even padding gives as many windows, and only the first and the last reach over it."""
        return all(max(pad) <= stride and (kernel % 2 or stride > 1)
                   for pad, kernel, stride in zip(pads, self.kernel_size, self.stride))


class _Shape(NamedTuple):
    """The part of its input that the backward pass of max pooling reads; torch would keep the input itself.

    Where a lateral connection or a concatenation made the input, nobody else keeps it, and it is large.
    """

    size: torch.Size
    stride: tuple[int, ...]
    options: dict


def _saved(input_address: int, tensor: Tensor) -> Tensor | _Shape:
    # By its address: autograd keeps what a hook refers to.
    if tensor.data_ptr() != input_address:
        return tensor
    return _Shape(tensor.size(), tensor.stride(), dict(dtype=tensor.dtype, device=tensor.device))


def _restored(saved: Tensor | _Shape) -> Tensor:
    """A tensor of that shape, with any numbers in it."""
    return torch.empty_strided(saved.size, saved.stride, **saved.options) if isinstance(saved, _Shape) else saved
