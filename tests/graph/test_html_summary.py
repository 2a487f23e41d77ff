"""What a label graph shows of itself in a notebook."""

import re

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.graph import LabelGraph


@pytest.fixture
def graph() -> LabelGraph:
    counts = np.array([[40, 12, 6, 2], [12, 12, 0, 0], [6, 0, 30, 2], [2, 0, 2, 2]])
    know = np.zeros((4, 4))
    know[2, 1] = 2.5
    return LabelGraph(('person', '<b>dog</b>', 'cat & mouse', 'emu'), counts=counts, num_samples=np.diag(counts),
                      total=50, knowledge=know, embeddings=np.ones((4, 3)),
                      provenance={'labels': {'file': '<script>.csv', 'lines': 3}, 'other': 5})


def test_it_says_what_the_graph_holds(graph):
    text = graph._repr_html_()
    assert '<b>dog' not in text and '<script' not in text
    lines = [re.sub('<[^>]+>', ' ', line).split() for line in text.split('<tr>')[1:]]
    said = [' '.join(line) for line in lines]
    assert said[1] == 'samples 50, 1.68 labels each; 0 labels in none'
    # 12 / sqrt(40 * 12) before 6 / sqrt(40 * 30); pairs of 2 samples may be chance.
    assert said[2] == ('seen together 4 pairs person – &lt;b&gt;dog&lt;/b&gt;: 12 of 40 and 12 samples '
                       'person – cat &amp; mouse: 6 of 40 and 30 samples')
    assert said[3].endswith('&lt;b&gt;dog&lt;/b&gt; – cat &amp; mouse: 2.5') and said[4] == 'word vectors of 3 numbers'
    assert said[5:] == ['labels from &lt;script&gt;.csv']


def test_in_one_line(graph):
    assert repr(graph) == '<LabelGraph 4 labels, 50 samples>'
    assert repr(LabelGraph(('a', 'b'), superimposed=np.eye(2), path='b.npz')) == (
        '<LabelGraph b.npz: 2 labels, superimposed>')


def test_a_graph_of_nothing_and_one_of_a_mixture_alone():
    empty = LabelGraph(('a', 'b'), counts=np.zeros((2, 2), int), num_samples=np.zeros(2, int), total=0)
    assert '0 pairs' in empty._repr_html_() and '2 labels in none' in empty._repr_html_()
    assert 'a – b: 0.3' in LabelGraph(('a', 'b'), superimposed=[[1., .3], [0., 1.]])._repr_html_()


def test_ten_thousand_labels_stay_sparse(monkeypatch):
    number = 10_000
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(number, size=(2, 200_000))
    ones = np.ones(len(rows), int)
    upper = sp.csr_array((ones, (rows, columns)), shape=(number, number))
    pairs = (upper + upper.T).tolil()
    samples = np.full(number, 1000)
    pairs.setdiag(samples)
    for kind in (sp.csr_array, sp.coo_array):  # a dense copy is 800 MB
        monkeypatch.setattr(kind, 'toarray', None)
    text = LabelGraph(tuple(f'label {label}' for label in range(number)), counts=pairs.tocsr(), num_samples=samples,
                      total=10 ** 6)._repr_html_()
    assert 'and 9,995 more' in text and len(text) < 3000
