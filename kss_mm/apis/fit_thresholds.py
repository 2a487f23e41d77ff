"""From kept scores to a checkpoint whose head has a fitted threshold for every class."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from kss_mm.checkpoints.checkpoint import load_plain, save_plain, weights_of
from kss_mm.checkpoints.meta import class_names_in
from kss_mm.checkpoints.stored_thresholds import threshold_key
from kss_mm.checkpoints.threshold_logits import BUFFER, FORMER, reaching
from kss_mm.errors import InputError, shown
from kss_mm.evaluation.match_classes import columns_by_name
from kss_mm.evaluation.score_files import load_scores
from kss_mm.evaluation.thresholds import DEFAULT_LOGIT, DEFAULT_THRESHOLD, f1_per_class, fit_thresholds
from kss_mm.files import check_target

# With EMAHook a checkpoint holds two sets of weights, and a resumed run exchanges them.
_PARTS = ('state_dict', 'ema_state_dict')


class Fitted(NamedTuple):
    """The thresholds that were written, and their gain.

    Args:
        samples: Number of samples they were fitted on.
        before: Mean over the classes of F1 on these samples, at one half.
        after: The same, at the fitted thresholds.
        thresholds: As probabilities, (K,).
        notes: What was taken for granted, in words.
    """

    samples: int
    before: float
    after: float
    thresholds: np.ndarray
    notes: list[str]


def store_fitted_thresholds(checkpoint: str, scores: str, out: str) -> Fitted:
    """Fit the thresholds that give every class the highest F1 on ``scores``, and write ``checkpoint`` with them.

    Args:
        checkpoint: Its file, which stays as it is.
        scores: File of the scores that it gave, and of the true labels, as kept by an evaluation.
        out: Name of the new checkpoint.

    Raises:
        UserError: For a file that cannot be read, a checkpoint without our head, or other classes than its own.
    """
    check_target(out)
    content = load_scores(scores)
    weights = load_plain(checkpoint)
    weights_of(weights, checkpoint)
    places = _places(weights, checkpoint)
    order, notes = columns_by_name(class_names_in(weights, checkpoint), content.classes, of=checkpoint, scores=scores)
    ranking = content.ranking
    logits = content.are_logits
    fitted = fit_thresholds(ranking, content.targets, logits=logits)
    default = DEFAULT_LOGIT if logits else DEFAULT_THRESHOLD
    before = f1_per_class(ranking, content.targets, np.full(len(fitted), default))
    after = f1_per_class(ranking, content.targets, fitted)
    new = torch.from_numpy(fitted) if logits else reaching(torch.from_numpy(fitted))
    new = new[torch.tensor(order)]
    for state, key in places:
        old = state[key]
        if not isinstance(old, Tensor) or old.shape != new.shape:
            raise InputError(f'{scores}: has {len(new)} classes, the head of {checkpoint} has '
                             f'{len(old) if isinstance(old, Tensor) and old.ndim else shown(old)}: the scores must be '
                             'those of this checkpoint')
        del state[key]
        state[key.removesuffix(FORMER).removesuffix(BUFFER) + BUFFER] = new.clone()
    save_plain(weights, out)
    return Fitted(len(content.ids), before.mean(), after.mean(), new.sigmoid().numpy(), notes)


def _places(weights: dict, checkpoint: str) -> list[tuple[dict, str]]:
    """The state dicts in a checkpoint, and where the thresholds of a head are in each."""
    states = (weights[part] for part in _PARTS if isinstance(weights.get(part), dict))
    return [(state, threshold_key(state, checkpoint)) for state in states]
