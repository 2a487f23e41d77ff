import functools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, SHARED
from scipy import sparse as sp

from kss_mm.graph import LabelGraph

DATA = SHARED / 'data'
NAMES = ['dog', 'hot dog', 'tv']
MATRIX = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 0, 1]])
CONCEPTNET = '\n'.join(f'/a/[]\t/r/{relation}\t/c/en/{start}\t/c/en/{end}\t{{"weight": {weight}}}' for
                       start, relation, end, weight in (('dog', 'IsA', 'animal', 2.0), ('dog', 'AtLocation', 'tv', 1.5),
                                                        ('hot', 'Antonym', 'cold', 1.0)))
VECTORS = 'dog 1 2\ntv 3 4\nhot 5 6\n'


@pytest.fixture
def make(printed):
    return functools.partial(printed, 'build_label_graph.py')


@pytest.fixture
def files(tmp_path):
    (tmp_path / 'names.txt').write_text('\n'.join(NAMES) + '\n')
    (tmp_path / 'train.json').write_text(json.dumps([['dog', 'tv'], ['dog', 'hot dog'], [], ['tv', 'dog']]))
    (tmp_path / 'conceptnet.csv').write_text(CONCEPTNET + '\nbad line\n')
    (tmp_path / 'glove.txt').write_text(VECTORS)
    return tmp_path


def test_whole_run_and_its_report(make, files):
    out = files / 'new' / 'graph.npz'
    args = ('--labels', files / 'train.json', '--classes', files / 'names.txt', '--conceptnet',
            files / 'conceptnet.csv', '--words', files / 'glove.txt', '-o', out)
    printed = make(*args)
    for pattern in ('classes             3\n', 'samples             4, 1 of them without any label', '1.50 on average',
                    'never seen          none', '1 malformed (the first is line 4)', 'matched exactly     2 of 3',
                    'by sub-phrases      1: hot dog -> hot + dog', 'not matched         none',
                    'vector of its own   2 of 3', 'averaged words      1: hot dog', 'missing words       none',
                    'edges before tau', 'edges after tau', 'isolated labels     none', f'Written: {out}'):
        assert pattern in printed, pattern
    graph = LabelGraph.load(out)
    assert graph.classes == tuple(NAMES) and graph.total == 4
    np.testing.assert_array_equal(graph.counts, MATRIX.T @ MATRIX)
    np.testing.assert_array_equal(graph.knowledge, [[0, 0, 1.5], [0, 0, 1.5], [1.5, 1.5, 0]])
    np.testing.assert_array_equal(graph.embeddings, [[1, 2], [3, 4], [3, 4]])
    assert str(files) not in json.dumps(graph.provenance)
    first = out.read_bytes()
    make(*args)
    assert out.read_bytes() == first


def test_how_labels_were_read_is_said(make, files):
    (files / 'tags.csv').write_text('file,tags\na,dog hot dog\nb,tv\n')
    error = make('--labels', files / 'tags.csv', '-o', files / 'g.npz')
    assert 'tags.csv: row 2:' in error and '--separator space' in error and '\n' not in error
    printed = make('--labels', files / 'tags.csv', '--classes', files / 'names.txt', '-o', files / 'g.npz')
    assert "read as             labels are in column 'tags'" in printed and 'separated by blanks' in printed
    assert LabelGraph.load(files / 'g.npz').num_samples.tolist() == [1, 1, 1]
    make('--labels', files / 'tags.csv', '--separator', 'none', '--label-column', 'tags', '-o', files / 'g.npz')
    assert LabelGraph.load(files / 'g.npz').classes == ('dog hot dog', 'tv')


def test_lists_of_raw_frames(make, files):
    (files / 'list.txt').write_text('dir/x 2 0 1\ndir/y 1 2\n')
    args = ('--labels', files / 'list.txt', '--classes', files / 'names.txt', '-o', files / 'g.npz')
    assert '(--rawframes) or a label (--no-rawframes)?' in make(*args)
    make(*args, '--rawframes')
    assert LabelGraph.load(files / 'g.npz').num_samples.tolist() == [1, 1, 1]
    make(*args, '--no-rawframes')
    assert LabelGraph.load(files / 'g.npz').num_samples.tolist() == [1, 2, 2]


