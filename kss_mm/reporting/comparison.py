"""What changed from another run: figures, classes and samples, with the paired bootstrap of each difference."""

import numpy as np

from kss_mm.evaluation.bootstrap import interval
from kss_mm.reporting.compact import compact
from kss_mm.reporting.figures import Figure, drawn_precisions, figures
from kss_mm.reporting.run import Run
from kss_mm.reporting.run_content import counts_of
from kss_mm.reporting.samples import card


def comparison(run: Run, other: Run, *, draws: int, seed: int) -> dict:
    """Figures, classes and samples of a run beside those of another on the same samples and classes.

    Both are taken on the same drawn samples, so that what makes a sample easy or hard for both plays no part.

    Args:
        draws: Data sets to draw for the intervals; 0 for none.
        seed: Of the draws.
    """
    counts = counts_of(run, draws, seed)
    drawn, others = (None if counts is None else drawn_precisions(each, counts) for each in (run, other))
    # Thresholds of the one run's model say nothing of the other's scores.
    same = run.thresholds.source == other.thresholds.source
    pairs = zip(figures(run, counts, drawn, thresholds=same), figures(other, counts, others, thresholds=same))
    difference = run.precisions - other.precisions
    low, high = np.full((2, len(difference)), np.nan) if drawn is None else interval(
        difference, drawn.every - others.every, share=False)
    change = run.sample_precisions - other.sample_precisions
    return {'figures': [_difference(*pair) for pair in pairs], 'other': other.name, 'thresholds': same,
            'samples': len(run.content.ids),
            'classes': {'ap': compact(run.precisions), 'other': compact(other.precisions),
                        'difference': compact(difference), 'low': compact(low), 'high': compact(high),
                        'positives': run.positives.tolist()},
            'rows': {'id': list(run.content.ids), 'ap': compact(run.sample_precisions),
                     'other': compact(other.sample_precisions), 'difference': compact(change),
                     'loss': compact(run.losses - other.losses)}}


def _difference(mine: Figure, theirs: Figure) -> dict:
    values = {**mine.as_dict(), 'other': compact(theirs.value), 'difference': compact(mine.value - theirs.value),
              'low': None, 'high': None, 'above': None}
    if mine.draws is None or theirs.draws is None:
        return values
    draws = mine.draws - theirs.draws
    low, high = compact(interval(mine.value - theirs.value, draws, share=False))
    found = draws[~np.isnan(draws)]
    return {**values, 'low': low, 'high': high, 'above': compact((found > 0).mean() if found.size else np.nan, 3)}


def changed_cards(run: Run, other: Run, number: int) -> dict:
    """Cards of the samples that lost and gained most, ``lost`` and ``gained``, each beside the other run's card."""
    return {kind: [{**card(run, row), 'other': card(other, row)} for row in rows]
            for kind, rows in zip(('lost', 'gained'), changed(run, other, number))}


def changed(run: Run, other: Run, number: int) -> tuple[list[int], list[int]]:
    """Rows of the samples that lost and gained most: by AP, and by loss where that is equal."""
    change = run.sample_precisions - other.sample_precisions
    loss = np.nan_to_num(run.losses - other.losses)
    there = np.flatnonzero(~np.isnan(change))
    order = there[np.lexsort((-loss[there], change[there]))].tolist()
    lost, gained = ([row for row in order if change[row] < 0], [row for row in order[::-1] if change[row] > 0])
    return lost[:number], gained[:number]
