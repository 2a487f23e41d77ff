"""TensorFlow's "SAME" padding: ceil(size / stride) outputs for any input size, the odd zero at the end."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


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
        if not broken and all(before == after for before, after in pads):
            return F.conv3d(x, self.weight, self.bias, self.stride, [before for before, _ in pads])
        return F.conv3d(pad_zeros(x, pads), self.weight, self.bias, self.stride)


class SameMaxPool3d(nn.MaxPool3d):
    """3D max pooling over SAME-padded zeros, as the released code pools.

    TensorFlow leaves the padding out of the maximum. Both agree on what comes out of a ReLU, but not on negative
    features, which a lateral connection can make.
    """

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_zeros(x, same_padding(x.shape[2:], self.kernel_size, self.stride)))
