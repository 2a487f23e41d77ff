import functools

import numpy as np
import pytest
from matplotlib import image
from scipy import sparse as sp

from kss_mm.graph import LabelGraph
from kss_mm.graph.neighbours import neighbours
from kss_mm.visualization.label_graph import cluster_order, draw_label_graph

VALUES = {'lam': 0.4, 'tau': 0.02, 'eta': 0.4}


def make(size, knowledge=True, convert=np.asarray):
    rng = np.random.default_rng(size)
    labels = rng.random((50, size)) < 0.4
    counts = labels.T.astype(int) @ labels
    know = np.triu(rng.random((size, size)) < 0.2, 1).astype(float)
    return LabelGraph([f'label {i}' for i in range(size)], convert(counts), counts.diagonal(), 50,
                      convert(know + know.T) if knowledge else None)


@pytest.fixture
def show(printed):
    return functools.partial(printed, 'show_label_graph.py')


@pytest.fixture
def saved(tmp_path):
    counts = np.array([[10, 4, 0], [4, 5, 1], [0, 1, 2]])
    know = np.array([[0, 2.5, 0], [2.5, 0, 0], [0, 0, 0]])
    LabelGraph(('dog', 'Tennis Racket', 'tv'), counts, [10, 5, 2], 20, know).save(tmp_path / 'graph.npz')
    return tmp_path / 'graph.npz'


def test_neighbours():
    adj = np.array([[1.0, 0.2, 0.7, 0.0]] * 4)
    assert neighbours(adj, 0) == neighbours(sp.csr_matrix(adj), 0) == [(2, 0.7), (1, 0.2)]


def test_cluster_order_puts_linked_labels_together():
    adj = np.zeros((6, 6))
    for i, j in ((0, 3), (3, 5), (0, 5), (1, 4), (2, 4)):
        adj[i, j] = adj[j, i] = 1
    order = cluster_order(adj).tolist()
    assert sorted(order) == list(range(6))
    assert {*order[:3]} in ({0, 3, 5}, {1, 2, 4})


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize(('size', 'knowledge', 'columns'), [(1, True, 3), (2, False, 2), (5, True, 3), (30, True, 3)])
def test_figure(size, knowledge, columns, convert):
    figure = draw_label_graph(make(size, knowledge, convert), **{**VALUES, 'lam': 0.4 if knowledge else 1})
    drawn = [ax for ax in figure.axes if ax.get_title()]
    assert len(drawn) == columns
    names = [text.get_text() for text in drawn[0].get_yticklabels()]
    assert sorted(names) == sorted(f'label {i}' for i in range(size))


def test_labels_without_samples_or_edges_can_be_drawn():
    graph = LabelGraph(['a', 'b', 'c'], np.zeros((3, 3), int), np.zeros(3, int), 0, np.zeros((3, 3)))
    draw_label_graph(graph, **VALUES)


def test_only_the_most_frequent_of_many_labels_are_drawn(monkeypatch):
    monkeypatch.setattr('kss_mm.graph.pictured.MAX_LABELS', 3)
    counts = np.diag([1, 9, 2, 8, 3])
    graph = LabelGraph('abcde', counts, counts.diagonal(), 20, np.zeros((5, 5)))
    figure = draw_label_graph(graph, **VALUES)
    names = {text.get_text() for text in figure.axes[0].get_yticklabels()}
    assert names == {'b', 'd', 'e'} and 'the 3 most frequent of 5' in figure.get_suptitle()


def test_pictures(show, saved):
    assert f'Written: {saved.with_suffix(".png")}' in show(saved, '--dpi', 40)
    assert image.imread(saved.with_suffix('.png')).std() > 0.01
    show(saved, '--out', saved.parent / 'new' / 'graph.svg')
    assert '<svg' in (saved.parent / 'new' / 'graph.svg').read_text()


def test_questions_in_text(show, saved):
    printed = show(saved, '--label', 'tennis racket', 'tv')
    assert 'Tennis Racket: 5 of 20 samples (25.0%)' in printed and 'tv: 2 of 20 samples (10.0%)' in printed
    assert '0.8000  dog' in printed  # P(dog|tennis racket)
    assert '2.5000  dog' in printed  # A_K
    assert not saved.with_suffix('.png').exists()
    assert '1 more' in show(saved, '--label', 'tennis racket', '--limit', 1)


def test_text_without_knowledge_graph(show, tmp_path):
    make(3, knowledge=False).save(tmp_path / 'g.npz')
    printed = show(tmp_path / 'g.npz', '--label', 'label 1')
    assert 'not built' in printed and 'lam = 1' in printed


@pytest.mark.parametrize(('args', 'message'), [
    (('--label', 'tenis racket'), "did you mean 'Tennis Racket'?"),
    (('--label', 'zzzz'), 'is not one of the 3 labels'),
    (('--out', 'x.bmp'), '.png, .svg, .pdf'),
    (('--limit', '0'), '>= 1, got 0'),
    (('--dpi', '100000'), 'got 100000'),
    (('--out', '.png'), 'the picture can be one of'),
    (('--eta', '2'), 'eta must be a number in [0, 1]'),
    (('--lam', '-1', '--label', 'tv'), 'lam must be a number in [0, 1]'),
])
def test_errors_are_one_line(show, saved, args, message):
    error = show(saved, *args)
    assert error.startswith('error: ') and message in error and '\n' not in error


def test_graph_without_counts(show, tmp_path):
    LabelGraph(('a', 'b'), superimposed=np.eye(2)).save(tmp_path / 'g.npz')
    for args in ((), ('--label', 'a')):
        error = show(tmp_path / 'g.npz', *args)
        assert 'g.npz holds a superimposed matrix and no counts' in error and '\n' not in error


def test_missing_graph(show, tmp_path):
    assert 'build it with tools/build_label_graph.py' in show(tmp_path / 'none.npz')
