"""Metrics of drawn data sets are those of data sets whose samples are written out as often as they were drawn."""

import numpy as np
import pytest
from scipy import stats

from kss_mm.errors import InputError
from kss_mm.evaluation.bootstrap import (
    draw_counts,
    interval,
    resampled_average_precision,
    resampled_precision_recall_f1,
)
from kss_mm.evaluation.functional import average_precision, precision_recall_f1


@pytest.fixture
def data():
    """Ties, samples without a prediction, unknown labels, a class without positives, one with few."""
    rng = np.random.default_rng(1)
    targets = (rng.random((40, 5)) < (.5, .3, .1, .03, 0)).astype(int)
    targets[0, 3] = 1
    scores = rng.normal(size=targets.shape).round(1) + targets
    scores[3] = -np.inf
    targets[rng.random(targets.shape) < .1] = -1
    return scores, targets


def test_every_draw_is_the_metric_of_the_samples_in_it(data):
    scores, targets = data
    counts = draw_counts(40, 60, seed=3)
    precisions = resampled_average_precision(scores, targets, counts)
    figures = resampled_precision_recall_f1(scores >= .5, targets, counts)
    assert np.isnan(precisions[:, 4]).all() and np.isnan(precisions[:, 3]).any()
    for draw in range(60):
        rows = np.repeat(np.arange(40), counts[:, draw])
        np.testing.assert_allclose(precisions[draw], average_precision(scores[rows], targets[rows]), rtol=1e-12)
        wanted = precision_recall_f1(scores[rows], targets[rows], threshold=.5)
        assert {name: values[draw] for name, values in figures.items()} == pytest.approx(wanted)


def test_draws_in_blocks_are_the_same(data, monkeypatch):
    counts = draw_counts(40, 50)
    whole = resampled_average_precision(*data, counts)
    monkeypatch.setattr('kss_mm.evaluation.bootstrap._BLOCK', 70)
    np.testing.assert_array_equal(resampled_average_precision(*data, counts), whole)


def test_the_interval_is_scipy_s():
    values = np.random.default_rng(0).normal(size=300)
    drawn = (draw_counts(300, 4000) * values[:, None]).sum(axis=0) / 300
    wanted = stats.bootstrap((values,), np.mean, n_resamples=4000, method='basic', random_state=0)
    np.testing.assert_allclose(interval(values.mean(), drawn, share=False), wanted.confidence_interval, atol=.01)


def test_intervals_of_shares_stay_in_range():
    draws = np.array([[np.nan, np.nan, 1, .9, 0.], [np.nan, .3, 1, 1., 0], [np.nan, .4, 1, .6, 0]])
    low, high = interval(np.array([.5, .3, 1, .95, 0]), draws)
    assert np.isnan(low[0]) and (low[1:] >= 0).all() and (high[1:] <= 1).all()
    assert (low[2], high[2]) == (1, 1) and (low[4], high[4]) == (0, 0) and .8 < low[3] < .95 <= high[3]
    assert np.isnan(interval(np.nan, draws[:, 1])).all()


def test_intervals_hold_the_truth_where_the_percentiles_do_not():
    """A mAP of classes with few positives: drawn data sets lift it, which the interval takes out again."""
    rng = np.random.default_rng(0)
    targets = (rng.random((20_000, 12)) < .05).astype(int)
    scores = rng.normal(size=targets.shape) + 1.5 * targets
    truth = average_precision(scores, targets).mean()
    held = {'interval': 0, 'percentiles': 0}
    for seed in range(40):
        rows = rng.integers(20_000, size=300)
        value = np.nanmean(average_precision(scores[rows], targets[rows]))
        counts = draw_counts(300, 200, seed)
        draws = np.nanmean(resampled_average_precision(scores[rows], targets[rows], counts), axis=1)
        for name, (low, high) in (('interval', interval(value, draws)),
                                  ('percentiles', np.quantile(draws, (.025, .975)))):
            held[name] += low <= truth <= high
    assert held['interval'] >= 32 and held['percentiles'] <= 28, held


def test_draws_are_seeded_and_checked():
    np.testing.assert_array_equal(draw_counts(9, 20, seed=1), draw_counts(9, 20, seed=1))
    assert (draw_counts(9, 20, seed=1) != draw_counts(9, 20, seed=2)).any()
    with pytest.raises(InputError, match='draws must be a whole number >= 1, got 0'):
        draw_counts(9, 0)
