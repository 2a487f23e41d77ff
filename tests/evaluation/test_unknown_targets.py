"""Targets of -1: every metric is that of the known entries alone."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from kss_mm.evaluation import (
    CharadesMetric,
    KSSMultiLabelMetric,
    average_precision,
    charades_map,
    precision_recall_f1,
    sample_average_precision,
)
from kss_mm.evaluation.protocols import protocol_lines
from kss_mm.evaluation.score_files import Scores, load_scores, save_scores, write_class_csv
from kss_mm.evaluation.thresholds import f1_per_class, fit_thresholds

K = 5


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    logits, targets = rng.normal(size=(60, K)), (rng.random((60, K)) < .4).astype(int)
    targets[rng.random((60, K)) < .3] = -1
    targets[:, 4] = -1
    return logits, targets


def test_average_precision_by_hand_and_as_scikit_learn(data):
    # Known: .9 and .7, of which the second is the positive.
    assert average_precision([[.9], [.8], [.7]], [[0], [-1], [1]]).tolist() == [.5]
    logits, targets = data
    found = average_precision(logits, targets)
    for label in range(K - 1):
        known = targets[:, label] >= 0
        expected = average_precision_score(targets[known, label], logits[known, label])
        assert found[label] == pytest.approx(expected)
    assert np.isnan(found[4])  # all of its samples are unknown: a label without positives


def test_charades_map_weighs_known_positives():
    # AP of class 0 is 1 (the second video is unknown), of class 1 it is 1/2; one known positive each.
    scores, targets = [[.9, .2], [.95, .1], [.1, .9]], [[1, 1], [-1, 1], [0, 0]]
    assert charades_map(scores[:2], targets[:2]) == (1., 1.)
    assert charades_map([*scores, [.0, .5]], [*targets, [1, 0]])[1] == pytest.approx(
        (2 * 1. + 2 * (1 / 2 + 2 / 3) / 2) / 4)


def test_precision_and_recall_as_scikit_learn(data):
    logits, targets = data
    figures = precision_recall_f1(logits, targets)
    columns = [(targets[targets[:, k] >= 0, k], logits[targets[:, k] >= 0, k] >= 0) for k in range(K - 1)]
    assert figures['CP'] == pytest.approx(np.mean([precision_score(*column) for column in columns]))
    assert figures['CR'] == pytest.approx(np.mean([recall_score(*column) for column in columns]))
    logits, targets = logits[:, :-1], targets[:, :-1]  # a class never predicted counts once, by the protocol
    known = targets >= 0
    assert precision_recall_f1(logits, targets)['OF1'] == pytest.approx(f1_score(targets[known], logits[known] >= 0))


def test_an_unknown_label_takes_no_place_among_the_highest():
    logits, targets = [[3., 2., 1.]], [[-1, 1, 0]]
    assert precision_recall_f1(logits, targets, 1)['OR'] == 1.
    assert precision_recall_f1(logits, [[0, 1, 0]], 1)['OR'] == 0.
    assert sample_average_precision(logits, targets) == 1.
    assert sample_average_precision(logits, [[0, 1, 0]]) == .5


def test_thresholds_are_those_of_the_known_samples(data):
    logits, targets = data
    fitted = fit_thresholds(logits, targets, logits=True)
    f1 = f1_per_class(logits, targets, fitted)
    for label in range(K - 1):
        known = targets[:, label] >= 0
        column = logits[known, label:label + 1], targets[known, label:label + 1]
        assert fitted[label] == fit_thresholds(*column, logits=True)[0]
        assert f1[label] == pytest.approx(f1_score(column[1], column[0] >= fitted[label]))
    assert fitted[4] == 0 and f1[4] == 0


@pytest.mark.parametrize('metric', [KSSMultiLabelMetric, CharadesMetric])
def test_metrics_ignore_and_count_them(metric, data, tmp_path, caplog):
    logits, targets = data
    measure = metric(dump=str(tmp_path / 's.npz'), class_csv=str(tmp_path / 'ap.csv'))
    measure.process({}, [dict(pred_score=torch.tensor(row).sigmoid(), gt_label=torch.tensor(target).float(),
                              gt_score=torch.tensor(target).float()) for row, target in zip(logits, targets)])
    with caplog.at_level('INFO'):
        found = measure.evaluate(len(logits))
    expected = np.nanmean(average_precision(logits, targets)) if metric is KSSMultiLabelMetric else charades_map(
        logits, targets)[0]
    assert found[f'{measure.default_prefix}/mAP'] == pytest.approx(expected)
    content = load_scores(tmp_path / 's.npz')
    np.testing.assert_array_equal(content.targets, targets)
    (line,) = [line for line in protocol_lines(content) if 'unknown' in line]
    assert line == f'{(targets < 0).sum():,} of 300 true labels are unknown (-1) and do not count'
    rows = (tmp_path / 'ap.csv').read_text().splitlines()
    assert rows[1].split(',')[2] == str((targets[:, 0] == 1).sum()) and rows[5].endswith(',0,')


def test_a_score_file_without_unknown_labels_is_as_before(tmp_path):
    save_scores(tmp_path / 's.npz', Scores(['a'], np.ones((1, 2)), np.array([[1., 0.]]), ['x', 'y']))
    with np.load(tmp_path / 's.npz') as file:
        assert file['targets'].dtype == np.uint8


def test_the_class_csv_counts_positives_only(tmp_path):
    write_class_csv(tmp_path / 'ap.csv', Scores(['a', 'b'], np.ones((2, 1)), np.array([[1], [-1]]), ['x']))
    assert (tmp_path / 'ap.csv').read_text().splitlines()[1] == '0,x,1,1.000000'
