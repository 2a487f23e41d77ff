"""The report of a run: what the page says is what its scores say, and inputs that go wrong end in one line."""

import csv
import os

import numpy as np
import pytest
from report_data import data_of, made_up, saved

import kss_mm
from kss_mm.errors import InputError, UserError
from kss_mm.evaluation.functional import average_precision, charades_map, precision_recall_f1
from kss_mm.evaluation.score_files import save_scores
from kss_mm.evaluation.thresholds import f1_per_class
from kss_mm.reporting.classes import worst_first
from kss_mm.reporting.curves import POINTS, steps


@pytest.fixture
def report(tmp_path):
    def make(content, **options):
        written = kss_mm.report(saved(content, tmp_path / 'scores.npz'), tmp_path / 'page.html',
                                **{'draws': 30, **options})
        return data_of(tmp_path / 'page.html'), written
    return make


def test_figures_and_classes_are_those_of_the_scores(report):
    content = made_up()
    data, written = report(content, thresholds=.3)
    figures = {(each['group'], each['name']): each for each in data['figures']}
    mean = charades_map(content.logits, content.targets)[0]
    assert figures['', 'mAP, Charades']['value'] == pytest.approx(mean, abs=1e-4)
    plain = precision_recall_f1(content.logits, content.targets)
    assert figures['ML-GCN, all', 'CF1']['value'] == pytest.approx(plain['CF1'], abs=1e-4)
    lower = precision_recall_f1(content.scores, content.targets, threshold=.3)
    assert figures['at the thresholds', 'OF1']['value'] == pytest.approx(lower['OF1'], abs=1e-4)
    assert all(each['low'] <= each['value'] <= each['high'] for each in data['figures'])
    np.testing.assert_allclose(data['classes']['ap'], average_precision(content.logits, content.targets), atol=1e-4)
    np.testing.assert_allclose(data['classes']['f1'], f1_per_class(content.scores, content.targets, [.3]), atol=1e-4)
    assert written.size == os.path.getsize(written.path)


def test_the_report_is_the_same_again(tmp_path):
    path = saved(made_up(), tmp_path / 'scores.npz')
    pages = [kss_mm.report(path, tmp_path / f'{name}.html', draws=30).path for name in 'ab']
    assert open(pages[0], 'rb').read() == open(pages[1], 'rb').read()


def test_classes_without_positives_come_last_and_are_told(report):
    content = made_up()
    content.targets[:, 2] = 0
    data, _ = report(content)
    assert data['classes']['ap'][2] is None and data['classes']['positives'][2] == 0
    assert worst_first(np.array([.5, np.nan, .1])).tolist() == [2, 0, 1]
    assert '1 without positives' in data['notes'][0]


def test_the_area_under_the_steps_is_the_average_precision():
    content = made_up(samples=500)
    for label, wanted in enumerate(average_precision(content.logits, content.targets)):
        recalls, precisions = map(np.array, steps(content.logits[:, label], content.targets[:, label]))
        assert len(recalls) <= POINTS
        assert np.sum(np.diff(recalls, prepend=0) * precisions) == pytest.approx(wanted, abs=2e-3)
    assert steps(content.logits[:, 0], np.zeros(500, int)) == [[], []]


def test_samples_are_ranked_by_their_labels(report):
    content = made_up(samples=4, classes=3)
    content.targets[:] = [[1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 0, 0]]
    content.logits[:] = [[3, 1, 0], [0, 1, 3], [1, 2, 3], [1, 0, 2]]
    content.scores[:] = 1 / (1 + np.exp(-content.logits))
    data, _ = report(content, samples=2)
    assert [each['id'] for each in data['worst']] == ['clip 1', 'clip 3']
    assert [each['id'] for each in data['best']] == ['clip 0', 'clip 3']  # clip 2 has no labels, so no AP
    assert data['rows']['ap'] == [1, .3333, None, .5]
    assert data['worst'][0]['true'] == [[0, .5, True, 3]] and [each[0] for each in data['worst'][0]['wrong']] == [2, 1]


def test_a_sample_without_a_prediction_is_the_worst_and_has_no_calibration(report):
    content = made_up()
    content.targets[7] = [1, 0, 0, 0, 0, 0]
    for values in (content.scores, content.logits):
        values[7] = -np.inf
    data, _ = report(content)
    assert data['worst'][0]['id'] == 'clip 7' and not data['worst'][0]['predicted']
    assert data['rows']['loss'][7] is None and any('1 samples are without' in note for note in data['notes'])
    assert sum(data['curves']['pooled']['counts']) == 59 * 6


