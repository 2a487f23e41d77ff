"""The video backbone of the paper: Inception-I3D (Figure 2 has its block, "Inc."), plain and with laterals."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.backbones.same_padding import SameConv3d, SameMaxPool3d
from kss_mm.models.laterals.lc_backbone import inject
from kss_mm.numeric import check_number
from kss_mm.registry import MODELS

# TensorFlow's I3D, and the released KSSNet after it.
BN_EPS = 1e-3
BN_MOMENTUM = 0.01

# Width of each block's branches: 1x1 | reduce, 3x3 | reduce, 3x3 | pool, 1x1 (I3D paper, Figure 3; the 5b's "b2"
# widths follow the published network).
_INCEPTION_WIDTHS = {
    'Mixed_3b': (64, 96, 128, 16, 32, 32),
    'Mixed_3c': (128, 128, 192, 32, 96, 64),
    'Mixed_4b': (192, 96, 208, 16, 48, 64),
    'Mixed_4c': (160, 112, 224, 24, 64, 64),
    'Mixed_4d': (128, 128, 256, 24, 64, 64),
    'Mixed_4e': (112, 144, 288, 32, 64, 64),
    'Mixed_4f': (256, 160, 320, 32, 128, 128),
    'Mixed_5b': (256, 160, 320, 32, 128, 128),
    'Mixed_5c': (384, 192, 384, 48, 128, 128),
}


class ConvBNReLU3d(nn.Sequential):
    """Convolution with SAME padding, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 1, stride: int = 1):
        super().__init__()
        self.add_module('conv', SameConv3d(in_channels, out_channels, kernel_size, stride, bias=False))
        self.add_module('bn', nn.BatchNorm3d(out_channels, eps=BN_EPS))
        self.add_module('relu', nn.ReLU(inplace=True))


class InceptionBlock(nn.Module):
    r"""Four parallel branches, concatenated over channels (I3D paper, Figure 3).

    Shapes:
        - **input:** :math:`(B, C, T, H, W)`
        - **output:** :math:`(B, w_0 + w_2 + w_4 + w_5, T, H, W)`
    """

    def __init__(self, in_channels: int, widths: Sequence[int]):
        super().__init__()
        one, reduce_a, three_a, reduce_b, three_b, pool = widths
        self.b0 = ConvBNReLU3d(in_channels, one)
        self.b1a = ConvBNReLU3d(in_channels, reduce_a)
        self.b1b = ConvBNReLU3d(reduce_a, three_a, 3)
        self.b2a = ConvBNReLU3d(in_channels, reduce_b)
        self.b2b = ConvBNReLU3d(reduce_b, three_b, 3)
        self.b3a = SameMaxPool3d((3, 3, 3), (1, 1, 1))
        self.b3b = ConvBNReLU3d(in_channels, pool)
        self.out_channels = one + three_a + three_b + pool

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), self.b3b(self.b3a(x))], dim=1)


@MODELS.register_module()
class InceptionI3d(BaseModule):
    r"""Inception-v1 inflated to 3D (Carreira and Zisserman, "Quo Vadis, Action Recognition?", CVPR 2017).

    Its stages carry the names of the published network's end points, from ``Conv3d_1a_7x7`` to ``Mixed_5c``, as
    submodules and in ``ends``.

    Shapes:
        - **input:** :math:`(B, C, T, H, W)`, any size
        - **output:** of ``Mixed_5c``: :math:`(B, 1024, ceil(T/8), ceil(H/32), ceil(W/32))`; a tuple, one feature an
          end, where several ends are asked for

    Args:
        ends: Names of the stages to return; the stages after the last of them are not built.
        width: Factor on all channels, for small data and small machines; 1 is the published network.
        channels_last: Keep features in torch's channels_last_3d layout, which CPU convolutions prefer.
        bn_momentum: Share of the newest batch in the running statistics that evaluation normalises with. The published
            one follows the weights over hundreds of steps; where a training has no more than that, take 0.1.

    Raises:
        InputError: For an end that is not the name of a stage, or a width that is not positive.
    """

    def __init__(self, ends: Sequence[str] = ('Mixed_5c',), *, width: float = 1., in_channels: int = 3,
                 channels_last: bool = False, bn_momentum: float = BN_MOMENTUM, init_cfg: dict | None = None):
        super().__init__(init_cfg)
        check_number('width', width, 0, without=0)
        if bn_momentum is not None:
            check_number('bn_momentum', bn_momentum, 0, 1)
        stages, channels = _make_stages(in_channels, width)
        ends = (ends,) if isinstance(ends, str) else tuple(ends)
        unknown = [end for end in ends if end not in stages]
        if unknown or not ends:
            raise InputError(f'ends={ends}: each must be one of {", ".join(stages)}')
        self.ends = ends
        names = list(stages)
        last = max(names.index(end) for end in ends)
        self.stages = names[:last + 1]
        for name in self.stages:
            self.add_module(name, stages[name])
        self.stage_channels = {name: channels[name] for name in self.stages}
        for module in self.modules():
            if isinstance(module, nn.BatchNorm3d):
                module.momentum = bn_momentum
        self.memory_format = torch.channels_last_3d if channels_last else torch.contiguous_format
        self.to(memory_format=self.memory_format)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        features = {}
        x = x.contiguous(memory_format=self.memory_format)
        for name in self.stages:
            x = getattr(self, name)(x)  # (B, C, T, H, W)
            if name in self.ends:
                features[name] = x
        return features[self.ends[0]] if len(self.ends) == 1 else tuple(features[end] for end in self.ends)


