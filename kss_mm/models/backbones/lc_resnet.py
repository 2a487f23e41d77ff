"""The image backbone: MMPretrain's ResNets with lateral connections."""

from collections.abc import Sequence

from mmpretrain.models.backbones import ResNet, ResNetV1d, ResNeXt, SEResNet
from torch import nn

from kss_mm.errors import InputError
from kss_mm.models.laterals.lc_backbone import inject
from kss_mm.registry import MODELS

# The paper's res2, res3 and res4, which take E1, E2 and E3; E4 is the classifier.
TAPS = ('layer1', 'layer2', 'layer3')


class _WithLaterals:
    """Base of the networks below, before a ResNet of MMPretrain; the keys of its state dict stay."""

    def __init__(self, num_classes: int, taps: Sequence[str] = TAPS, *, lateral: dict | None = None,
                 zero_init: bool = True, **kwargs):
        super().__init__(**kwargs)
        inject(self, taps, [_out_channels(self, tap) for tap in taps], num_classes, lateral=lateral,
               zero_init=zero_init)


def _out_channels(resnet: ResNet, tap: str) -> int:
    """Channels at a tap: a stage is a sequence of blocks, and a block knows its width, whatever the variant."""
    module = dict(resnet.named_modules()).get(tap)
    channels = getattr(module[-1] if isinstance(module, nn.Sequential) else module, 'out_channels', None)
    if channels is None:
        raise InputError(f'tap {tap!r} is neither a stage of {type(resnet).__name__} ({", ".join(resnet.res_layers)}) '
                         'nor a block of one, such as layer3.5')
    return channels


@MODELS.register_module()
class LCResNet(_WithLaterals, ResNet):
    """ResNet with lateral connections where the paper has them.

    ``LCResNetV1d``, ``LCResNeXt`` and ``LCSEResNet`` are the same on MMPretrain's variants; for any other backbone
    see :func:`~kss_mm.models.LCBackbone`. Checkpoints of the plain networks load, MMPretrain's and torchvision's.

    Shapes:
        - **input:** images :math:`(B, 3, H, W)`; label embeddings are fed to ``laterals``
        - **output:** a tuple of feature maps, by default of the last stage: :math:`(B, C, H/32, W/32)`

    Args:
        num_classes: Number of labels K.
        taps: Stages (or blocks, such as 'layer3.5') whose output is rewritten. GCN variants with fewer layers drop
            the first ones (Table 4).
        lateral: Options of all connections, such as ``dict(squash='softmax')``.
        zero_init: See :class:`~kss_mm.models.LateralConnection`.
        kwargs: Arguments of MMPretrain's ResNet, ``depth`` and all others.
    """


@MODELS.register_module()
class LCResNetV1d(_WithLaterals, ResNetV1d):
    """MMPretrain's ResNetV1d as :class:`LCResNet`."""


@MODELS.register_module()
class LCResNeXt(_WithLaterals, ResNeXt):
    """MMPretrain's ResNeXt as :class:`LCResNet`."""


@MODELS.register_module()
class LCSEResNet(_WithLaterals, SEResNet):
    """MMPretrain's SEResNet as :class:`LCResNet`."""