def test_pairs_that_are_confused_and_missed_are_named(report):
    content = made_up(samples=10, classes=3)
    content.targets[:] = [1, 0, 1]
    content.logits[:] = [-1, 1, -1]  # class 1 is taken for both others
    content.scores[:] = 1 / (1 + np.exp(-content.logits))
    content.targets[9], content.logits[9] = [0, 1, 0], [1, -1, -1]
    pairs = report(content)[0]['pairs']
    assert pairs['confused'][:2] == [[0, 1, 9, 8.1, 9], [2, 1, 9, 8.1, 9]]
    assert pairs['missed'] == [[0, 2, 9, 9]]
    assert pairs['together'] == [[0, 2, 9, 0]]


def test_thresholds_come_from_a_table_by_name(report, tmp_path):
    content = made_up(classes=3)
    with open(tmp_path / 'thresholds.csv', 'w', newline='') as file:
        csv.writer(file).writerows([('class', 'threshold'), ('class 2', .2), ('class 0', 0), ('class 1', 1)])
    data, _ = report(content, thresholds=tmp_path / 'thresholds.csv')
    assert data['classes']['threshold'] == [0, 1, .2]
    assert data['classes']['predicted'] == [60, 0, int((content.scores[:, 2] >= .2).sum())]
    for text, message in (('class,threshold\nclass 0,.5\n', 'its 3 classes are not the 1 of .*give each class of the'),
                          ('class,threshold\nclass 0,no\n', "row 2: the threshold of 'class 0' is 'no'"),
                          ('name,value\n', 'must with class,threshold')):
        (tmp_path / 'thresholds.csv').write_text(text)
        with pytest.raises(InputError, match=message):
            report(content, thresholds=tmp_path / 'thresholds.csv')


@pytest.mark.parametrize(('change', 'message'), [
    (lambda content: content.targets.fill(0), 'scores.npz: no sample has a label, so there is nothing to report'),
    (lambda content: content.targets.fill(-1), 'scores.npz: no sample has a label'),
    (lambda content: content.scores.__setitem__((3, 1), np.nan), "scores of sample 'clip 3', label 1 is nan"),
])
def test_scores_that_say_nothing_end_in_one_line(report, change, message):
    content = made_up()
    change(content)
    with pytest.raises(InputError, match=message) as caught:
        report(content)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(('options', 'message'), [
    (dict(lam=.5), 'lam is of a label graph, and there is none to show'),
    (dict(eta=.5), 'eta is of a label graph'),
])
def test_what_nothing_would_use_is_told(report, options, message):
    with pytest.raises(InputError, match=message):
        report(made_up(), **options)


def test_the_page_is_not_written_under_a_name_of_something_else(tmp_path):
    save_scores(tmp_path / 'scores.npz', made_up())
    with pytest.raises(InputError, match='page.txt: the page is HTML, so its name must end in .html'):
        kss_mm.report(tmp_path / 'scores.npz', tmp_path / 'page.txt')
    assert not (tmp_path / 'page.txt').exists()


def test_one_class_and_one_sample_have_a_report_that_says_so(report):
    data, _ = report(made_up(classes=1))
    assert data['pairs']['confused'] == [] and len(data['classes']['ap']) == 1
    data, written = report(made_up(samples=1))
    assert data['draws'] == 0 and data['figures'][0]['low'] is None
    assert any('one sample, so there are no intervals' in note for note in written.notes)


def test_impossible_options_are_refused(report):
    for options, message in (({'draws': -1}, 'draws must be a whole number >= 0'),
                             ({'thresholds': 2}, 'thresholds must be'),
                             ({'thresholds': .5, 'model': 'a.pth'}, 'leave one out'),
                             ({'media': 'nowhere'}, 'no such folder'),
                             ({'graph': 'no.npz'}, 'no such label graph')):
        with pytest.raises(UserError, match=message):
            report(made_up(), **options)


def test_scores_without_logits_or_as_logits_give_the_same_classes(report):
    content = made_up()
    whole = report(content)[0]['classes']
    for part in (content._replace(logits=None), content._replace(scores=content.logits, logits=None)):
        assert report(part)[0]['classes'] == whole


def test_the_graph_is_that_of_the_classes_by_name(report, make_graph, tmp_path):
    graph = make_graph(6)
    graph.save(tmp_path / 'graph.npz')
    content = made_up()._replace(classes=[*reversed(graph.classes[:5]), 'another'])
    found = report(content, graph=tmp_path / 'graph.npz', lam=.5, tau=.01, eta=.3)[0]['graph']
    names = {name: own for name, own in zip(found['names'], found['class'])}
    assert names['label 0'] == 4 and names['label 4'] == 0 and names['label 5'] is None and found['missing'] == 1
    matrix = graph.adjacency(lam=.5, tau=.01, eta=.3)
    edges = next(each['edges'] for each in found['matrices'] if each['key'] == 'A_KS')
    place = [graph.classes.index(name) for name in found['names']]
    assert all(there == pytest.approx(matrix[place[i], place[j]], abs=1e-4) for i, j, there, _ in edges)
    with pytest.raises(InputError, match='label graph of other classes'):
        report(made_up(), graph=tmp_path / 'graph.npz')
