import pickle

import numpy as np
import pytest
import torch

from kss_mm.datasets import MapLabels
from kss_mm.errors import InputError
from kss_mm.registry import TRANSFORMS

OWN, CLASSES = ('c', 'a'), ('a', 'b', 'c')


@pytest.mark.parametrize(('labels', 'placed'), [
    ([0], [2]), ([1, 0], [0, 2]), ((0, 1), (2, 0)), ({0, 1}, {0, 2}), ([], []), (1, 0), (np.int64(0), 2),
    (np.array([0, 1]), np.array([2, 0])), (torch.tensor([0, 1]), torch.tensor([2, 0])),
    (torch.tensor(0), torch.tensor(2)),
    (torch.tensor([1., 0.]), torch.tensor([0., 0., 1.])), (np.array([.5, .25], 'f4'), np.array([.25, 0, .5], 'f4')),
    (torch.tensor([True, False]), torch.tensor([False, False, True])), (torch.tensor([], dtype=torch.long), []),
])
def test_labels_get_the_places_of_their_names(labels, placed):
    found = MapLabels(OWN, CLASSES).place(labels)
    assert type(found) is type(labels)
    assert getattr(found, 'dtype', None) == getattr(labels, 'dtype', None)
    np.testing.assert_array_equal(sorted(found) if isinstance(found, set) else found,
                                  sorted(placed) if isinstance(placed, set) else placed)


def test_scores_belong_to_classes_whatever_their_type():
    assert MapLabels(OWN, CLASSES)(dict(gt_score=[1, 0]))['gt_score'] == [0, 0, 1]


@pytest.mark.parametrize(('labels', 'message'), [
    ([2], 'outside 0..1'), ([-1], 'outside 0..1'), (torch.tensor([1., 0., 1.]), '3 numbers for the 2 classes'),
    (torch.zeros(2, 2), r'shape \(2, 2\)'), (torch.zeros(2, 2, dtype=torch.long), 'neither'), ('c', 'neither'),
    (['c'], 'neither'), (dict(task=[0]), 'neither'),
])
def test_a_label_of_no_class_is_refused(labels, message):
    with pytest.raises(InputError, match=message):
        MapLabels(OWN, CLASSES).place(labels)


@pytest.mark.parametrize(('own', 'classes', 'message'), [
    (('a', 'x'), CLASSES, "'x'"), (('a', 'a'), CLASSES, "'a' comes twice"),
    (('a',), ('a', 'b', 'b'), "'b' comes twice"),
])
def test_names_without_a_place_are_refused(own, classes, message):
    with pytest.raises(InputError, match=message):
        MapLabels(own, classes)


@pytest.mark.parametrize('host', ['mmaction', 'mmpretrain'])
def test_packed_samples_of_the_hosts(host):
    structures = pytest.importorskip(f'{host}.structures')
    kind = structures.ActionDataSample if host == 'mmaction' else structures.DataSample
    sample = kind().set_gt_label(torch.tensor([0., 1.]) if host == 'mmaction' else [1])
    sample.set_metainfo(dict(gt_label_difficult=[0]))  # MMPretrain's VOC
    mapping = TRANSFORMS.build(dict(type='kss_mm.MapLabels', own=OWN, classes=CLASSES))
    packed = pickle.loads(pickle.dumps(mapping))(dict(data_samples=[sample, sample], inputs=[1, 2]))
    assert packed['data_samples'][0].gt_label.tolist() == ([1, 0, 0] if host == 'mmaction' else [0])
    assert packed['data_samples'][0].metainfo['gt_label_difficult'] == [2]


@pytest.mark.parametrize('packed', [dict(inputs=1, targets=[0]), ([1], [0])])
def test_labels_at_a_place_of_their_own_are_not_left_unmapped(packed):
    with pytest.raises(InputError, match='cannot be mapped'):
        MapLabels(OWN, CLASSES)(packed)


def test_labels_of_boxes_are_refused():
    structures = pytest.importorskip('mmaction.structures')
    from mmengine.structures import InstanceData

    sample = structures.ActionDataSample()
    sample.gt_instances = InstanceData(labels=torch.zeros(1, 2))
    with pytest.raises(InputError, match='gt_instances'):
        MapLabels(OWN, CLASSES)(dict(data_samples=sample))
