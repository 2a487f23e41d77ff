"""One label in one file, asked of a model again and again."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.heads.head_of import head_of


class View:
    """The one of a file's clips and crops that scores a label highest, and the logit that a model gives it there.

    Whatever network it is, the logit is what the head of the model returns while it predicts.

    Args:
        model: Of either host, in evaluation mode.
        batch: One sample, as its data preprocessor takes it.
        label: Index of the label.
        context: Makes the context in which the model runs, such as autocast.

    Attributes:
        frames: The pixels that the model gets, (T, H, W, 3) uint8 RGB.
        number: Which view it is, from 0.
        count: How many views the file has.
        is_video: Whether it is one.

    Raises:
        InputError: For a model of several inputs, or without a head that returns logits of the labels.
    """

    def __init__(self, model: nn.Module, batch: Mapping, label: int,
                 context: Callable[[], AbstractContextManager]):
        self.model, self.label, self.context = model, label, context
        prepared = model.data_preprocessor(batch, False)
        self.inputs, self.samples = prepared['inputs'], prepared['data_samples']
        if not isinstance(self.inputs, Tensor):
            raise InputError(f'{type(model).__name__} takes several inputs; explanations are of one video or image')
        self.is_video = self.inputs.ndim > 4
        pixels = batch['inputs'][0]
        logits = self.logits()[:, label]  # (views,)
        self.count, self.number = len(logits), int(logits.argmax())
        if self.is_video:  # (1, views, C, T, H, W) or (1, views T, C, H, W)
            share = self.inputs.shape[1] // self.count
            own = slice(self.number * share, (self.number + 1) * share)
            self.inputs, pixels = self.inputs[:, own], pixels[own]
        self.frames = _frames(pixels)

    @property
    def head(self) -> nn.Module | None:
        """That of the model."""
        return head_of(self.model)

    def of(self, *, model: nn.Module | None = None, label: int | None = None) -> 'View':
        """The same pixels for another model or label."""
        other = copy.copy(self)
        other.model, other.label = model or self.model, self.label if label is None else label
        return other

    def logits(self, *, gradients: bool = False) -> Tensor:
        """What the head returns, (views, K)."""
        with seen_by(self.head) as calls, torch.set_grad_enabled(gradients), self.context():
            self.model(self.inputs, self.samples, mode='predict')
        output = calls[-1][1] if calls else None
        if not isinstance(output, Tensor) or output.ndim != 2:
            raise InputError(f'{type(self.model).__name__} has no head that gives a logit for every label, so there is '
                             'none to explain')
        return output.float()

    def logit(self) -> float:
        """That of the label in this view."""
        return self.logits()[0, self.label].item()


@contextmanager
def seen_by(module: nn.Module | None) -> Iterator[list[tuple[tuple, object]]]:
    """A list of the (positional arguments, output) of every call of a module."""
    calls: list[tuple[tuple, object]] = []
    if module is None:
        yield calls
        return
    handle = module.register_forward_hook(lambda _, arguments, output: calls.append((arguments, output)))
    try:
        yield calls
    finally:
        handle.remove()


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """No gradients of parameters meanwhile: what stands before the tensors that need one keeps nothing."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_()


def _frames(pixels: Tensor) -> np.ndarray:
    """(1, C, T, H, W) or (T, C, H, W), RGB, or (C, H, W), BGR as MMPretrain reads images -> (T, H, W, 3) uint8."""
    if pixels.ndim == 3:
        pixels = pixels.flip(0)[None]
    frames = pixels[0].transpose(0, 1) if pixels.ndim == 5 else pixels  # (T, C, H, W)
    if frames.shape[1] != 3:
        raise InputError(f'the model gets {frames.shape[1]} channels; explanations are drawn over frames of three '
                         'colours')
    return frames.permute(0, 2, 3, 1).clamp(0, 255).to(torch.uint8).cpu().numpy()
