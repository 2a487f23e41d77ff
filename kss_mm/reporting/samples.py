"""The samples of a run, and the ones to look at."""

import numpy as np

from kss_mm.reporting.compact import compact
from kss_mm.reporting.run import Run

#: Labels of a sample that a card shows of each kind, the surest.
LABELS = 8


def sample_rows(run: Run) -> dict:
    """Columns of the table of all samples by name, N values each."""
    true = run.targets == 1
    return {'id': list(run.content.ids), 'ap': compact(run.sample_precisions), 'loss': compact(run.losses),
            'labels': true.sum(axis=1).tolist(), 'missed': (true & ~run.predicted).sum(axis=1).tolist(),
            'wrong': (run.predicted & (run.targets == 0)).sum(axis=1).tolist()}


def worst_and_best(run: Run, number: int) -> tuple[list[int], list[int]]:
    """Rows of the samples whose labels rank worst and best: by AP, and by loss where that is equal.

    A sample without labels has no AP and is neither; one without a prediction counts as the worst.
    """
    precisions, losses = run.sample_precisions, np.nan_to_num(run.losses, nan=np.inf)
    precisions = np.where(np.isinf(losses) & ~np.isnan(precisions), -1, precisions)
    labelled = np.flatnonzero(~np.isnan(precisions))
    order = labelled[np.lexsort((-losses[labelled], precisions[labelled]))]
    best = order[::-1][:number]
    return order[:number].tolist(), [row for row in best.tolist() if precisions[row] >= 0]


def card(run: Run, row: int) -> dict:
    """What the card of a sample says: its true labels, and those that are wrongly predicted, each with probability."""
    targets, predicted, probabilities = run.targets[row], run.predicted[row], run.probabilities[row]
    surest = np.argsort(-np.nan_to_num(run.ranking[row], neginf=-np.inf), kind='stable')
    true = [label for label in surest.tolist() if targets[label] == 1]
    wrong = [label for label in surest.tolist() if predicted[label] and targets[label] == 0]
    rank = np.empty(len(surest), int)
    rank[surest] = np.arange(1, len(surest) + 1)
    return {'id': run.content.ids[row], 'ap': compact(run.sample_precisions[row]), 'loss': compact(run.losses[row]),
            'predicted': bool(np.isfinite(run.losses[row])),
            'true': [[label, compact(probabilities[label], 3), bool(predicted[label]), int(rank[label])]
                     for label in true[:LABELS]],
            'wrong': [[label, compact(probabilities[label], 3), int(rank[label])] for label in wrong[:LABELS]],
            'more': [max(len(true) - LABELS, 0), max(len(wrong) - LABELS, 0)]}
