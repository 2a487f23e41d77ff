import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
from fuzzing import attack
from scipy import sparse as sp

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph import LabelGraph, cooccurrence, statistical_adjacency, superimpose
from kss_mm.graph.neighbours import neighbours_report
from kss_mm.graph.report import graph_report, labels_report
from kss_mm.graph.superimpose import mix

COUNTS = cooccurrence(np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]]))
KNOWLEDGE = np.array([[0, 2.0, 0], [2.0, 0, 0.5], [0, 0.5, 0]])
SUPERIMPOSED = np.array([[0.5, 0.02, 0.3], [0.2, 0.1, 0], [0.03, 0.4, 0]])  # one entry below 0.03, one at it


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


def given(**changes):
    """A graph of nothing but a ready-made mixture."""
    return make(**{'counts': None, 'num_samples': None, 'total': None, 'knowledge': None,
                   'superimposed': SUPERIMPOSED, **changes})


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize('with_counts', [True, False])
def test_a_superimposed_matrix_round_trips(tmp_path, convert, with_counts):
    graph = make(superimposed=convert(SUPERIMPOSED)) if with_counts else given(superimposed=convert(SUPERIMPOSED))
    graph.save(tmp_path / 'graph.npz')
    loaded = LabelGraph.load(tmp_path / 'graph.npz')
    assert sp.issparse(loaded.superimposed) == sp.issparse(graph.superimposed)
    np.testing.assert_array_equal(dense(loaded.superimposed), SUPERIMPOSED)
    assert (loaded.counts is None, loaded.num_samples is None, loaded.total) == (
        (False, False, 4) if with_counts else (True, True, None))
    assert loaded.path == tmp_path / 'graph.npz'
    loaded.save(tmp_path / 'again.npz')
    assert (tmp_path / 'again.npz').read_bytes() == (tmp_path / 'graph.npz').read_bytes()


def test_without_a_superimposed_matrix_the_file_is_what_it_was(tmp_path):
    make().save(tmp_path / 'graph.npz')
    with np.load(tmp_path / 'graph.npz') as file:
        assert file.files == ['format_version', 'classes', 'num_samples', 'total', 'provenance', 'counts', 'knowledge',
                              'embeddings']


@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_lam_none_takes_the_superimposed_matrix(convert):
    """As the released code ends: tau, eta, D of the columns' sums; nothing before."""
    kept = np.where(SUPERIMPOSED < 0.03, 0, SUPERIMPOSED)
    final = 0.4 * kept + 0.6 * np.eye(3)
    half = np.diag(final.sum(0) ** -0.5)
    graph = given(superimposed=convert(SUPERIMPOSED))
    np.testing.assert_allclose(dense(graph.adjacency(lam=None, tau=0.03, eta=0.4)), half @ final @ half, rtol=1e-12)


def test_lam_none_of_a_symmetric_mixture_is_lam():
    counts = np.array([[3, 0, 0], [0, 2, 0], [0, 0, 1]])  # A_S is the identity, so that the mixture is symmetric
    mixed = mix(np.eye(3), KNOWLEDGE, lam=0.4)
    graph = make(counts=counts, superimposed=mixed)
    values = {'tau': 0.02, 'eta': 0.4}
    np.testing.assert_allclose(graph.adjacency(lam=None, **values), graph.adjacency(lam=0.4, **values), rtol=1e-12)


