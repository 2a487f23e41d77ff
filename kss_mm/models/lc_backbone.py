"""Lateral connections on a backbone, without touching it: the arrows from GCN to CNN in the paper's Figure 2."""

from collections.abc import Sequence

from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.inception_i3d import InceptionI3d
from kss_mm.models.lateral import LateralConnection
from kss_mm.registry import MODELS


class Laterals(nn.ModuleList):
    """The lateral connections of a backbone, shallow to deep, and the label embeddings that they inject now.

    The embeddings are fed before the backbone runs. They stay until the next feeding, because gradient checkpointing
    runs the backbone's stages again during the backward pass.
    """

    embeddings: Sequence[Tensor] | None = None

    def feed(self, embeddings: Sequence[Tensor]) -> None:
        """Set the embeddings, one (K, C) per connection."""
        if len(embeddings) != len(self):
            raise InputError(f'{len(self)} lateral connections need as many label embeddings, got {len(embeddings)}')
        self.embeddings = tuple(embeddings)

    def __getstate__(self) -> dict:
        # A copy (EMA, pickling) is fed anew; tensors inside an autograd graph could not be copied anyway.
        return {name: value for name, value in self.__dict__.items() if name != 'embeddings'}


class _Hook:
    """Rewrites the output of a tapped module.

    An object, not a closure: copying a model copies the object, and with it leads to the copied connections.
    """

    def __init__(self, laterals: Laterals, index: int):
        self.laterals = laterals
        self.index = index

    def __call__(self, module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        if self.laterals.embeddings is None:
            raise InputError('this backbone has lateral connections and needs label embeddings: use it in a '
                             'kss_mm.KSSNet, or call backbone.laterals.feed(embeddings) first')
        return self.laterals[self.index](output, self.laterals.embeddings[self.index])


def inject(backbone: nn.Module, taps: Sequence[str], channels: Sequence[int], num_classes: int, *,
           zero_init: bool = True) -> None:
    """Attach one :class:`LateralConnection` to each tapped submodule; its output becomes y of eq. 7.

    The connections become ``backbone.laterals``. No other key of the backbone's state dict changes, so its
    pretrained weights load as before.

    Args:
        taps: Names of submodules, shallow to deep, each returning one (B, C, ...) tensor.
        channels: Channels C at each tap.

    Raises:
        InputError: for a tap that is no submodule, or another number of channels than taps.
    """
    if len(taps) != len(channels):
        raise InputError(f'taps={tuple(taps)} and channels={tuple(channels)} must have the same length')
    modules = dict(backbone.named_modules())
    for tap in taps:
        if tap not in modules:
            raise InputError(f'tap {tap!r} is no submodule of {type(backbone).__name__}; it has '
                             f'{", ".join(name for name, _ in backbone.named_children())}')
    laterals = Laterals(LateralConnection(c, num_classes, zero_init=zero_init) for c in channels)
    for index, tap in enumerate(taps):
        modules[tap].register_forward_hook(_Hook(laterals, index))
    backbone.laterals = laterals


@MODELS.register_module()
def LCBackbone(backbone: dict, taps: Sequence[str], channels: Sequence[int], num_classes: int, *,
               zero_init: bool = True) -> nn.Module:
    """Build any registered backbone, with lateral connections at its submodules ``taps``; see :func:`inject`.

    The result is the host's own object: same class, same keys, plus ``laterals``.
    """
    built = MODELS.build(backbone)
    inject(built, taps, channels, num_classes, zero_init=zero_init)
    return built


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
                 in_channels: int = 3, channels_last: bool = False, init_cfg: dict | None = None):
        super().__init__(ends, width=width, in_channels=in_channels, channels_last=channels_last, init_cfg=init_cfg)
        inject(self, taps, [self.stage_channels.get(tap, 0) for tap in taps], num_classes, zero_init=zero_init)


def laterals_of(backbone: nn.Module) -> Laterals | None:
    """The backbone's lateral connections; None where it has none."""
    laterals = getattr(backbone, 'laterals', None)
    return laterals if isinstance(laterals, Laterals) else None