def test_annotations_and_names_alone_are_enough(make, files):
    printed = make('--labels', files / 'train.json', '--classes', files / 'names.txt', '-o', files / 'g.npz')
    assert 'lam = 1,' in printed and 'not built' in printed
    graph = LabelGraph.load(files / 'g.npz')
    assert graph.knowledge is None and graph.embeddings is None


def test_mapping_and_relations(make, files):
    (files / 'map.json').write_text('{"hot dog": ["animal", "nothing"]}')
    printed = make('--labels', files / 'train.json', '--conceptnet', files / 'conceptnet.csv', '--concepts',
                   files / 'map.json', '--exclude-relations', 'AtLocation', '-o', files / 'g.npz')
    assert 'matched by mapping  1: hot dog -> animal' in printed and 'hot dog (nothing)' in printed
    np.testing.assert_array_equal(LabelGraph.load(files / 'g.npz').knowledge, [[0, 2, 0], [2, 0, 0], [0, 0, 0]])


def test_charades_mapping(make, files):
    (files / 'Charades_v1_objectclasses.txt').write_text('o000 None\no001 tv/dog\n')
    (files / 'Charades_v1_verbclasses.txt').write_text('v000 animal\n')
    (files / 'Charades_v1_mapping.txt').write_text('c000 o001 v000\nc001 o000 v000\nc002 o001 v000\n')
    make('--labels', files / 'train.json', '--conceptnet', files / 'conceptnet.csv', '--charades-mapping',
         files / 'Charades_v1_mapping.txt', '-o', files / 'g.npz')
    concepts = LabelGraph.load(files / 'g.npz').provenance['knowledge']['concepts']
    assert concepts == {'dog': ['tv', 'dog', 'animal'], 'hot dog': ['animal'], 'tv': ['tv', 'dog', 'animal']}


def test_arrays_as_embeddings(make, files):
    np.save(files / 'e.npy', np.eye(3))
    make('--labels', files / 'train.json', '--words', files / 'e.npy', '-o', files / 'g.npz')
    np.testing.assert_array_equal(LabelGraph.load(files / 'g.npz').embeddings, np.eye(3))
    np.save(files / 'f.npy', np.eye(2))
    assert 'a row for each of the 3 labels' in make('--labels', files / 'train.json', '--words', files / 'f.npy', '-o',
                                                    files / 'g.npz')


SUPERIMPOSED = np.array([[0, 0.5, 0.01], [0.5, 0, 0], [0.01, 0, 0.2]])


@pytest.mark.parametrize('write', [
    lambda path: np.save(path, SUPERIMPOSED) or f'{path}.npy',
    lambda path: np.savez(path, anything=SUPERIMPOSED) or f'{path}.npz',
    lambda path: sp.save_npz(path, sp.csc_matrix(SUPERIMPOSED)) or f'{path}.npz'])
def test_superimposed_matrix_without_labels(make, files, write):
    np.save(files / 'e.npy', np.eye(3))
    printed = make('--superimposed', write(files / 'adj'), '--classes', files / 'names.txt', '--words', files / 'e.npy',
                   '-o', files / 'g.npz')
    for text in ('Labels: 3 classes, no samples', 'Superimposed graph, given: adj.np', 'edges before tau    4',
                 'edges after tau     2', 'isolated labels     1: tv'):
        assert text in printed, text
    graph = LabelGraph.load(files / 'g.npz')
    assert graph.counts is None and graph.classes == tuple(NAMES)
    assert str(files) not in json.dumps(graph.provenance)
    superimposed = graph.superimposed.toarray() if sp.issparse(graph.superimposed) else graph.superimposed
    np.testing.assert_array_equal(superimposed, SUPERIMPOSED)


def test_superimposed_matrix_beside_labels(make, files):
    np.save(files / 'adj.npy', SUPERIMPOSED)
    printed = make('--labels', files / 'train.json', '--classes', files / 'names.txt', '--superimposed',
                   files / 'adj.npy', '-o', files / 'g.npz')
    assert 'Statistical graph A_S' in printed and 'Superimposed graph, given' in printed
    graph = LabelGraph.load(files / 'g.npz')
    assert graph.total == 4 and graph.adjacency(lam=1, tau=0, eta=.4).shape == (3, 3)
    np.testing.assert_array_equal(graph.superimposed, SUPERIMPOSED)