def test_a_superimposed_matrix_has_no_counts(tmp_path):
    given().save(tmp_path / 'graph.npz')
    for graph, name in ((given(), 'the label graph'), (LabelGraph.load(tmp_path / 'graph.npz'), 'graph.npz')):
        for use in (lambda g: g.priors, lambda g: g.statistical(), lambda g: g.adjacency(lam=1, tau=0, eta=1),
                    lambda g: neighbours_report(g, 'dog', lam=1, tau=0, eta=1),
                    lambda g: labels_report(g, np.ones(3)), lambda g: graph_report(g, lam=1, tau=0, eta=1)):
            with pytest.raises(InputError, match=f'{name} holds a superimposed matrix and no counts') as error:
                use(graph)
            assert '\n' not in str(error.value)
    with pytest.raises(InputError, match='no superimposed matrix.*--superimposed'):
        make().adjacency(lam=None, tau=0, eta=1)
    with pytest.raises(InputError, match='tau must be'):
        given().adjacency(lam=None, tau=-1, eta=1)


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
    ({'classes': ('a', 'b', ' ')}, 'class 2 .* no name'),
    ({'classes': ('a', 'b')}, 'counts .*3 labels, .*2 classes'),
    ({'classes': ()}, 'no classes'),
    ({'counts': COUNTS[:2]}, 'square'),
    ({'num_samples': [3, 2]}, 'num_samples is for 2 labels'),
    ({'num_samples': [3.5, 2, 1]}, 'integers'),
    ({'total': 2}, 'total .*2, .*has 3'),
    ({'knowledge': np.full((3, 3), np.nan)}, 'knowledge holds NaN'),
    ({'knowledge': np.eye(2)}, 'knowledge is for 2 labels'),
    ({'counts': None}, 'counts must be given'),
    ({'total': None, 'superimposed': SUPERIMPOSED}, 'total must be given'),
    ({'superimposed': np.eye(2)}, 'superimposed is for 2 labels'),
    ({'superimposed': -np.eye(3)}, 'superimposed holds a negative'),
    ({'embeddings': np.zeros(3)}, 'embeddings must be'),
    ({'embeddings': np.zeros((2, 4))}, 'embeddings is for 2 labels'),
    ({'embeddings': np.full((3, 4), np.inf)}, 'embeddings hold NaN'),
])
def test_errors_of_the_constructor(changes, message):
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_load_names_the_tool_for_a_missing_file(tmp_path):
    with pytest.raises(MissingFileError, match=r'graph\.npz: no such .*tools/build_label_graph\.py'):
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


def changed(**entries):
    """Writes the file of a graph with other entries; None leaves one out."""
    def write(path):
        arrays = {**make(counts=sp.csr_matrix(COUNTS)).arrays(),
                  **{name.replace('__', '.'): value for name, value in entries.items()}}
        np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return write


@pytest.mark.parametrize(('write', 'message'), [
    (changed(format_version=np.ones(2)), 'format_version must be a whole number'),
    (changed(classes=np.array('dog')), r'classes must be a list of names, got <U3 of shape \(\)'),
    (changed(classes=np.eye(3)), 'classes must be a list of names'),
    (changed(classes=np.array(['dog', 'traffic light', 'a' * 10_000])), 'class 2 .* more than 500 characters'),
    (changed(classes=np.array(['dog', 'traffic light', 'tv\x1b[2J'])), 'control characters'),
    (changed(total=np.array(2 ** 63, np.uint64)), 'total must be'), (changed(total=np.array(-1)), 'total must be'),
    (changed(total=np.array([4, 4])), 'total must be a whole number'),
    (changed(num_samples=np.array(3)), 'num_samples must be a vector'),
    (changed(counts__indptr=np.array(3)), 'sparse matrix counts do not fit'),
    (changed(counts__indptr=None), r'no counts\.indptr'),
    (changed(counts__data=np.array(['a'] * 7)), 'counts do not fit'),
    (changed(embeddings=np.array(['a', 'b', 'c'])), 'embeddings must be numbers'),
    (changed(embeddings=np.full((3, 2), 1e300)), 'embeddings hold NaN or infinity'),
    (changed(knowledge=np.array(1.)), 'knowledge must be a square'),
    (changed(provenance=np.array('[' * 100_000)), 'nested too deeply'),
    (changed(provenance=np.array('[1]')), 'provenance must be an object'),
    (changed(provenance=np.array('{"labels": {"a": NaN}}')), 'not a readable'),
    (changed(provenance=np.eye(2)), 'provenance must be a text'),
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


@pytest.mark.fuzz
@pytest.mark.parametrize('save', [np.savez, np.savez_compressed])
@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix])
def test_mutated_files(tmp_path, convert, save):
    """Many mutations meet the padding of a header or the checksum's slack; what reads can be written again."""
    save(tmp_path / 'plain.npz', **make(counts=convert(COUNTS), superimposed=convert(SUPERIMPOSED)).arrays())
    attack(lambda path: LabelGraph.load(path).save(tmp_path / 'again.npz'), tmp_path / 'graph.npz',
           (tmp_path / 'plain.npz').read_bytes())
