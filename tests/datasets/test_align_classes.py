import json
import pickle

import pytest
import torch
from mmengine.dataset import BaseDataset, ClassBalancedDataset, ConcatDataset, RepeatDataset, pseudo_collate
from mmengine.registry import DATASETS
from torch.utils.data import DataLoader, Subset

from kss_mm.datasets.align_classes import align_classes, classes_of
from kss_mm.datasets.label_counts import label_counts
from kss_mm.errors import InputError

CLASSES = ('a', 'b', 'c')
LABELS = [['a'], ['b', 'a'], ['c'], ['c', 'b'], ['c']]  # by name, of five samples


@DATASETS.register_module(name='samples of test_align_classes', force=True)
class Samples(BaseDataset):
    """Samples whose labels are many-hot or indices, in the order of the classes given."""

    def __init__(self, names, many_hot=False, **kwargs):
        self.names, self.many_hot = names, many_hot
        super().__init__(metainfo=dict(classes=names) if kwargs.pop('named', True) else None, **kwargs)

    def load_data_list(self):
        return [dict(gt_label=[self.names.index(name) for name in labels if name in self.names]) for labels in LABELS]

    def get_data_info(self, idx):
        info = super().get_data_info(idx)
        if self.many_hot:
            info['gt_label'] = torch.eye(len(self.names))[info['gt_label']].sum(0)
        return info

    def get_cat_ids(self, idx):
        return self.get_data_info(idx)['gt_label']


def align(dataset, classes=CLASSES, complete=False) -> list[str]:
    return align_classes(dataset, classes, 'the model', what='test set', complete=complete, remedy='mend it')


def names_of(dataset, classes=CLASSES) -> list[list[str]]:
    """The labels of the samples as a model sees them, by its classes."""
    labels = [dataset[index]['gt_label'] for index in range(len(dataset))]
    return [sorted(classes[i] for i in (x.nonzero().flatten().tolist() if isinstance(x, torch.Tensor) else x))
            for x in labels]


WANTED = [sorted(labels) for labels in LABELS]
SAMPLES = dict(type='samples of test_align_classes', names=['c', 'a', 'b'])


@pytest.mark.parametrize('many_hot', [False, True])
@pytest.mark.parametrize('lazy_init', [False, True])
def test_the_same_names_in_another_order_are_mapped_once(many_hot, lazy_init):
    dataset = Samples(['c', 'a', 'b'], many_hot, lazy_init=lazy_init)
    (line,) = align(dataset)
    assert "'c' and 'a'" in line and 'the test set' in line and 'the model' in line
    assert align(dataset) == []  # every validation compares again
    assert names_of(dataset) == WANTED
    assert dataset.metainfo['classes'] == CLASSES


def test_equal_names_change_nothing():
    dataset = Samples(list(CLASSES))
    assert align(dataset) == [] and dataset.pipeline.transforms == [] and dataset.metainfo['classes'] == list(CLASSES)


@pytest.mark.parametrize('wrap', [
    lambda leaf: RepeatDataset(leaf, times=1),
    lambda leaf: ClassBalancedDataset(leaf, oversample_thr=1e-3),
    lambda leaf: ConcatDataset([leaf]),
    lambda leaf: RepeatDataset(dict(type='ConcatDataset', datasets=[SAMPLES]), times=1),
    lambda leaf: Subset(leaf, range(5)),
    lambda leaf: torch.utils.data.ConcatDataset([leaf]),
], ids=['repeat', 'balanced', 'concat', 'nested', 'torch-subset', 'torch-concat'])
@pytest.mark.slow
def test_inside_wrappers(wrap):
    dataset = wrap(Samples(['c', 'a', 'b']))
    align(dataset)
    assert names_of(dataset) == WANTED
    assert classes_of(dataset) == CLASSES
    assert getattr(dataset, 'metainfo', {'classes': CLASSES})['classes'] == CLASSES


def test_folds_of_mmpretrain():
    wrappers = pytest.importorskip('mmpretrain.datasets')
    folds = [wrappers.KFoldDataset(SAMPLES, fold=0, num_splits=5, test_mode=test_mode) for test_mode in (False, True)]
    for fold in folds:
        align(fold)
        assert fold.metainfo['classes'] == CLASSES
    assert names_of(folds[1]) + names_of(folds[0]) == WANTED


def test_parts_of_other_orders():
    dataset = ConcatDataset([Samples(['c', 'a', 'b']), Samples(['b', 'c', 'a']), Samples(list(CLASSES))],
                            ignore_keys='classes')
    assert len(align(dataset, complete=True)) == 2
    assert names_of(dataset) == 3 * WANTED


@pytest.mark.parametrize(('workers', 'context', 'persistent'), [(0, None, False), (1, 'fork', False),
                                                                (1, 'fork', True), (1, 'spawn', True)])
@pytest.mark.slow
def test_in_workers(workers, context, persistent):
    dataset = Samples(['c', 'a', 'b'], True)
    align(dataset)
    loader = DataLoader(dataset, batch_size=2, num_workers=workers, multiprocessing_context=context,
                        persistent_workers=persistent, collate_fn=pseudo_collate)
    for _ in range(2):
        rows = [row for batch in loader for row in batch['gt_label']]
        assert [[CLASSES[i] for i in row.nonzero().flatten()] for row in rows] == WANTED