@pytest.mark.parametrize(('matrix', 'message'), [
    (np.eye(2), 'adj.npy: the matrix is for 2 labels, but there are 3 classes'),
    (np.ones((2, 3)), 'adj.npy: the superimposed matrix must be a square'),
    (-np.eye(3), 'adj.npy: the superimposed matrix holds a negative'),
    (np.array([{}]), 'adj.npy: not a readable NumPy file without pickles'),
])
def test_superimposed_matrices_that_cannot_be(make, files, matrix, message):
    np.save(files / 'adj.npy', matrix)
    error = make('--superimposed', files / 'adj.npy', '--classes', files / 'names.txt', '-o', files / 'g.npz')
    assert error.startswith('error: ') and message in error and '\n' not in error


@pytest.mark.parametrize(('args', 'message'), [
    (('--superimposed', 'adj.npy'), '--superimposed without labels needs the class names: --classes names.txt'),
    (('--superimposed', 'nowhere.npy', '--classes', 'names.txt'), 'nowhere.npy: no such superimposed matrix'),
    ((), 'give either a CONFIG or --labels'),
    (('config.py', '--labels', 'train.json'), 'give either a CONFIG or --labels'),
    (('labels.npy',), 'labels.npy is no config; give it as --labels labels.npy'),
    (('config.py', '-o', 'graph.pkl'), 'ends in .npz'),
    (('config.py', '--separator', ','), '--separator needs --labels'),
    (('config.py', '--no-rawframes'), '--rawframes needs --labels'),
    (('config.py', '--relations', 'IsA'), '--relations needs --conceptnet'),
    (('config.py', '--concepts', 'map.json'), '--concepts needs --conceptnet'),
    (('nowhere/config.py',), 'nowhere/config.py: no such config'),
    (('--labels', 'nowhere.json'), 'nowhere.json: no such label file'),
    (('--labels', 'train.json', '--classes', 'nowhere.txt'), 'nowhere.txt: no such class list'),
    (('--labels', 'train.json', '--conceptnet', 'nowhere.csv'), 'nowhere.csv: no such file'),
    (('--labels', 'train.json', '--words', 'nowhere.txt'), 'nowhere.txt: no such file of word vectors'),
    (('--labels', 'train.json', '--words', 'names.txt'), 'names.txt'),
    (('--labels', 'train.json', '--lam', '0.4'), 'set lam=1'),
    (('--labels', 'train.json', '--tau', '-1'), 'tau must be'),
])
def test_errors_are_one_line(make, files, monkeypatch, args, message):
    monkeypatch.chdir(files)
    error = make('-o', 'graph.npz', *args)
    assert error.startswith('error: ') and message in error and '\n' not in error
    assert not (files / 'graph.npz').exists()


CONFIGS = {
    'mmpretrain': ('mmpretrain', "dict(type='MultiLabelDataset', ann_file='{folder}/ann.json', pipeline="
                                 "[dict(type='LoadImageFromFile')])"),
    'repeat': ('mmpretrain', "dict(type='RepeatDataset', times=3, dataset=dict(type='MultiLabelDataset', "
                             "ann_file='{folder}/ann.json', pipeline=[dict(type='NoSuchTransform')]))"),
    'mmaction': ('mmaction2', "dict(type='VideoDataset', ann_file='{folder}/list.txt', multi_class=True, "
                              "num_classes=3, pipeline=[dict(type='DecordInit')])"),
}


@pytest.fixture
def config(files):
    (files / 'ann.json').write_text(json.dumps({'metainfo': {'classes': NAMES}, 'data_list': [
        {'img_path': 'x.jpg', 'gt_label': np.flatnonzero(row).tolist()} for row in MATRIX]}))
    (files / 'list.txt').write_text('x.mp4 0 2\ny.mp4 0 1\nz.mp4\nw.mp4 0 2\n')

    def write(dataset, scope='mmpretrain'):
        path = files / 'config.py'
        path.write_text(f'default_scope = {scope!r}\ntrain_dataloader = dict(dataset='
                        + dataset.replace('{folder}', str(files)) + ')\n')
        return path
    return write


