"""The decision thresholds in a checkpoint."""

from typing import NamedTuple

import numpy as np
from torch import Tensor

from kss_mm.checkpoints.checkpoint import load_plain, weights_of
from kss_mm.checkpoints.meta import class_names_in
from kss_mm.checkpoints.threshold_logits import BUFFER, FORMER, rename_all_former
from kss_mm.errors import InputError


class StoredThresholds(NamedTuple):
    """Thresholds of the classes, as logits and as probabilities, (K,) each; names of the classes, where it has them."""

    logits: np.ndarray
    probabilities: np.ndarray
    classes: list[str] | None


def threshold_key(state: dict, path: str) -> str:
    """The name that the thresholds have in a state dict, today's or the former one.

    Raises:
        InputError: If it is not that of a model with our head.
    """
    keys = [key for key in state if str(key).endswith((f'classifier.{BUFFER}', f'classifier.{FORMER}'))]
    if len(keys) != 1:
        raise InputError(f'{path}: has no thresholds; its head must be a KSSHead or KSSClsHead')
    return keys[0]


def thresholds_in(path: str) -> StoredThresholds:
    """Read the thresholds of a checkpoint of a run or a published one.

    Raises:
        UserError: If it is no checkpoint, or not of a model with our head.
    """
    checkpoint = load_plain(path)
    weights = dict(weights_of(checkpoint, path))
    rename_all_former(weights)
    values = weights[threshold_key(weights, path)]
    if not isinstance(values, Tensor) or values.ndim != 1 or not values.is_floating_point() or values.isnan().any():
        raise InputError(f'{path}: its thresholds are no number a class; take another copy of the file')
    values = values.float()
    return StoredThresholds(values.numpy(), values.sigmoid().numpy(), class_names_in(checkpoint, path))
