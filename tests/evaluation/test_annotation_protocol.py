import numpy as np
import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.evaluation import KSSMultiLabelMetric
from kss_mm.evaluation.annotation_protocol import annotation_figures, frequency_means
from kss_mm.graph import LabelGraph


def test_precision_and_recall_by_hand():
    """Two labels for each of three images; label 3 has no positive, label 2 is never given."""
    scores = [[.9, .8, .1, .2], [.9, .1, .2, .8], [.7, .6, .5, .1]]
    targets = [[1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 0, 0]]
    figures = annotation_figures(scores, targets, length=2)
    # Given: label 0 three times (2 right of 2), label 1 twice (1 right of 2), label 2 never (0 of 1).
    assert figures['P'] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert figures['R'] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert figures['F1'] == pytest.approx(2 * figures['P'] * figures['R'] / (figures['P'] + figures['R']))
    assert figures['N+'] == 2


def test_every_image_gets_its_labels_whatever_their_scores():
    low = annotation_figures(np.full((2, 9), -50.) - np.arange(9), np.eye(9)[[0, 4]])
    assert low['N+'] == 2 and low['R'] == 1.


def test_equal_scores_go_by_index_and_unknown_labels_do_not_count():
    assert annotation_figures([[1., 1.]], [[0, 1]], length=1)['N+'] == 0
    assert annotation_figures([[1., 1.]], [[-1, 1]], length=1)['N+'] == 1


def test_without_positives_there_are_no_means():
    figures = annotation_figures([[1., 0.]], [[0, 0]])
    assert np.isnan([figures['P'], figures['R'], figures['F1']]).all() and figures['N+'] == 0


@pytest.mark.parametrize('length', [0, 2.5, True])
def test_a_length_is_a_number_of_labels(length):
    with pytest.raises(InputError, match='length must be an integer'):
        annotation_figures([[1.]], [[1]], length)


def test_groups_of_labels():
    found = frequency_means([.1, .2, .3, .4, np.nan], [19, 20, 80, 81, 500])
    assert found == {'rare': .1, 'middle': pytest.approx(.25), 'frequent': .4}
    assert np.isnan(frequency_means([.1], [50])['rare'])
    with pytest.raises(InputError, match=r'shapes \(2,\) and \(1,\)'):
        frequency_means([.1, .2], [3])


def evaluated(**options) -> dict:
    metric = KSSMultiLabelMetric(**options)
    metric.dataset_meta = dict(classes=('a', 'b', 'c'))
    rows = [([.9, .2, .1], [0]), ([.1, .8, .3], [1, 2]), ([.5, .4, .6], [0])]
    for scores, labels in rows:
        metric.process({}, [dict(pred_score=torch.tensor(scores), gt_label=torch.tensor(labels))])
    return metric.evaluate(len(rows))


def test_the_metric_adds_both_where_they_are_asked_for():
    plain = evaluated()
    assert not [key for key in plain if '@5' in key or 'mAP_' in key]
    found = evaluated(annotation=True, frequency=[3, 50, 900])
    assert found['multi-label/N+@5'] == 3 and found['multi-label/R@5'] == 1
    assert found['multi-label/mAP_middle'] == 1. and found['multi-label/mAP_frequent'] == .5


@pytest.mark.parametrize('order', ['abc', 'cab'])
def test_a_graph_gives_its_counts_by_name(order):
    numbers = dict(a=3, b=50, c=900)
    counts = np.diag([numbers[name] for name in order])
    graph = LabelGraph(tuple(order), counts, np.diag(counts), 1000)
    found = evaluated(frequency=graph)
    expected = frequency_means([1., 1., .5], list(numbers.values()))
    assert {name: found[f'multi-label/mAP_{name}'] for name in expected} == pytest.approx(expected)
    other = LabelGraph(tuple('abx'), counts, np.diag(counts), 1000)
    with pytest.raises(InputError, match="without 'c', a class of the evaluated"):
        evaluated(frequency=other)


@pytest.mark.parametrize(('frequency', 'message'), [([1, 2], 'counts of 2 labels, pred_score has 3'),
                                                    ([.5, .2, .1], 'must be a label graph, its file, or a whole')])
def test_counts_that_do_not_fit_are_named(frequency, message):
    with pytest.raises(InputError, match=message):
        evaluated(frequency=frequency)
