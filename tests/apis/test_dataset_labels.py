"""Labels asked from a host's data set: indices and many-hot vectors that fit, or the sample is named."""

import numpy as np
import pytest
import torch

from kss_mm.apis.dataset_labels import _indices, read_config_labels
from kss_mm.errors import InputError


@pytest.mark.parametrize(('label', 'expected'), [
    ([2, 0], [0, 2]), ({1}, [1]), ([], []), (np.array([0, 1, 1]), [1, 2]), (torch.tensor([1., 0., 1.]), [0, 2]),
    (np.array([True, False, False]), [0]), (torch.tensor([0., -1., 1.]), [2]),
    (np.array([2, 0]), [0, 2]), (np.array([2, 0, 1]), [0, 1, 2]),
    (np.array([], np.int64), [])])
def test_forms_of_a_label(label, expected):
    assert _indices(label, 3) == expected


@pytest.mark.parametrize(('label', 'message'), [
    ([3], 'label index 3 is not one of the 3'), ([-1], 'label index -1 .*counts its last class'),
    ([0.5], 'holds 0.5'), ([True], 'holds True'), (['dog'], "holds 'dog'"), ([0, 1, 1], 'looks like a row of 0 and 1'),
    (np.array([7, 0, 1]), 'holds 7 for class 0'), (np.array([0, 0, -1]), 'holds -1 for class 2'),
    (torch.tensor([0., -2., 1.]), r'holds -2.0 for class 1'), (torch.tensor([.5, 0, 1]), 'holds 0.5 for class 0'),
    (torch.tensor([1., 0.]), 'has 2 numbers, but should be 3'), (np.array([7, 1]), 'index 7'),
    (np.array([2, 2, 0]), 'holds 2 for class 0'), (np.eye(3), 'neither'), ('dog', 'neither'), (None, 'neither')])
def test_labels_that_no_class_has(label, message):
    with pytest.raises(ValueError, match=message):
        _indices(label, 3)


@pytest.fixture
def config(tmp_path):
    pytest.importorskip('mmaction')

    def write(text: str, kind: str = 'VideoDataset'):
        (tmp_path / 'list.txt').write_text(text)
        (tmp_path / 'config.py').write_text(
            "default_scope = 'mmaction'\ntrain_dataloader = dict(dataset=dict(type="
            f"{kind!r}, ann_file={str(tmp_path / 'list.txt')!r}, multi_class=True, num_classes=3, pipeline=[]))\n")
        return str(tmp_path / 'config.py')
    return write


def test_files_are_the_samples_names(config):
    labels = read_config_labels(config('a.mp4 0 2\nb.mp4 1\n'), ['dog', 'cat', 'tv'])
    assert [name.rpartition('/')[2] for name in labels.ids] == ['a.mp4', 'b.mp4']
    np.testing.assert_array_equal(labels.matrix.toarray(), [[1, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize(('text', 'kind', 'message'), [
    ('a.mp4 0 2\nb.mp4 -1\n', 'VideoDataset', r'sample b\.mp4 .*label -1'),  # the host would count class 2
    ('a.mp4 0\nb.mp4 0 7\n', 'VideoDataset', r'sample b\.mp4 .*label 7'),  # the host ends in an IndexError
    ('a 30 0\nb 12\n', 'RawframeDataset', r'sample b .*label -1')])  # the host's stand-in for no label
def test_lists_that_the_hosts_misread(config, text, kind, message):
    with pytest.raises(InputError, match=message):
        read_config_labels(config(text, kind), ['dog', 'cat', 'tv'])
