import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph import LabelGraph, cooccurrence, statistical_adjacency, superimpose

COUNTS = cooccurrence(np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]]))
KNOWLEDGE = np.array([[0, 2.0, 0], [2.0, 0, 0.5], [0, 0.5, 0]])


def make(**changes):
    fields = {'classes': ('dog', 'traffic light', 'tv'), 'counts': COUNTS, 'num_samples': COUNTS.diagonal(), 'total': 4,
              'knowledge': KNOWLEDGE, 'embeddings': np.arange(6, dtype=np.float32).reshape(3, 2),
              'provenance': {'labels': {'file': 'train.json'}}}
    return LabelGraph(**{**fields, **changes})


def dense(matrix):
    return matrix.toarray() if sp.issparse(matrix) else matrix


def test_importing_the_graph_imports_neither_torch_nor_a_host():
    code = ("import sys, kss_mm.graph, kss_mm.graph.embeddings, kss_mm.graph.conceptnet; "
            "print([n for n in ('torch', 'mmengine', 'mmaction', 'mmpretrain', 'matplotlib', 'rich') "
            "if n in sys.modules])")
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == '[]'


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize('changes', [{}, {'knowledge': None}, {'embeddings': None}, {'knowledge': None,
                                                                                     'embeddings': None}])
def test_save_and_load_round_trip(tmp_path, convert, changes):
    graph = make(counts=convert(COUNTS), **{'knowledge': convert(KNOWLEDGE), **changes})
    graph.save(tmp_path / 'new' / 'graph.npz')
    loaded = LabelGraph.load(tmp_path / 'new' / 'graph.npz')
    assert loaded.classes == graph.classes and loaded.total == 4 and loaded.provenance == graph.provenance
    np.testing.assert_array_equal(loaded.num_samples, [3, 2, 1])
    for name in ('counts', 'knowledge', 'embeddings'):
        before, after = getattr(graph, name), getattr(loaded, name)
        assert (before is None) == (after is None)
        if before is not None:
            assert sp.issparse(before) == sp.issparse(after) and before.dtype == after.dtype
            np.testing.assert_array_equal(dense(after), dense(before))


def test_same_graph_gives_the_same_bytes(tmp_path, monkeypatch):
    make().save(tmp_path / 'a.npz')
    later = time.time() + 86400 * 400
    monkeypatch.setattr(time, 'time', lambda: later)
    monkeypatch.setattr(time, 'localtime', lambda *_: time.gmtime(later))
    make().save(tmp_path / 'b.npz')
    assert (tmp_path / 'a.npz').read_bytes() == (tmp_path / 'b.npz').read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.npz', 'b.npz']


def test_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / 'graph.npz'
    make().save(path)
    before = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b'half')
        raise OSError('disk full')
    monkeypatch.setattr(np, 'savez', full_disk)
    with pytest.raises(OSError, match='disk full'):
        make(total=5).save(path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ['graph.npz']


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_adjacency_is_the_composition(convert):
    graph = make(counts=convert(COUNTS), knowledge=convert(KNOWLEDGE))
    expected = superimpose(statistical_adjacency(COUNTS, [3, 2, 1], 'mlgcn', 0.4, 0.25), KNOWLEDGE,
                           lam=0.4, tau=0.02, eta=0.4)
    np.testing.assert_allclose(dense(graph.adjacency(lam=0.4, tau=0.02, eta=0.4)), expected, rtol=1e-12)
    other = superimpose(statistical_adjacency(COUNTS, [3, 2, 1], 'conditional'), KNOWLEDGE, lam=0.4, tau=0.02, eta=0.4)
    np.testing.assert_allclose(dense(graph.adjacency(lam=0.4, tau=0.02, eta=0.4, form='conditional')), other)


def test_priors():
    np.testing.assert_allclose(make().priors, [0.75, 0.5, 0.25])
    empty = make(counts=np.zeros((3, 3), int), num_samples=np.zeros(3, int), total=0)
    np.testing.assert_array_equal(empty.priors, 0)


def test_without_knowledge_lam_must_be_one():
    graph = make(knowledge=None)
    assert graph.adjacency(lam=1, tau=0, eta=0.4).shape == (3, 3)
    with pytest.raises(InputError, match='set lam=1'):
        graph.adjacency(lam=0.4, tau=0, eta=0.4)


@pytest.mark.parametrize(('changes', 'message'), [
    ({'classes': ('a', 'b', 'a')}, r"'a' comes twice \(classes 0 and 2"),
    ({'classes': ('a', 'b', ' ')}, 'class 2 .* has no name'),
    ({'classes': ('a', 'b')}, 'counts is for 3 labels, but there are 2 classes'),
    ({'classes': ()}, 'no classes'),
    ({'counts': COUNTS[:2]}, 'square'),
    ({'num_samples': [3, 2]}, 'num_samples is for 2 labels'),
    ({'num_samples': [3.5, 2, 1]}, 'integers'),
    ({'total': 2}, 'total is 2, but one label alone has 3'),
    ({'knowledge': np.full((3, 3), np.nan)}, 'knowledge holds NaN'),
    ({'knowledge': np.eye(2)}, 'knowledge is for 2 labels'),
    ({'embeddings': np.zeros(3)}, 'embeddings must be'),
    ({'embeddings': np.zeros((2, 4))}, 'embeddings is for 2 labels'),
    ({'embeddings': np.full((3, 4), np.inf)}, 'embeddings hold NaN'),
])
def test_errors_of_the_constructor(changes, message):
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_load_names_the_tool_for_a_missing_file(tmp_path):
    with pytest.raises(MissingFileError, match=r'graph\.npz: no such label graph; .*tools/build_label_graph\.py'):
        LabelGraph.load(tmp_path / 'graph.npz')


def _pickled_npz(path):
    with open(path, 'wb') as file:
        np.savez(file, format_version=1, classes=np.array([{'a': 1}], dtype=object))


def _wrong_version(path):
    with open(path, 'wb') as file:
        np.savez(file, format_version=99)


def _bad_indices(path):
    make(counts=sp.csr_matrix(COUNTS)).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays['counts.indices'] = arrays['counts.indices'] + 7
    with open(path, 'wb') as file:
        np.savez(file, **arrays)


@pytest.mark.parametrize(('write', 'message'), [
    (lambda path: path.write_bytes(b''), 'not a readable'),
    (lambda path: path.write_bytes(b'PK\x03\x04 and then nonsense'), 'not a readable'),
    (lambda path: path.write_bytes(pickle.dumps({'adj': 1})), 'not a readable'),
    (lambda path: path.write_text('classes'), 'not a readable'),
    (_pickled_npz, 'not a readable'),
    (_wrong_version, 'format version 99'),
    (_bad_indices, 'not a readable'),
    (lambda path: np.savez(path, weights=np.eye(2)), 'not a label graph'),
    (lambda path: np.save(open(path, 'wb'), np.eye(2)), 'single array'),
    (lambda path: (make().save(path), path.write_bytes(path.read_bytes()[:400])), 'not a readable'),
])
def test_load_refuses_other_files(tmp_path, write, message):
    path = tmp_path / 'graph.npz'
    write(path)
    with pytest.raises(InputError, match=message) as error:
        LabelGraph.load(path)
    assert str(path) in str(error.value) and 'tools/build_label_graph.py' in str(error.value)
