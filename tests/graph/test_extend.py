import warnings

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph, UnknownCounts

WORDS = {'open': [1, 0, 0], 'close': [0, 1, 0], 'door': [0, 0, 1], 'book': [1, 1, 0], 'gate': [0, 1, 1]}
EDGES = [('Antonym', 'open', 'close', 3.), ('RelatedTo', 'gate', 'door', 2.), ('RelatedTo', 'gate', 'book', .5)]
CLASSES = ('open door', 'close door', 'open book')
COUNTS = np.array([[4, 2, 1], [2, 3, 0], [1, 0, 2]])
KNOWLEDGE = np.array([[0, 3., 0], [3., 0, 3.], [0, 3., 0]])
OPTIONS = dict(lam=.4, tau=.02, eta=.4)


@pytest.fixture
def sources(tmp_path):
    (tmp_path / 'words.txt').write_text(''.join(f'{word} {" ".join(map(str, vector))}\n'
                                                for word, vector in WORDS.items()))
    (tmp_path / 'net.csv').write_text(''.join(
        f'/a/x\t/r/{relation}\t/c/en/{start}\t/c/en/{end}\t{{"weight": {weight}}}\n'
        for relation, start, end, weight in EDGES))
    return dict(words=tmp_path / 'words.txt', conceptnet=tmp_path / 'net.csv')


def make(**changes):
    embeddings = np.array([np.mean([WORDS[word] for word in name.split()], axis=0) for name in CLASSES], np.float32)
    fields = dict(classes=CLASSES, counts=COUNTS, num_samples=COUNTS.diagonal(), total=6, knowledge=KNOWLEDGE,
                  embeddings=embeddings)
    return LabelGraph(**{**fields, **changes})


def dense(matrix):
    return matrix.toarray() if sp.issparse(matrix) else matrix


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_old_entries_stay_bit_for_bit_and_new_ones_are_looked_up(sources, convert):
    graph = make(counts=convert(COUNTS), knowledge=convert(KNOWLEDGE))
    wider = graph.extend(['close book', 'open gate'], **sources)
    assert wider.classes == (*CLASSES, 'close book', 'open gate') and wider.total == 6
    assert sp.issparse(wider.knowledge) == sp.issparse(graph.knowledge)
    for name in ('counts', 'knowledge'):
        np.testing.assert_array_equal(dense(getattr(wider, name))[:3, :3], dense(getattr(graph, name)))
    np.testing.assert_array_equal(wider.embeddings[:3], graph.embeddings)
    np.testing.assert_array_equal(wider.num_samples, [4, 3, 2, 0, 0])
    np.testing.assert_array_equal(dense(wider.knowledge)[3], [3, 0, 3, 0, 3])  # open - close; gate - book is weaker
    np.testing.assert_array_equal(dense(wider.knowledge)[4], [2, 3, .5, 3, 0])  # gate - door, open - close, gate - book
    np.testing.assert_array_equal(dense(wider.knowledge), dense(wider.knowledge).T)
    np.testing.assert_array_equal(wider.embeddings[3], [.5, 1, 0])
    assert wider.provenance['added'] == ['close book', 'open gate']


def test_one_by_one_gives_the_same(sources):
    both = make().extend(['close book', 'open gate'], **sources)
    single = make().extend(['close book'], **sources).extend(['open gate'], **sources)
    assert single.classes == both.classes and single.provenance == both.provenance
    np.testing.assert_array_equal(single.knowledge, both.knowledge)
    np.testing.assert_array_equal(single.embeddings, both.embeddings)


def test_labels_go_by_the_concepts_that_the_graph_was_built_with(sources):
    known = {'knowledge': {'concepts': {'open door': ['gate'], 'close door': ['close'], 'open book': []}}}
    wider = make(provenance=known).extend(['door'], **sources)
    np.testing.assert_array_equal(wider.knowledge[3], [2, 0, 0, 0])
    mapped = make(provenance=known).extend(['door'], concepts={'door': ['open']}, **sources)
    np.testing.assert_array_equal(mapped.knowledge[3], [0, 3, 0, 0])


