"""Channels and layout of a backbone's features where lateral connections tap it, found by one forward pass."""

import copy
from collections.abc import Sequence
from contextlib import suppress

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.laterals.lateral import feature_of

# RGB inputs to try, small ones first; some backbones take only the size that they were made for.
IMAGE_SHAPES = ((3, 64, 64), (3, 224, 224))
VIDEO_SHAPES = ((3, 8, 64, 64), (3, 8, 224, 224), (3, 16, 224, 224))
# Characters of another's error message that ours repeats.
_QUOTED = 150


def layout_of(shape: Sequence[int], square: bool) -> str:
    """Tell from its shape where a feature has its channels.

    Tokens (B, L, C) have them last. Of features with more axes, those of a square image tell by their two equal axes:
    in (B, H, W, C) the channels stand behind these.
    """
    *_, h, w, c = shape
    return 'channels_last' if len(shape) == 3 or square and h == w != c else 'channels_first'


def find_channels(backbone: nn.Module, taps: Sequence[str], layouts: Sequence[str | None], *,
                  input_shape: Sequence[int] | None = None) -> list[tuple[int, str]]:
    """Find channels and layout at every tap, by a forward pass that changes neither the backbone nor random states.

    Args:
        layouts: Layout at each tap; None where :func:`layout_of` is to tell.
        input_shape: Shape of an input with its batch axis. None tries images and videos, small ones first, in batches
            of the ``num_segments`` frames that MMAction2's 2D backbones need.

    Raises:
        InputError: Where no input runs, or a tap is not called or returns no feature.
    """
    failures: dict[int, str] = {}
    for shape in shapes_to_try(backbone, input_shape):
        outputs: dict[str, object] = {}
        try:
            _run(backbone, taps, shape, outputs)
        except Exception as error:  # whatever a backbone says to an input that it cannot take
            # The last of each kind is of the size that fits most; the other kind is bound to fail.
            failures[len(shape)] = f'{shape}: {" ".join(str(error).split())[:_QUOTED] or type(error).__name__}'
            continue
        found = []
        for tap, layout in zip(taps, layouts):
            feature = _tapped(backbone, tap, outputs)
            layout = layout or layout_of(feature.shape, square=shape[-1] == shape[-2])
            found.append((feature.shape[-1 if layout == 'channels_last' else 1], layout))
        return found
    raise InputError(f'{type(backbone).__name__}: the channels at {", ".join(taps)} cannot be found, as no forward '
                     f'pass succeeds ({"; ".join(failures.values())}): give channels=, one for each tap, or the '
                     'input_shape= that it takes, such as (1, 3, 16, 224, 224)')


def shapes_to_try(backbone: nn.Module, given: Sequence[int] | None) -> list[tuple[int, ...]]:
    """Shapes of inputs for a forward pass, the given one alone or small ones first."""
    if given is not None:
        return [tuple(given)]
    frames = getattr(backbone, 'num_segments', None) or 1
    return [*((frames, *shape) for shape in IMAGE_SHAPES), *((1, *shape) for shape in VIDEO_SHAPES)]


class _AllSeen(Exception):
    """Ends a pass at the last tap: what comes behind need not run."""


@torch.no_grad()
def _run(backbone: nn.Module, taps: Sequence[str], shape: tuple[int, ...], outputs: dict[str, object]) -> None:
    """Run zeros of this shape through a copy of the backbone, in evaluation mode, and collect what the taps return."""
    def collect(tap: str):
        def hook(module, inputs, output):
            outputs.setdefault(tap, output)
            if len(outputs) == len(set(taps)):
                raise _AllSeen
        return hook

    # A copy, because some backbones fit their buffers to the size of the input, and others freeze parameters in eval().
    twin = copy.deepcopy(backbone)
    twin.eval()
    for tap in taps:
        twin.get_submodule(tap).register_forward_hook(collect(tap))
    parameter = next(twin.parameters(), torch.empty(0))
    with torch.random.fork_rng(devices=[parameter.device] if parameter.is_cuda else []), suppress(_AllSeen):
        twin(torch.zeros(shape, dtype=parameter.dtype, device=parameter.device))


def _tapped(backbone: nn.Module, tap: str, outputs: dict[str, object]) -> Tensor:
    if tap not in outputs:
        raise InputError(f'tap {tap!r} of {type(backbone).__name__} is not called in its forward pass, so it has no '
                         'output to rewrite: tap another module')
    feature = feature_of(outputs[tap])
    if feature is None or feature.ndim < 3:
        found = type(outputs[tap]).__name__ if feature is None else f'a tensor of shape {tuple(feature.shape)}'
        raise InputError(f'tap {tap!r} of {type(backbone).__name__} returns {found}: a tap must return features '
                         '(B, C, ...) or tokens (B, L, C), alone or first in a tuple')
    return feature
