"""Where the lateral connections of a backbone saw a label."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from kss_mm.explain.explanation import HeatMap
from kss_mm.explain.feature_maps import as_map, grid_beside
from kss_mm.explain.view import View, seen_by
from kss_mm.models.laterals.lateral import InjectionHook, LateralConnection, channel_axis, laterals_of


def lateral_maps(view: View) -> tuple[list[HeatMap], list[str]]:
    """The label's :func:`correlation` at every tap, shallow to deep, and notes on taps without a map.

    Each comes with the change of the logit when the connection loses the label, which is exact.
    """
    laterals = laterals_of(view.model.backbone)
    taps = tap_names(view.model.backbone)
    with ExitStack() as stack:
        calls = [stack.enter_context(seen_by(lateral)) for lateral in laterals]
        outputs = [stack.enter_context(seen_by(view.model.backbone.get_submodule(tap))) for tap in taps]
        base = view.logit()
    maps, notes = [], []
    for lateral, tap, seen, returned in zip(laterals, taps, calls, outputs):
        (x, embedding), _ = seen[-1]
        values = as_map(correlation(lateral, x, embedding, view.label), grid_beside(returned[-1][1]))
        if values is None:
            notes.append(f'no map of the lateral connection {tap}: the places of its tokens are not known')
            continue
        with without_label(lateral, view.label):
            change = view.logit() - base
        maps.append(HeatMap('lateral', tap, values, change))
    return maps, notes


def tap_names(backbone: nn.Module) -> list[str]:
    """Names of the submodules that have lateral connections, in their order."""
    found = {hook.index: name for name, module in backbone.named_modules() for hook in module._forward_hooks.values()
             if isinstance(hook, InjectionHook)}
    return [found[index] for index in sorted(found)]


@torch.no_grad()
def correlation(lateral: LateralConnection, x: Tensor, embedding: Tensor, label: int) -> Tensor:
    r"""The label's channel of what g of eq. 7 gets, :math:`x \tanh(E)^T`, squashed where the connection squashes.

    Shapes:
        - **input:** features as of :class:`~kss_mm.models.laterals.lateral.LateralConnection`; embeddings
          :math:`(K, C)`
        - **output:** one number a position, :math:`(B, *)`
    """
    last = x.movedim(channel_axis(x, lateral.channels, lateral.layout), -1)  # (B, *, C)
    labels = torch.tanh(embedding).to(x.dtype)
    if lateral.attention is None:
        return last @ labels[label]
    return lateral.attention.squashed(last, -1, labels)[..., label]


@contextmanager
def without_label(lateral: LateralConnection, label: int) -> Iterator[None]:
    """A connection whose g gives the label's channel no weight meanwhile."""
    column = lateral.g.weight.data[:, label]
    kept = column.clone()
    column.zero_()
    try:
        yield
    finally:
        column.copy_(kept)