def test_unknown_counts_are_kept(sources):
    unknown = UnknownCounts(np.array([1, 0, 2]), np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]]))
    wider = make(unknown=unknown).extend(['close book'], **sources)
    np.testing.assert_array_equal(wider.unknown.samples, [1, 0, 2, 0])
    np.testing.assert_array_equal(wider.unknown.pairs[:3, :3], unknown.pairs)


def test_a_file_holds_a_wider_graph(sources, tmp_path):
    wider = make().extend(['open gate'], **sources)
    wider.save(tmp_path / 'wider.npz')
    loaded = LabelGraph.load(tmp_path / 'wider.npz')
    assert loaded.classes == wider.classes and loaded.provenance == wider.provenance
    np.testing.assert_array_equal(loaded.knowledge, wider.knowledge)


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_frozen_rows_are_those_of_the_graph_before(sources, convert):
    graph = make(counts=convert(COUNTS), knowledge=convert(KNOWLEDGE))
    wider = graph.extend(['close book', 'open gate'], **sources)
    with warnings.catch_warnings():
        warnings.simplefilter('error')  # labels without samples are what it is for
        frozen = dense(wider.frozen_adjacency(3, **OPTIONS))
    np.testing.assert_array_equal(frozen[:3, :3], dense(graph.adjacency(**OPTIONS)))
    assert not frozen[:3, 3:].any() and frozen[3:, :3].any()
    for place, name in enumerate(('close book', 'open gate')):  # each as if it were alone
        single = graph.extend([name], **sources).frozen_adjacency(3, **OPTIONS)
        np.testing.assert_allclose(frozen[3 + place, [0, 1, 2, 3 + place]], dense(single)[3])
    np.testing.assert_array_equal(frozen, dense(wider.adjacency(**OPTIONS, frozen=3)))
    np.testing.assert_array_equal(dense(wider.chosen([0, 1, 2]).counts), dense(graph.counts))


@pytest.mark.parametrize('labels, changes, message', [
    (['open door'], {}, "has the label 'open door' already"),
    ('open gate', {}, 'must be a list of names'),
    (['open gate', 'open gate'], {}, 'comes twice'),
    (['open gate'], dict(words=None), 'has label embeddings.*give words'),
    (['open gate'], dict(conceptnet=None), 'has a knowledge graph.*give conceptnet'),
    (['paint wall'], dict(missing_words='zero'), "has no word of the label 'paint wall'"),
    (['paint door'], {}, "lacks the word 'paint' of the label 'paint door'"),
    (['open gate'], dict(concepts={'open gat': ['door']}), "no label that is added; did you mean 'open gate'"),
])
def test_what_cannot_be_added_is_told(sources, labels, changes, message):
    with pytest.raises(InputError, match=message) as told:
        make().extend(labels, **{**sources, **changes})
    assert '\n' not in str(told.value)


def test_other_word_vectors_are_refused(sources, tmp_path):
    (tmp_path / 'other.txt').write_text(''.join(f'{word} 1 2 {index}\n' for index, word in enumerate(WORDS)))
    with pytest.raises(InputError, match="gives 'open door' another embedding"):
        make().extend(['open gate'], **{**sources, 'words': tmp_path / 'other.txt'})
    (tmp_path / 'wide.txt').write_text(''.join(f'{word} 1 2 3 4\n' for word in WORDS))
    with pytest.raises(InputError, match='vectors of 4 numbers.*have 3'):
        make().extend(['open gate'], **{**sources, 'words': tmp_path / 'wide.txt'})


def test_graphs_that_say_nothing_of_other_labels_are_refused(sources):
    with pytest.raises(InputError, match='superimposed'):
        make(superimposed=np.eye(3)).extend(['open gate'], **sources)
    with pytest.raises(InputError, match='neither knowledge nor embeddings'):
        make(knowledge=None, embeddings=None).extend(['open gate'])
    with pytest.raises(InputError, match='has no knowledge graph'):
        make(knowledge=None).extend(['open gate'], **sources)
    assert make(knowledge=None).extend(['open gate'], words=sources['words']).knowledge is None
