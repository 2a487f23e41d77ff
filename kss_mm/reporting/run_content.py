"""What the page holds of one run."""

import numpy as np

from kss_mm._version import __version__
from kss_mm.evaluation.bootstrap import LEVEL, draw_counts
from kss_mm.reporting.classes import class_rows
from kss_mm.reporting.curves import class_bins, curves
from kss_mm.reporting.figures import drawn_precisions, figures
from kss_mm.reporting.pairs import pair_content
from kss_mm.reporting.run import Run
from kss_mm.reporting.samples import card, sample_rows, worst_and_best


def counts_of(run: Run, draws: int, seed: int) -> np.ndarray | None:
    """Drawn data sets of a run; None without draws, and of a single sample, which is always drawn."""
    number = len(run.content.ids)
    return draw_counts(number, draws, seed) if draws and number > 1 else None


def run_content(run: Run, *, draws: int, seed: int, samples: int) -> dict:
    """All parts of the page on a run by itself.

    Args:
        draws: Data sets to draw for the intervals; 0 for none.
        seed: Of the draws.
        samples: Samples to show of each kind.
    """
    counts = counts_of(run, draws, seed)
    drawn = None if counts is None else drawn_precisions(run, counts)
    bins = class_bins(run)
    worst, best = worst_and_best(run, samples)
    return {'version': __version__, 'file': run.name, 'samples': len(run.content.ids),
            'names': list(run.content.classes), 'draws': 0 if counts is None else draws, 'seed': seed, 'level': LEVEL,
            'thresholds': run.thresholds.source,
            'figures': [figure.as_dict() for figure in figures(run, counts, drawn)],
            'classes': class_rows(run, None if drawn is None else drawn.every, bins), 'curves': curves(run, bins),
            'pairs': pair_content(run), 'rows': sample_rows(run),
            'worst': [card(run, row) for row in worst], 'best': [card(run, row) for row in best]}
