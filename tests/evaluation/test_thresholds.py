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
