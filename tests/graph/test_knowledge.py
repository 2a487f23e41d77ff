import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph import knowledge_adjacency

CONCEPTS = [['dog'], ['cat', 'kitten'], ['tv'], []]
EDGES = [('dog', 'cat', 1.0), ('kitten', 'dog', 2.5), ('dog', 'cat', 0.5), ('tv', 'house', 9.0), ('dog', 'dog', 3.0),
         ('cat', 'kitten', 4.0), ('tv', 'cat', 0.0)]
NAMES = st.sampled_from('abcdef')


@pytest.mark.parametrize('sparse', [False, True])
def test_by_hand(sparse):
    adj = knowledge_adjacency(EDGES, CONCEPTS, sparse=sparse)
    assert sp.issparse(adj) == sparse
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 0] = 2.5  # the heaviest of both directions and of both concepts
    np.testing.assert_array_equal(adj.toarray() if sparse else adj, expected)


def test_relation_of_a_concept_with_itself_links_the_labels_that_share_it():
    adj = knowledge_adjacency([('book', 'book', 2.0)], [['hold', 'book'], ['read', 'book'], ['read']])
    np.testing.assert_array_equal(adj, [[0, 2, 0], [2, 0, 0], [0, 0, 0]])


@given(st.lists(st.tuples(NAMES, NAMES, st.floats(0, 10)), max_size=15),
       st.lists(st.lists(NAMES, max_size=3), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_is_eq_1_symmetric_and_permutes(edges, concepts, random):
    adj = knowledge_adjacency(edges, concepts)
    for i, first in enumerate(concepts):
        for j, second in enumerate(concepts):
            weights = [w for a, b, w in edges if (a in first and b in second) or (a in second and b in first)]
            assert adj[i, j] == (max(weights, default=0) if i != j else 0)
    order = random.sample(range(len(concepts)), len(concepts))
    permuted = knowledge_adjacency(random.sample(edges, len(edges)), [concepts[i] for i in order])
    np.testing.assert_array_equal(permuted, adj[order][:, order])
    np.testing.assert_array_equal(knowledge_adjacency(edges, concepts, sparse=True).toarray(), adj)


def test_no_edges_and_one_label():
    np.testing.assert_array_equal(knowledge_adjacency([], [['a'], ['b']]), np.zeros((2, 2)))
    np.testing.assert_array_equal(knowledge_adjacency([('a', 'a', 1.0)], [['a']]), [[0]])


@pytest.mark.parametrize(('edges', 'concepts', 'message'), [
    ([('a', 'b', -1.0)], [['a'], ['b']], 'weight -1.0'),
    ([('a', 'b', float('nan'))], [['a'], ['b']], 'weight nan'),
    ([], [], 'no labels'),
])
def test_errors(edges, concepts, message):
    with pytest.raises(InputError, match=message):
        knowledge_adjacency(edges, concepts)
