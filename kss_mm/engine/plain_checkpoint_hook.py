"""Checkpoints of plain data, which ``torch.load(..., weights_only=True)`` reads."""

import inspect
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer, print_log
from mmengine.runner import Runner

from kss_mm.registry import HOOKS

_HISTORY = 'kss_mm.history_buffer'


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Stores tensors and built-in types only, and rebuilds MMEngine's log buffers when a run resumes.

    MMEngine puts HistoryBuffer objects and NumPy scalars into its checkpoints. Since torch 2.6 these do not load
    without switching off the protection against foreign pickles.
    """

    priority = 'LOWEST'  # after EMAHook has put its weights into the checkpoint

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        for key in list(checkpoint):
            checkpoint[key] = to_plain(checkpoint[key])

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        scalars = checkpoint.get('message_hub', {}).get('log_scalars', {})
        for key, value in scalars.items():
            if isinstance(value, dict) and _HISTORY in value:
                log, count, max_length = value[_HISTORY]
                scalars[key] = HistoryBuffer(log, count, max_length)


def to_plain(value: Any) -> Any:
    """A copy of built-in types and tensors; tensors themselves are not copied."""
    if isinstance(value, torch.Tensor) or value is None or type(value) in (bool, int, float, str, bytes):
        return value
    if isinstance(value, HistoryBuffer):
        log, count = value.data
        return {_HISTORY: (log.tolist(), count.tolist(), value.max_length)}
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, Mapping):
        # Schedulers list their own methods in their state; a new scheduler has them anyway.
        plain = {to_plain(key): to_plain(item) for key, item in value.items() if not inspect.isroutine(item)}
        if hasattr(value, '_metadata'):  # versions of a state dict's modules
            plain = type(value)(plain)
            plain._metadata = to_plain(value._metadata)
        return plain
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(item) for item in value] if isinstance(value, list) else tuple(map(to_plain, value))
    print_log(f'checkpoint: a {type(value).__name__} is stored as text, since it is no plain value: {str(value)[:60]}',
              logger='current', level=logging.WARNING)
    return str(value)
