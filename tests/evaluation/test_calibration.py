"""Reliability bins by hand, and expected calibration errors."""

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.evaluation.calibration import pooled, reliability


def test_bins_by_hand():
    """Two bins; the unknown label and the sample without a prediction do not count, 1 is in the last bin."""
    probabilities = np.array([[.2, .6], [.4, 1.], [.9, .3], [np.nan, np.nan]])
    targets = np.array([[0, 1], [1, 1], [0, -1], [1, 1]])
    found = reliability(probabilities, targets, bins=2)
    assert found.counts.tolist() == [[2, 1], [0, 2]]
    np.testing.assert_allclose(found.confidence, [[.3, .9], [np.nan, .8]])
    np.testing.assert_allclose(found.positives, [[.5, 0.], [np.nan, 1.]])
    np.testing.assert_allclose(found.error, [(2 * .2 + .9) / 3, .2])
    together = pooled(found)
    np.testing.assert_allclose(together.confidence, [.3, 2.5 / 3])
    np.testing.assert_allclose(together.error, (2 * .2 + 3 * (2.5 / 3 - 2 / 3)) / 5)


def test_calibrated_predictions_have_a_small_error_and_sure_ones_a_large_one():
    rng = np.random.default_rng(0)
    probabilities = rng.random((20_000, 2))
    targets = (rng.random(probabilities.shape) < probabilities).astype(int)
    assert reliability(probabilities, targets).error.max() < .02
    sure = (probabilities > .5).astype(float)
    np.testing.assert_allclose(reliability(sure, targets).error, .25, atol=.02)


def test_what_is_no_probability_is_refused():
    with pytest.raises(InputError, match='must lie in 0..1, got -3 to 4'):
        reliability([[-3.], [4.]], [[0], [1]])
    assert np.isnan(reliability([[np.nan]], [[1]]).error).all()