def test_a_set_that_lacks_classes_is_mapped_and_told():
    dataset = Samples(['c', 'b'], True)
    (line,) = align(dataset)
    assert 'lacks 1 of the 3' in line and "'a'" in line
    assert names_of(dataset) == [[name for name in labels if name != 'a'] for labels in WANTED]
    assert all(len(dataset[index]['gt_label']) == 3 for index in range(5))


@pytest.mark.parametrize(('own', 'complete', 'message'), [
    (['a', 'b', 'c', 'd'], False, r"4 classes \('a', 'b', 'c', \.\.\.|'d' is not one of the latter"),
    (['a', 'b', 'x'], False, r"3 classes \('a', 'b', 'x'\), .*3 \('a', 'b', 'c'\), .*'x'"),
    (['a', 'b'], True, "'c' is missing .*mend"),
])
def test_other_classes_are_refused_with_both_named(own, complete, message):
    dataset = Samples(own)
    with pytest.raises(InputError, match=message):
        align(dataset, complete=complete)
    assert dataset.metainfo['classes'] == own and dataset.pipeline.transforms == []


def test_a_set_without_names_gets_them():
    dataset = RepeatDataset(Samples(list(CLASSES), named=False), times=2)
    assert classes_of(dataset) is None and align(dataset) == []
    assert dataset.metainfo['classes'] == dataset.dataset.metainfo['classes'] == CLASSES


def test_a_set_without_a_pipeline_is_refused():
    class Batches(torch.utils.data.Dataset):
        metainfo = dict(classes=['c', 'a', 'b'])

        def __len__(self):
            return 1

        def __getitem__(self, index):
            return dict(gt_label=torch.eye(3))

    with pytest.raises(InputError, match='Batches, has its classes in another order'):
        align(Batches())


def test_names_that_cannot_be_changed_are_refused():
    class Fixed(Samples):
        metainfo = property(lambda self: dict(classes=['c', 'a', 'b']))

    dataset = Fixed(['c', 'a', 'b'])
    with pytest.raises(InputError, match='does not take other class names'):
        align(dataset)
    assert dataset.pipeline.transforms == []


def test_list_files_of_mmaction2_with_another_number_of_labels(tmp_path):
    datasets = pytest.importorskip('mmaction.datasets')
    (tmp_path / 'list.txt').write_text('a.mp4 0 2\n')
    for num_classes, names in ((4, {}), (4, dict(classes=['a', 'b', 'c'])), (3, dict(classes=['a', 'b']))):
        dataset = datasets.VideoDataset(str(tmp_path / 'list.txt'), [], multi_class=True, num_classes=num_classes,
                                        metainfo=names)
        with pytest.raises(InputError, match=rf'\(list.txt\) has num_classes={num_classes}'):
            align(dataset)


def test_missing_videos_of_charades_keep_their_names(tmp_path):
    pytest.importorskip('mmaction')
    from kss_mm.datasets import CharadesDataset

    (tmp_path / 'Charades_v1_classes.txt').write_text('c000 c\nc001 a\nc002 b\n')
    (tmp_path / 'test.csv').write_text('id,actions,length\nAAA,c000 1 2,3\nBBB,c001 1 2;c002 0 1,3\n')
    (tmp_path / 'AAA.mp4').write_bytes(b'')
    dataset = CharadesDataset(str(tmp_path / 'test.csv'), [dict], data_prefix=dict(video=str(tmp_path)),
                              allow_missing=True, test_mode=True)
    assert dataset.metainfo['missing'] == dict(BBB=[1, 2])
    align(dataset)
    assert dataset.metainfo['missing'] == dict(BBB=[0, 1])


@pytest.mark.parametrize('many_hot', [False, True])
def test_counts_are_those_of_the_names(many_hot):
    dataset = RepeatDataset(Samples(['c', 'a', 'b'], many_hot), times=3)
    for _ in range(2):
        counts, total, _ = label_counts(dataset, ['c', 'a', 'b'] if not align(dataset, ['c', 'a', 'b']) else [])
        assert (counts.tolist(), total) == ([3, 2, 2], 5)
    align(dataset)
    counts, total, _ = label_counts(dataset, CLASSES)
    assert (counts.tolist(), total) == ([2, 2, 3], 5)


def test_counts_of_json_files_of_mmpretrain(tmp_path):
    datasets = pytest.importorskip('mmpretrain.datasets')

    def build(labels):
        path = tmp_path / 'a.json'
        path.write_text(json.dumps(dict(metainfo=dict(classes=['a', 'b']), data_list=[
            dict(img_path='x.jpg', gt_label=label) for label in labels])))
        return datasets.MultiLabelDataset(str(path))

    assert label_counts(build([[0], [], [0, 1]]), ['a', 'b'])[0].tolist() == [2, 1]
    assert label_counts(build([0, 1]), ['a', 'b']) is None  # single labels
    with pytest.raises(InputError, match=r'sample 1 .*a.json has the label \[2\]'):
        label_counts(build([[0], [2]]), ['a', 'b'])


def test_a_mapped_data_set_can_be_pickled():
    dataset = Samples(['c', 'a', 'b'])
    align(dataset)
    assert names_of(pickle.loads(pickle.dumps(dataset))) == WANTED
