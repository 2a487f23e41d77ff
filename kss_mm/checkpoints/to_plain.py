"""Content of checkpoints as tensors and built-in types."""

import inspect
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer, print_log

#: Under this key a log buffer of MMEngine is stored: its values, its counts and its longest length.
HISTORY = 'kss_mm.history_buffer'


def to_plain(value: Any) -> Any:
    """A copy of built-in types and tensors; tensors themselves are not copied."""
    if isinstance(value, torch.Tensor) or value is None or type(value) in (bool, int, float, str, bytes):
        return value
    if isinstance(value, HistoryBuffer):
        log, count = value.data
        return {HISTORY: (log.tolist(), count.tolist(), value.max_length)}
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
    print_log(f'checkpoint: a {type(value).__name__} is stored as text, since it is not a plain value: '
              f'{str(value)[:60]}', logger='current', level=logging.WARNING)
    return str(value)