@MODELS.register_module()
class LCInceptionI3d(InceptionI3d):
    """Inception-I3D with lateral connections where the paper's Figure 2 has them.

    Shapes:
        - **input:** videos :math:`(B, C, T, H, W)`; label embeddings are fed to ``laterals``
        - **output:** as :class:`InceptionI3d`

    Args:
        num_classes: Number of labels K.
        taps: Stages whose output is rewritten. GCN variants with fewer layers drop the first ones (Table 4).
        lateral: Options of all connections, such as ``dict(squash='softmax')``.
        zero_init: See :class:`LateralConnection`.
    """

    def __init__(self, num_classes: int, taps: Sequence[str] = ('Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f'), *,
                 lateral: dict | None = None, zero_init: bool = True, ends: Sequence[str] = ('Mixed_5c',),
                 width: float = 1., in_channels: int = 3, channels_last: bool = False, bn_momentum: float = BN_MOMENTUM,
                 init_cfg: dict | None = None):
        super().__init__(ends, width=width, in_channels=in_channels, channels_last=channels_last,
                         bn_momentum=bn_momentum, init_cfg=init_cfg)
        for tap in taps:
            if tap not in self.stage_channels:
                raise InputError(f'tap {tap!r} is not a stage of Inception-I3D, which has '
                                 f'{", ".join(self.stage_channels)}')
        inject(self, taps, [self.stage_channels[tap] for tap in taps], num_classes, lateral=lateral,
               zero_init=zero_init)


def _make_stages(in_channels: int, width: float) -> tuple[dict[str, nn.Module], dict[str, int]]:
    """All stages in order, and the channels that each returns."""
    def scaled(channels: int) -> int:
        return max(1, round(channels * width))

    stages: dict[str, nn.Module] = {}
    channels: dict[str, int] = {}

    def add(name: str, stage: nn.Module, out: int) -> int:
        stages[name], channels[name] = stage, out
        return out

    c = add('Conv3d_1a_7x7', ConvBNReLU3d(in_channels, scaled(64), 7, 2), scaled(64))
    add('MaxPool3d_2a_3x3', SameMaxPool3d((1, 3, 3), (1, 2, 2)), c)
    c = add('Conv3d_2b_1x1', ConvBNReLU3d(c, scaled(64)), scaled(64))
    c = add('Conv3d_2c_3x3', ConvBNReLU3d(c, scaled(192), 3), scaled(192))
    add('MaxPool3d_3a_3x3', SameMaxPool3d((1, 3, 3), (1, 2, 2)), c)
    for name, widths in _INCEPTION_WIDTHS.items():
        if name == 'Mixed_4b':
            add('MaxPool3d_4a_3x3', SameMaxPool3d((3, 3, 3), (2, 2, 2)), c)
        elif name == 'Mixed_5b':
            add('MaxPool3d_5a_2x2', SameMaxPool3d((2, 2, 2), (2, 2, 2)), c)
        block = InceptionBlock(c, [scaled(w) for w in widths])
        c = add(name, block, block.out_channels)
    return stages, channels
