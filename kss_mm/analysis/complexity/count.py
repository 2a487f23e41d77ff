"""Counting a model: its weights, and the multiply-adds of one forward pass that computes nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from kss_mm.errors import InputError
from kss_mm.models.laterals.lateral import LateralConnection, laterals_of
from kss_mm.models.necks.label_gcn import LabelGCN

# torch's counter counts a multiply-add as two operations, papers as one.
FLOPS_PER_MAC = 2


class Part(NamedTuple):
    """A part of a model.

    Args:
        parameters: How many numbers it learns.
        size: Bytes in a checkpoint: parameters and buffers, each of its own type.
        macs: Multiply-adds of one forward pass; of lateral connections, those of eq. 7 as it is written.
        evaluated: Multiply-adds as this code computes it.
    """

    parameters: int
    size: int
    macs: int
    evaluated: int


def total(parts: Iterable[Part]) -> Part:
    return Part(*(sum(numbers) for numbers in zip(*parts)))


def measure(model: nn.Module, shape: Sequence[int]) -> dict[str, Part]:
    """Parts of a recogniser of MMAction2 or a classifier of MMPretrain: ``backbone``, ``GCN``, ``LCs``, ``head``.

    Convolutions, matrix products and attention are counted; normalisation, activation, pooling and additions are not.

    Args:
        model: In evaluation mode, on the CPU.
        shape: One clip (C, T, H, W), or one image (C, H, W).

    Raises:
        InputError: If the model is not such a network, or does not take such an input.
    """
    if not hasattr(model, 'backbone'):
        raise InputError(f'{type(model).__name__} has no backbone: complexity is for recognisers and classifiers')
    laterals = laterals_of(model.backbone) or ()
    literal, learned = [], [parameter for parameter in model.parameters() if parameter.requires_grad]
    hooks = [lateral.register_forward_hook(lambda module, args, output: literal.append(_as_written(module, args[0])))
             for lateral in laterals]
    # A view of a fake parameter asks for gradients also where there are none, and the counter then looks for them.
    model.requires_grad_(False)
    # Fake tensors have shapes but no numbers: an input of any size costs neither time nor memory.
    with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True), FlopCounterMode(display=False) as counter:
        try:
            _forward(model, shape)
        except (RuntimeError, ValueError, AssertionError, IndexError) as error:
            raise InputError(f'the model does not take an input of {"x".join(map(str, shape))}, give another --shape: '
                             f'{" ".join(str(error).split())[:200]}') from error
        finally:
            for hook in hooks:
                hook.remove()
            for parameter in learned:
                parameter.requires_grad_()
    counts = counter.get_flop_counts()

    def evaluated(name: str) -> int:
        return sum(counts.get(f'{type(model).__name__}.{name}', {}).values()) // FLOPS_PER_MAC

    parts = {}
    for name, child in model.named_children():
        macs = evaluated(name)
        if name == 'backbone' and laterals:
            injected = sum(evaluated(f'backbone.laterals.{index}') for index in range(len(laterals)))
            lcs = Part(*_weights(laterals), sum(literal), injected)
            parameters, size = (whole - part for whole, part in zip(_weights(child), lcs))
            parts |= {name: Part(parameters, size, macs - injected, macs - injected), 'LCs': lcs}
        elif isinstance(child, LabelGCN):
            macs -= _absent_edges(child)
            parts = {'GCN': Part(*_weights(child), macs, macs), **parts}
        else:
            parts[_TITLES.get(name, name)] = Part(*_weights(child), macs, macs)
    parts = {name: parts[name] for name in (*_ORDER, *parts) if name in parts}
    return {name: part for name, part in parts.items() if any(part)}


_ORDER = ('backbone', 'GCN', 'LCs', 'neck', 'head')
_TITLES = {'cls_head': 'head'}


def _forward(model: nn.Module, shape: Sequence[int]) -> None:
    """One sample through backbone and head, in the form that the host's model takes."""
    clip = torch.empty(1, *shape)  # (1, C, T, H, W) or (1, C, H, W)
    layout = input_layout(model)
    if layout is None:
        model(clip, mode='tensor')
    else:
        # (1, clips = 1, C, T, H, W), or T frames as as many images
        inputs = clip.unsqueeze(1) if layout == 'NCTHW' else clip.transpose(1, 2)  # (1, T, C, H, W)
        model(inputs, mode='tensor', stage='head')


def input_layout(model: nn.Module) -> str | None:
    """'NCTHW' or 'NCHW' (frames as images) of a recogniser of MMAction2; None for images."""
    layout = getattr(getattr(model, 'data_preprocessor', None), 'format_shape', None)
    if layout not in ('NCTHW', 'NCHW', None):
        raise InputError(f'complexity is for RGB videos and images, not for inputs of format_shape={layout!r}')
    return layout


def _as_written(lateral: LateralConnection, x: Tensor) -> int:
    """Eq. 7: one product with K label embeddings and one with g's K columns, of C channels, at every position."""
    positions = x.numel() // lateral.channels
    return 2 * lateral.num_classes * lateral.channels * positions


def _absent_edges(gcn: LabelGCN) -> int:
    """Multiply-adds that a sparse adjacency spares: the counter takes every matrix for a dense one."""
    if not gcn.sparse:
        return 0
    return (gcn.num_classes ** 2 - gcn.adjacency_values.numel()) * sum(min(layer.widths) for layer in gcn.layers)


def _weights(module: nn.Module) -> tuple[int, int]:
    """Parameters, and bytes in a checkpoint."""
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return parameters, sum(value.numel() * value.element_size() for value in module.state_dict().values())
