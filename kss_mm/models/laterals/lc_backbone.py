"""Attachment of lateral connections to any backbone, whose own keys and code stay as they are."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from kss_mm.errors import InputError, shown
from kss_mm.models.laterals.lateral import InjectionHook, LateralConnection, Laterals
from kss_mm.models.laterals.taps import find_channels
from kss_mm.registry import MODELS

# What may be chosen of LateralConnection from outside; the rest goes by taps.
_OPTIONS = ('squash', 'cosine', 'gate')


def inject(backbone: nn.Module, taps: Sequence[str], channels: Sequence[int], num_classes: int, *,
           layouts: Sequence[str | None] | None = None, lateral: dict | None = None, zero_init: bool = True) -> None:
    """Attach one :class:`LateralConnection` to each tapped submodule; its output becomes y of eq. 7.

    The connections become ``backbone.laterals``. No other key of the backbone's state dict changes, so its
    pretrained weights load as before, strictly too.

    Args:
        taps: Names of submodules, shallow to deep, each returning a feature, alone or first in a tuple or list. One
            that is called several times in a forward pass is rewritten at each call.
        channels: Channels C at each tap.
        layouts: See :class:`LateralConnection`, one for each tap; None for all None.
        lateral: Its options ``squash``, ``cosine`` and ``gate``.

    Raises:
        InputError: For a tap that is not a submodule, another number of channels or layouts than taps, or a backbone
            that has connections already.
    """
    _require_plain(backbone)
    modules = [_submodule(backbone, tap) for tap in taps]
    layouts = [None] * len(modules) if layouts is None else layouts
    for name, values in (('layout', layouts), ('channels', channels)):
        if len(values) != len(modules):
            raise InputError(f'taps={tuple(taps)} and {name}={tuple(values)} must have the same length')
    laterals = Laterals(LateralConnection(c, num_classes, layout=layout, zero_init=zero_init, **_options(lateral))
                        for c, layout in zip(channels, layouts))
    laterals.register_load_state_dict_post_hook(_forgive_plain_weights)
    for index, module in enumerate(modules):
        module.register_forward_hook(InjectionHook(laterals, index))
    backbone.laterals = laterals


def _options(lateral: dict | None) -> dict:
    options = dict(lateral or {})
    if unknown := options.keys() - _OPTIONS:
        raise InputError(f'lateral={shown(lateral)}: {shown(min(unknown))} is not an option of lateral connections, '
                         f'which are {", ".join(_OPTIONS)}')
    return options


def _forgive_plain_weights(laterals: Laterals, keys: NamedTuple) -> None:
    """Weights without any lateral connection are those of the plain backbone: nothing is missing in them.

    Hosts load pretrained weights strictly in places. Weights with some of the connections are reported as they are.
    """
    own = tuple(f'laterals.{key}' for key in laterals.state_dict())
    missing = [key for key in keys.missing_keys if key.endswith(own)]
    if len(missing) == len(own):
        keys.missing_keys[:] = [key for key in keys.missing_keys if key not in missing]


def _require_plain(backbone: nn.Module) -> None:
    if hasattr(backbone, 'laterals'):
        raise InputError(f'{type(backbone).__name__} has an attribute laterals already: name all taps in one place')
    if getattr(backbone, 'no_custom_backward', True) is False:  # MMPretrain's RevVisionTransformer
        raise InputError(f'{type(backbone).__name__} computes its backward pass itself, without lateral connections: '
                         'set no_custom_backward=True')


def _submodule(backbone: nn.Module, tap: str) -> nn.Module:
    try:
        module = backbone.get_submodule(tap) if tap else None
    except AttributeError:
        module = None
    if module is None:
        raise InputError(f'tap {tap!r} is not a submodule of {type(backbone).__name__}; it has '
                         f'{", ".join(name for name, _ in backbone.named_children())}')
    if isinstance(module, _BatchNorm):
        raise InputError(f'tap {tap!r} is a batch normalisation, which the conversion to SyncBN would replace, and the '
                         'lateral connection with it: tap the module around it')
    return module


def with_scope(backbone: dict) -> dict:
    """A backbone's config in the scope of its prefix: it builds parts of its host without one.

    Ours have none of their own to build, so what stands inside of them keeps the scope of the whole config.
    """
    name = backbone.get('type')
    scope = name.rpartition('.')[0] if isinstance(name, str) else ''
    return {**backbone, '_scope_': scope} if scope not in ('', MODELS.scope) else backbone


@MODELS.register_module()
def LCBackbone(backbone: dict, taps: Sequence[str], *, num_classes: int, channels: Sequence[int] | None = None,
               layout: str | Sequence[str | None] | None = None, input_shape: Sequence[int] | None = None,
               lateral: dict | None = None, zero_init: bool = True) -> nn.Module:
    """Build any registered backbone, with lateral connections at its submodules ``taps``; see :func:`inject`.

    The result is the host's own object: same class, same keys, plus ``laterals``.

    Args:
        backbone: Config of a backbone of either host, such as ``dict(type='mmaction.ResNet3dSlowOnly', ...)``.
        taps: Names of its submodules, shallow to deep. With gradient checkpointing tap a stage or a whole block, not
            what is inside of the part that runs again.
        channels: Channels at each tap; None finds them by one forward pass of a small input, which also finds out
            whether every tap is called.
        layout: 'channels_first' or 'channels_last', of all taps or one for each. None takes tokens (B, L, C) for
            channels last; other features for channels first, unless the forward pass shows (B, H, W, C).
        input_shape: Input of that pass with its batch axis, for backbones that take no usual one, such as
            (1, 3, 16, 112, 112).
        lateral: Options of all connections, such as ``dict(squash='softmax')``, see :class:`LateralConnection`.

    Raises:
        InputError: For an impossible tap, or where no forward pass finds the channels.
    """
    if isinstance(taps, str) or isinstance(channels, int):
        raise InputError(f'taps={taps!r}, channels={channels!r}: must be sequences, one entry for each tap')
    built = MODELS.build(with_scope(backbone))
    _require_plain(built)
    for tap in taps:
        _submodule(built, tap)
    layouts = [layout] * len(taps) if layout is None or isinstance(layout, str) else list(layout)
    if channels is None and len(layouts) == len(taps):
        found = find_channels(built, taps, layouts, input_shape=input_shape)
        channels, layouts = [c for c, _ in found], [layout for _, layout in found]
    inject(built, taps, channels or [], num_classes, layouts=layouts, lateral=lateral, zero_init=zero_init)
    return built
