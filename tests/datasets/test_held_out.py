import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.hosts.runs import repair_hosts

pytest.importorskip('mmaction')

LABELS = '''file,labels
a.mp4,run; jump
b.mp4,jump
c.mp4,swim; run
d.mp4,
'''


def make(folder, **options):
    repair_hosts()
    from kss_mm.datasets.multi_label_videos import MultiLabelVideos

    (folder / 'labels.csv').write_text(LABELS)
    return MultiLabelVideos(str(folder / 'labels.csv'), pipeline=[], **options)


def labels_of(dataset):
    return [np.flatnonzero(dataset.get_data_info(index)['label']).tolist() for index in range(len(dataset))]


def test_labels_that_are_held_out_are_neither_classes_nor_in_samples(tmp_path):
    whole, part = make(tmp_path), make(tmp_path, held_out=['jump'])
    assert whole.metainfo['classes'] == ('jump', 'run', 'swim') and labels_of(whole) == [[0, 1], [0], [1, 2], []]
    assert part.metainfo['classes'] == ('run', 'swim') and labels_of(part) == [[0], [], [0, 1], []]
    assert part.num_classes == 2 and len(part.get_data_info(0)['label']) == 2


def test_names_may_stand_in_a_file(tmp_path):
    (tmp_path / 'unseen.txt').write_text('swim\njump\n')
    assert make(tmp_path, held_out=str(tmp_path / 'unseen.txt')).metainfo['classes'] == ('run',)


@pytest.mark.parametrize('names, message', [
    (['jmp'], "'jmp' is no class of the data set; did you mean 'jump'"),
    (['jump', 'run', 'swim'], 'names all 3 classes'),
])
def test_wrong_names_are_told(tmp_path, names, message):
    with pytest.raises(InputError, match=message):
        make(tmp_path, held_out=names)


def test_unknown_labels_move_along(tmp_path):
    from kss_mm.datasets.multi_label_videos import MultiLabelVideos

    (tmp_path / 'columns.csv').write_text('file,run,jump,swim\na.mp4,1,0,-1\nb.mp4,0,1,1\n')
    dataset = MultiLabelVideos(str(tmp_path / 'columns.csv'), pipeline=[], held_out=['jump'])
    assert [dataset.get_data_info(index)['label'].tolist() for index in range(2)] == [[1, -1], [0, 1]]
