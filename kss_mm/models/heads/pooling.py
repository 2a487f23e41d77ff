"""Pooling over pairs of frames, as the head of the published Inception-I3D does it."""

import torch
from torch import Tensor

from kss_mm.errors import InputError

PAIRS = 'avg_pairs'


def mean_of_pairs(x: Tensor) -> Tensor:
    r"""Mean of all windows of two frames, which counts the first and the last frame half.

    .. math::
        \frac{1}{T - 1} \sum_{t=1}^{T-1} \frac{x_t + x_{t+1}}{2}

    The published Inception-I3D pools by AvgPool3d([2, 7, 7], stride 1), classifies every window and takes the mean over
    time, which for a linear classifier is the same. One frame is its own mean.

    Shapes:
        - **input:** :math:`(B, C, T, H, W)`
        - **output:** :math:`(B, C)`, at least float32
    """
    if x.ndim != 5:
        raise InputError(f'pool={PAIRS!r} is for features of videos, (B, C, T, H, W), got {tuple(x.shape)}')
    frames = x.mean((3, 4), dtype=torch.promote_types(x.dtype, torch.float32))  # (B, C, T)
    if frames.shape[2] > 1:
        frames = (frames[..., 1:] + frames[..., :-1]) / 2  # (B, C, T - 1)
    return frames.mean(2)
