"""Decision thresholds as logits: between two probabilities that both round to 1 there is room for one.

Checkpoints from before held probabilities under ``thresholds``; whoever reads weights reads them by this file.
"""

from collections.abc import MutableMapping

import torch
from torch import Tensor

#: The buffer of :class:`~kss_mm.models.LabelClassifier`, and its name when it held probabilities.
BUFFER, FORMER = 'threshold_logits', 'thresholds'
# Logits whose float32 probabilities are 0 and 1, and more halvings than there are float32 numbers between two others.
_LOWEST, _HIGHEST, _HALVINGS = -110., 20., 200
# Finite, as averaging of weights makes NaN of infinity; no logit lies beyond.
_ALWAYS, _NEVER = torch.finfo(torch.float32).min, torch.finfo(torch.float32).max


def reaching(probabilities: Tensor) -> Tensor:
    """The smallest logits whose probabilities, rounded to float32, reach the given ones; exactly 0 for one half.

    Shapes:
        - **input, output:** :math:`(K,)`, float32; what is above 1 is never reached, what is NaN stays NaN
    """
    wanted = probabilities.float()
    low, high = torch.full_like(wanted, _LOWEST), torch.full_like(wanted, _HIGHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = middle.sigmoid() >= wanted
        low, high = torch.where(reached, low, middle), torch.where(reached, middle, high)
    high = torch.where(wanted == .5, 0., high)
    high = torch.where(wanted <= 0, _ALWAYS, torch.where(wanted > 1, _NEVER, high))
    return torch.where(wanted.isnan(), wanted, high)


def rename_former(state: MutableMapping[str, Tensor], key: str) -> None:
    """Replace the entry ``key`` of a state dict, thresholds as probabilities, by the same as logits, in place."""
    value, new = state.get(key), key.removesuffix(FORMER) + BUFFER
    if isinstance(value, Tensor) and value.is_floating_point() and value.layout == torch.strided and new not in state:
        del state[key]
        state[new] = reaching(value)


def rename_all_former(state: MutableMapping[str, Tensor]) -> None:
    """Rename the thresholds of all classifiers of a network, as :func:`rename_former` does for one."""
    for key in [key for key in state if key.endswith(f'classifier.{FORMER}')]:
        rename_former(state, key)
