"""The video backbone of the paper: Inception-I3D with lateral connections."""

from collections.abc import Sequence

from kss_mm.errors import InputError
from kss_mm.models.backbones.inception_i3d import BN_MOMENTUM, InceptionI3d
from kss_mm.models.laterals.lc_backbone import inject
from kss_mm.registry import MODELS


@MODELS.register_module()
class LCInceptionI3d(InceptionI3d):
    """Inception-I3D with lateral connections where the paper's Figure 2 has them.

    Shapes:
        - **input:** videos :math:`(B, C, T, H, W)`; label embeddings are fed to ``laterals``
        - **output:** as :class:`InceptionI3d`

    Args:
        num_classes: Number of labels K.
        taps: Stages whose output is rewritten. GCN variants with fewer layers drop the first ones (Table 4).
        zero_init: See :class:`LateralConnection`.
    """

    def __init__(self, num_classes: int, taps: Sequence[str] = ('Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f'), *,
                 zero_init: bool = True, ends: Sequence[str] = ('Mixed_5c',), width: float = 1.,
                 in_channels: int = 3, channels_last: bool = False, bn_momentum: float = BN_MOMENTUM,
                 init_cfg: dict | None = None):
        super().__init__(ends, width=width, in_channels=in_channels, channels_last=channels_last,
                         bn_momentum=bn_momentum, init_cfg=init_cfg)
        for tap in taps:
            if tap not in self.stage_channels:
                raise InputError(f'tap {tap!r} is no stage of Inception-I3D, which has '
                                 f'{", ".join(self.stage_channels)}')
        inject(self, taps, [self.stage_channels[tap] for tap in taps], num_classes, zero_init=zero_init)
