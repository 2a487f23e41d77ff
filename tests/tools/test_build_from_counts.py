"""tools/build_label_graph.py --counts: the statistics of ML-GCN's side files, given as arrays."""

import functools
import json

import numpy as np
import pytest
from mlgcn_release import raw_adjacency, side_files

from kss_mm.graph import LabelGraph

COUNTS, NUMS, WORDS, TOTAL = side_files(5)


@pytest.fixture
def make(printed, tmp_path):
    (tmp_path / 'names.txt').write_text('a\nb\nc\nd\ne\n')
    return functools.partial(printed, 'build_label_graph.py', '--classes', tmp_path / 'names.txt', '-o',
                             tmp_path / 'g.npz')


@pytest.mark.parametrize('kind', [int, float])
@pytest.mark.parametrize('names', [('adj', 'nums'), ('counts', 'num_samples')])
def test_the_graph_of_released_counts(make, tmp_path, kind, names):
    np.savez(tmp_path / 'adj.npz', total=TOTAL, **dict(zip(names, (COUNTS.astype(kind), NUMS.astype(kind)))))
    np.save(tmp_path / 'words.npy', WORDS)
    printed = make('--counts', tmp_path / 'adj.npz', '--words', tmp_path / 'words.npy')
    assert 'Labels: 5 classes, 200 samples, counted before' in printed and 'Statistical graph A_S' in printed
    graph = LabelGraph.load(tmp_path / 'g.npz')
    np.testing.assert_array_equal(graph.counts, COUNTS + np.diag(NUMS))
    np.testing.assert_allclose(graph.statistical(), raw_adjacency(COUNTS, NUMS))
    np.testing.assert_array_equal(graph.embeddings, WORDS)
    np.testing.assert_allclose(graph.priors, NUMS / 200)
    assert graph.provenance['labels'] == {'file': 'names.txt', 'counts': 'adj.npz'}
    assert str(tmp_path) not in json.dumps(graph.provenance)


def test_a_config_names_the_classes(printed, tmp_path):
    """In its own order, and its samples do not count."""
    categories = [dict(id=index, name=name) for index, name in enumerate('edcba', start=1)]
    (tmp_path / 'instances_train2014.json').write_text(json.dumps(dict(
        images=[dict(id=1, file_name='1.jpg', width=8, height=8)], categories=categories,
        annotations=[dict(id=1, image_id=1, category_id=2, bbox=[0, 0, 1, 1], iscrowd=0)])))
    np.savez(tmp_path / 'adj.npz', adj=COUNTS, nums=NUMS, total=TOTAL)
    dataset = 'train_dataloader.dataset'
    printed('build_label_graph.py', 'configs/mlgcn_r101_coco_released.py', '--counts', tmp_path / 'adj.npz', '-o',
            tmp_path / 'g.npz', '--cfg-options', f'{dataset}.data_root={tmp_path}',
            f'{dataset}.ann_file=instances_train2014.json')
    graph = LabelGraph.load(tmp_path / 'g.npz')
    assert graph.classes == tuple('abcde') and graph.total == TOTAL
    np.testing.assert_array_equal(graph.num_samples, NUMS)


@pytest.mark.parametrize(('arrays', 'message'), [
    (dict(total=None), "has no array total, it has 'adj, nums'; save them by np.savez(FILE, adj=..., nums=..., total="),
    (dict(adj=None), 'has no array adj or counts'),
    (dict(adj=COUNTS / NUMS[:, None]), 'adj must hold whole numbers of samples >= 0, not shares of them'),
    (dict(adj=-COUNTS), 'adj must hold whole numbers'),
    (dict(nums=NUMS * np.nan), 'nums must hold whole numbers'),
    (dict(adj=COUNTS[:4, :4]), 'adj is for 4 labels, but there are 5 classes'),
    (dict(adj=COUNTS[:4]), 'adj must be a square (K, K) matrix'),
    (dict(nums=NUMS[:4]), 'nums must have one entry for each of the 5 labels'),
    (dict(total=NUMS), 'total be one number, got shapes (5,) and (5,)'),
    (dict(adj=COUNTS + np.eye(5, dtype=int)), 'the diagonal of adj holds neither zeros nor nums'),
    (dict(nums=NUMS // 9), 'some label occurs more often with another than nums or total says'),
    (dict(total=3), 'some label occurs more often'),
    (dict(adj=np.array({})), 'not a readable NumPy file without pickles'),
])
def test_counts_that_cannot_be(make, tmp_path, arrays, message):
    arrays = dict(adj=COUNTS, nums=NUMS, total=TOTAL) | arrays
    np.savez(tmp_path / 'adj.npz', **{name: value for name, value in arrays.items() if value is not None})
    error = make('--counts', tmp_path / 'adj.npz')
    assert error.startswith(f'error: {tmp_path}/adj.npz') and message in error and '\n' not in error
    assert not (tmp_path / 'g.npz').exists()


def test_files_that_are_no_counts(make, printed, tmp_path):
    np.save(tmp_path / 'adj.npy', COUNTS)
    assert 'adj.npy: is a single array, and counts are three' in make('--counts', tmp_path / 'adj.npy')
    (tmp_path / 'coco_adj.pkl').write_bytes(b'\x80\x02}q\x00.')
    error = make('--counts', tmp_path / 'coco_adj.pkl')
    assert 'coco_adj.pkl: not a readable NumPy file without pickles' in error and '\n' not in error
    assert 'nowhere.npz: no such file of counts' in make('--counts', 'nowhere.npz')
    assert '--counts stands in place of --labels' in make('--counts', 'a.npz', '--labels', 'b.csv')
    assert '--counts without labels needs the class names' in printed('build_label_graph.py', '--counts', 'a.npz', '-o',
                                                                      tmp_path / 'g.npz')
