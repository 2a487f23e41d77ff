import numpy as np
import pytest
from golden import figures, metric_inputs
from sklearn.metrics import average_precision_score

from kss_mm.errors import InputError
from kss_mm.evaluation import average_precision, charades_map, precision_recall_f1, sample_average_precision


def test_average_precision_by_hand():
    # Ranked: hit, miss, hit. Precision at the hits: 1 and 2/3.
    scores, targets = [[.9], [.5], [.1]], [[1], [0], [1]]
    np.testing.assert_allclose(average_precision(scores, targets), [(1 + 2 / 3) / 2])


@pytest.mark.parametrize('decimals', [1, 2, 8])
def test_equals_scikit_learn_with_and_without_ties(decimals):
    rng = np.random.default_rng(decimals)
    scores, targets = rng.random((50, 7)).round(decimals), rng.random((50, 7)) < .3
    np.testing.assert_allclose(average_precision(scores, targets),
                               average_precision_score(targets, scores, average=None))


def test_row_order_does_not_matter_among_ties():
    scores, targets = np.zeros((20, 2)), np.random.default_rng(0).random((20, 2)) < .4
    order = np.random.default_rng(1).permutation(20)
    np.testing.assert_array_equal(average_precision(scores, targets), average_precision(scores, targets[order]))
    np.testing.assert_allclose(average_precision(scores, targets), targets.mean(0))


def test_a_class_without_positives_is_nan_and_left_out_of_the_mean():
    scores, targets = np.array([[.9, .1], [.2, .8]]), np.array([[1, 0], [0, 0]])
    assert np.isnan(average_precision(scores, targets)[1])
    assert charades_map(scores, targets) == (1., 1.)
    assert np.isnan(charades_map(scores, np.zeros((2, 2)))).all()


def test_charades_ignores_videos_without_labels():
    scores, targets = np.array([[.9], [.5], [.1]]), np.array([[0], [1], [1]])
    assert charades_map(scores, targets) == (1., 1.)
    assert average_precision(scores, targets)[0] < 1


def test_weighted_ap_weighs_by_positives():
    scores = np.array([[.9, .1], [.8, .9], [.1, .8]])
    targets = np.array([[1, 1], [1, 0], [0, 0]])  # AP 1 with two positives, 1/3 with one
    mean, weighted = charades_map(np.vstack([scores, [[0, 0]]]), np.vstack([targets, [[0, 0]]]))
    np.testing.assert_allclose(mean, (1 + 1 / 2) / 2)
    np.testing.assert_allclose(weighted, (2 * 1 + 1 / 2) / 3)


def test_a_missing_prediction_ranks_last():
    scores, targets = np.array([[.5], [-np.inf]]), np.array([[0], [1]])
    np.testing.assert_allclose(average_precision(scores, targets), [.5])
    # Several missing ones tie, wherever the positive stands among them.
    for row in (1, 3):
        targets = np.zeros((4, 1))
        targets[row] = 1
        np.testing.assert_allclose(average_precision([[.9], [-np.inf], [-np.inf], [-np.inf]], targets), [1 / 4])


LOGITS = np.array([[2., -1., 1.], [1., 3., -2.], [-1., 0., -3.]])
TARGETS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]])


def test_precision_recall_f1_by_hand():
    # Predicted: {0, 2}, {0, 1}, {1}. Hits 2, 2, 0; predictions 2, 2, 1; positives 2, 2, 1.
    figures = precision_recall_f1(LOGITS, TARGETS)
    expected = {'CP': 2 / 3, 'CR': 2 / 3, 'CF1': 2 / 3, 'OP': 4 / 5, 'OR': 4 / 5, 'OF1': 4 / 5}
    assert figures == pytest.approx(expected)


def test_top_k_keeps_only_predictions_among_the_highest():
    # The highest of each sample: 0, 1, 1.
    figures = precision_recall_f1(LOGITS, TARGETS, topk=1)
    assert figures == pytest.approx({'CP': (1 + 1 + 0) / 3, 'CR': (1 / 2 + 1) / 3, 'CF1': 2 * (2 / 3) * .5 / (7 / 6),
                                     'OP': 3 / 4, 'OR': 3 / 5, 'OF1': 2 * .75 * .6 / 1.35})


def test_precision_and_recall_equal_scikit_learn():
    from sklearn.metrics import precision_score, recall_score

    rng = np.random.default_rng(3)
    logits, targets = rng.normal(size=(80, 6)), rng.random((80, 6)) < .3
    figures = precision_recall_f1(logits, targets)
    assert figures['CP'] == pytest.approx(precision_score(targets, logits >= 0, average='macro'))
    assert figures['OR'] == pytest.approx(recall_score(targets, logits >= 0, average='micro'))


def test_nothing_predicted_and_nothing_there():
    assert set(precision_recall_f1(np.full((3, 2), -1.), np.ones((3, 2))).values()) == {0.}
    assert np.isnan(list(precision_recall_f1(np.ones((3, 2)), np.zeros((3, 2))).values())).all()
    assert np.isnan(sample_average_precision(np.ones((3, 2)), np.zeros((3, 2))))
    with pytest.raises(InputError, match='topk'):
        precision_recall_f1(LOGITS, TARGETS, topk=0)


def test_sample_average_precision_by_hand():
    # Ranked hits 0 1 1: precisions 0, 1/2, 2/3; interpolated at the hits 2/3 and 2/3. The second row has no label.
    assert sample_average_precision([[.9, .5, .1], [1, 1, 1]], [[0, 1, 1], [0, 0, 0]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(('scores', 'targets', 'message'), [
    ([[np.nan]], [[1]], 'sample 0, label 0 is NaN'), ([[.5]], [[2]], '0 or 1'), ([.5], [1], 'samples, labels')])
def test_bad_input_is_named(scores, targets, message):
    with pytest.raises(InputError, match=message):
        average_precision(scores, targets)


def test_goldens():
    scores, targets = metric_inputs()
    golden, labelled = figures('metrics'), targets.any(1)
    charades = golden['charades']
    assert charades_map(scores, targets) == pytest.approx((charades['mAP'], charades['wAP']), abs=1e-6)
    np.testing.assert_allclose(average_precision(scores[labelled], targets[labelled]), charades['AP'], atol=1e-6)
    assert np.nanmean(average_precision(scores, targets)) == pytest.approx(golden['mlgcn']['mAP'], abs=1e-6)
    assert precision_recall_f1(scores, targets) == pytest.approx(golden['mlgcn']['all'], abs=1e-6)
    assert precision_recall_f1(scores, targets, 3) == pytest.approx(golden['mlgcn']['top3'], abs=1e-6)
    assert sample_average_precision(scores, targets) == pytest.approx(golden['kssnet']['sample_mAP'], abs=1e-6)


def test_tensors_of_any_kind_are_taken():
    import torch

    scores, targets = torch.tensor([[.9, .25], [.5, .75]]), torch.tensor([[True, False], [False, True]])
    expected = average_precision(scores.numpy(), targets.numpy())
    for form in (scores.requires_grad_(), scores.bfloat16(), scores.tolist()):
        np.testing.assert_array_equal(average_precision(form, targets), expected)


def test_one_sample_and_one_label():
    assert charades_map([[.3]], [[1]]) == (1., 1.)
    assert precision_recall_f1([[.3]], [[1]])['OF1'] == 1.
