import numpy as np
import pytest
from sklearn.metrics import f1_score

from kss_mm.evaluation.thresholds import f1_per_class, fit_thresholds


def test_by_hand():
    # Class 0: the two positives are the two highest; class 1 has no positive.
    scores = [[.4, .9], [.3, .2], [.1, .3]]
    np.testing.assert_allclose(fit_thresholds(scores, [[1, 0], [1, 0], [0, 0]]), [.2, .5])


@pytest.mark.parametrize('seed', range(5))
def test_no_other_threshold_is_better(seed):
    rng = np.random.default_rng(seed)
    scores, targets = rng.random((40, 3)).round(seed % 3 + 1), rng.random((40, 3)) < .3
    fitted = f1_per_class(scores, targets, fit_thresholds(scores, targets))
    for threshold in np.linspace(0, 1, 201):
        assert (fitted >= f1_per_class(scores, targets, np.full(3, threshold)) - 1e-12).all()


def test_f1_equals_scikit_learn():
    rng = np.random.default_rng(0)
    scores, targets = rng.random((40, 3)), rng.random((40, 3)) < .3
    np.testing.assert_allclose(f1_per_class(scores, targets, [.5, .2, .9]),
                               f1_score(targets, scores >= [.5, .2, .9], average=None, zero_division=0))


def test_logits_by_hand():
    # Class 0 between the two lowest, class 1 without positives, class 2 below all.
    logits = [[4000., 9., -3.], [3000., 2., -5.], [1000., 3., -7.]]
    found = fit_thresholds(logits, [[1, 0, 1], [1, 0, 1], [0, 0, 1]], logits=True)
    np.testing.assert_allclose(found, [2000, 0, -7.5])


@pytest.mark.parametrize('scale', [1e-3, 1, 1e4])
def test_no_other_logit_is_better(scale):
    rng = np.random.default_rng(0)
    logits, targets = (rng.normal(size=(40, 3)) * scale).astype(np.float32), rng.random((40, 3)) < .3
    fitted = f1_per_class(logits, targets, fit_thresholds(logits, targets, logits=True))
    for threshold in logits.ravel():
        assert (fitted >= f1_per_class(logits, targets, np.full(3, threshold)) - 1e-12).all()


def test_neighbouring_float32_numbers_are_told_apart():
    low = np.float32(9000)
    high = np.nextafter(low, np.float32(1e9))
    for values in ([[high], [low]], [[low], [np.nextafter(low, np.float32(0))]]):  # halfway rounds up, and down
        found = fit_thresholds(np.array(values, np.float32), [[1], [0]], logits=True)
        assert found.dtype == np.float32 and (np.array(values, np.float32) >= found).ravel().tolist() == [True, False]


@pytest.mark.parametrize('logits', [False, True])
def test_a_sample_without_a_prediction_is_never_predicted(logits):
    scores = np.array([[.9], [.2], [-np.inf]])
    targets = [[1], [0], [1]]
    found = fit_thresholds(scores, targets, logits=logits)
    assert f1_per_class(scores, targets, found) == pytest.approx(2 / 3)
    assert fit_thresholds(np.full((2, 1), -np.inf), [[1], [0]], logits=logits) == (0 if logits else .5)
