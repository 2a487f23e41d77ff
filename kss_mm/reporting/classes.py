"""The table of the classes, the worst first."""

import numpy as np

from kss_mm.evaluation.bootstrap import interval
from kss_mm.evaluation.calibration import Reliability
from kss_mm.reporting.compact import compact
from kss_mm.reporting.run import Run


def class_rows(run: Run, drawn: np.ndarray | None, bins: Reliability) -> dict:
    """Columns of the table by name, K values each, in the order of the classes.

    Args:
        drawn: (B, K) AP in drawn data sets; None for no intervals.
        bins: Of every class, for its calibration error.
    """
    known, true = run.targets >= 0, run.targets == 1
    hits = (run.predicted & true).sum(axis=0)
    predictions = run.predicted.sum(axis=0)
    with np.errstate(invalid='ignore', divide='ignore'):
        precision, recall = hits / predictions, hits / run.positives
        f1 = np.where(run.positives > 0, 2 * hits / (predictions + run.positives), np.nan)
        share = run.positives / known.sum(axis=0)
    low, high = np.full((2, len(f1)), np.nan) if drawn is None else interval(run.precisions, drawn)
    return {'ap': compact(run.precisions), 'low': compact(low), 'high': compact(high),
            'positives': run.positives.tolist(), 'share': compact(share),
            'threshold': compact(run.thresholds.probabilities), 'predicted': predictions.tolist(),
            'precision': compact(precision), 'recall': compact(recall), 'f1': compact(f1), 'ece': compact(bins.error)}


def worst_first(values: np.ndarray) -> np.ndarray:
    """The order of a table by a figure from low to high; what has none comes last.

    >>> worst_first(np.array([.5, np.nan, .1]))
    array([2, 0, 1])
    """
    return np.argsort(values, kind='stable')