@pytest.mark.parametrize('name', CONFIGS)
@pytest.mark.filterwarnings('ignore')
def test_datasets_of_both_hosts(make, files, config, name):
    host, dataset = CONFIGS[name]
    scope = 'mmaction' if host == 'mmaction2' else host
    pytest.importorskip(scope)
    args = [config(dataset, scope), '-o', files / 'g.npz']
    if host == 'mmaction2':
        assert 'has no class names; give --classes names.txt' in make(*args)
        args += ['--classes', files / 'names.txt']
    make(*args)
    graph = LabelGraph.load(files / 'g.npz')
    assert graph.classes == tuple(NAMES) and graph.total == 4
    np.testing.assert_array_equal(graph.counts, MATRIX.T @ MATRIX)


@pytest.mark.filterwarnings('ignore')
def test_concatenated_datasets_add_up(make, files, config):
    pytest.importorskip('mmpretrain')
    part = CONFIGS['mmpretrain'][1]
    nested = f"dict(type='ClassBalancedDataset', oversample_thr=0.1, dataset={part})"
    make(config(f"dict(type='ConcatDataset', datasets=[{part}, {nested}])"), '-o', files / 'g.npz')
    np.testing.assert_array_equal(LabelGraph.load(files / 'g.npz').counts, 2 * MATRIX.T @ MATRIX)


@pytest.mark.filterwarnings('ignore')
def test_wrappers_that_take_no_pipeline(make, files, config):
    pytest.importorskip('mmpretrain')
    inner = CONFIGS['mmpretrain'][1]
    make(config(f"dict(type='KFoldDataset', fold=0, num_splits=2, test_mode=False, dataset={inner})"),
         '-o', files / 'g.npz')
    assert LabelGraph.load(files / 'g.npz').total == 2


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize(('dataset', 'message'), [
    ("dict(type='NoSuchDataset')", 'data set NoSuchDataset: cannot be built'),
    ("dict(type='MultiLabelDataset', ann_file='{folder}/none.json')", 'none.json'),
    ("dict(type='CustomDataset', data_root='{folder}', ann_file='single.txt', data_prefix='', classes=['a', 'b'])",
     'every sample has one label'),
])
def test_config_errors_are_one_line(make, files, config, dataset, message):
    pytest.importorskip('mmpretrain')
    (files / 'single.txt').write_text('x.jpg 0\ny.jpg 1\n')
    error = make(config(dataset), '-o', files / 'g.npz')
    assert error.startswith('error: ') and message in error


def test_config_options(make, files, config):
    pytest.importorskip('mmpretrain')
    path = config("dict(type='MultiLabelDataset', ann_file='none.json')")
    make(path, '--cfg-options', f'train_dataloader.dataset.ann_file={files}/ann.json', '-o', files / 'g.npz')
    assert LabelGraph.load(files / 'g.npz').total == 4
    assert 'expected KEY=VALUE' in make(path, '--cfg-options', 'nonsense', '-o', files / 'g.npz')


def test_plain_files_do_without_torch(files):
    code = ("import sys, runpy; sys.argv = ['x', '--labels', 'train.json', '--conceptnet', 'conceptnet.csv', "
            f"'--words', 'glove.txt', '-o', 'g.npz']; runpy.run_path({str(ROOT / 'tools' / 'build_label_graph.py')!r}, "
            "run_name='__main__'); print([name for name in ('torch', 'mmengine') if name in sys.modules])")
    result = subprocess.run([sys.executable, '-c', code], cwd=files, env={**os.environ, 'PYTHONPATH': str(ROOT)},
                            capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith('[]')


def test_config_without_training_data(make, files):
    (files / 'config.py').write_text('x = 1\n')
    assert 'it has no train_dataloader.dataset' in make(files / 'config.py', '-o', files / 'g.npz')


@pytest.mark.skipif(not DATA.exists(), reason='needs the shared data')
@pytest.mark.filterwarnings('ignore::kss_mm.graph.UnseenLabelWarning')
def test_coco_end_to_end(make, tmp_path):
    printed = make('--labels', DATA / 'coco256' / 'instances_train.json', '--conceptnet',
                   DATA / 'conceptnet4_en_assertions.csv.gz', '-o', tmp_path / 'g.npz')
    assert 'matched exactly     70 of 80' in printed and 'tennis racket -> tennis + racket' in printed
    assert 'not matched         1: surfboard' in printed
    graph = LabelGraph.load(tmp_path / 'g.npz')
    assert len(graph.classes) == 80 and graph.total == 128
    assert np.isfinite(graph.adjacency(lam=0.4, tau=0.02, eta=0.4)).all()
