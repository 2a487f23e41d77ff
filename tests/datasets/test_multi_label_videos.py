"""Videos of one's own: whatever --labels reads trains, files are found by name, and what is wrong names its row."""

import json

import numpy as np
import pytest

pytest.importorskip('mmaction')
from kss_mm.datasets import MultiLabelVideos  # noqa: E402
from kss_mm.errors import InputError, MissingFileError  # noqa: E402
from kss_mm.sample_ids import id_of, prefixes_of  # noqa: E402

PIPELINE = [dict(type='mmaction.DecordInit')]
TABLE = 'file,split,labels\na 1.mp4,train,run;jump\nb.mp4,train,\nsub/c,val,jump\n'


@pytest.fixture
def videos(tmp_path):
    (tmp_path / 'videos' / 'sub').mkdir(parents=True)
    for name in ('a 1.mp4', 'b.mp4', 'sub/c.avi'):
        (tmp_path / 'videos' / name).touch()
    return tmp_path


def build(root, text=TABLE, name='a.csv', pipeline=PIPELINE, **options) -> MultiLabelVideos:
    (root / name).write_text(text if isinstance(text, str) else json.dumps(text))
    return MultiLabelVideos(name, pipeline, data_root=str(root), **{'data_prefix': 'videos', **options})


def labels(dataset) -> list[list[float]]:
    return [dataset.get_data_info(index)['label'].tolist() for index in range(len(dataset))]


def files(dataset) -> list[str]:
    return [id_of(dataset.get_data_info(index), prefixes_of(dataset)) for index in range(len(dataset))]


def test_samples_classes_and_splits(videos):
    dataset = build(videos)
    assert dataset.metainfo['classes'] == ('jump', 'run') and dataset.num_classes == 2
    assert labels(dataset) == [[1, 1], [0, 0], [1, 0]] and files(dataset) == ['a 1.mp4', 'b.mp4', 'sub/c.avi']
    assert files(build(videos, split='train')) == ['a 1.mp4', 'b.mp4']
    assert files(build(videos, split='train', unlabelled='drop')) == ['a 1.mp4']
    held = build(videos, split='validation', data_prefix=dict(video='videos'), test_mode=True)
    assert files(held) == ['sub/c.avi'] and held.metainfo['classes'] == ('jump', 'run')
    assert len(build(videos, indices=1)) == 1
    assert labels(build(videos, classes=['run', 'walk', 'jump'], split='val')) == [[0, 0, 1]]
    (videos / 'names.txt').write_text('run\njump\n')
    assert labels(build(videos, classes='names.txt', split='val')) == [[0, 1]]


@pytest.mark.parametrize(('text', 'name', 'classes'), [
    ('a 1.mp4\t0 1\nb.mp4\t\nsub/c.avi\t0\n', 'a.txt', ['jump', 'run']),
    ('a 1.mp4 0 1\nb.mp4\nsub/c 0\n', 'a.txt', ['jump', 'run']),
    ('file\tjump\trun\na 1.mp4\t1\t1\nb.mp4\t0\t0\nsub\\c.avi\t1\t0\n', 'a.tsv', None),
    ('\ufefffile,label\r\nC:\\v\\a 1.mp4,run\r\nC:\\v\\a 1.mp4,jump\r\nb.mp4,\r\nc,jump\r\n', 'a.csv', None),
    ({'a 1': ['run', 'jump'], 'b': [], 'c': ['jump']}, 'a.json', None),
    ({'metainfo': {'classes': ['jump', 'run']},
      'data_list': [{'filename': 'a 1.mp4', 'gt_label': [0, 1]}, {'filename': 'b.mp4', 'gt_label': []},
                    {'filename': 'sub/c.avi', 'gt_label': [0]}]}, 'a.json', None)])
def test_all_forms_train(videos, text, name, classes):
    dataset = build(videos, text, name, classes=classes)
    assert labels(dataset) == [[1, 1], [0, 0], [1, 0]] and files(dataset) == ['a 1.mp4', 'b.mp4', 'sub/c.avi']
    assert dataset.metainfo['classes'] == ('jump', 'run')


def test_unknown_labels_are_kept(videos):
    dataset = build(videos, 'file,jump,run\na 1.mp4,1,-1\nb.mp4,0,1\n')
    assert labels(dataset) == [[1, -1], [0, 1]]


def test_missing_videos_warn_in_training_and_stop_evaluation(videos, capfd):
    (videos / 'videos' / 'b.mp4').unlink()
    assert files(build(videos)) == ['a 1.mp4', 'sub/c.avi']
    assert '1 of 3 videos' in ''.join(capfd.readouterr())
    with pytest.raises(MissingFileError, match=r'1 of 3 videos .*a\.csv are missing: .*b\.mp4 \(row 3\)'):
        build(videos, test_mode=True)
    with pytest.raises(MissingFileError, match='no such folder of videos'):
        build(videos, data_prefix='nowhere')
    with pytest.raises(MissingFileError, match='1 of 1 videos'):
        build(videos, 'file,labels\nz.mp4,run;jump\n')
    assert len(build(videos, pipeline=[], data_prefix='nowhere')) == 3


@pytest.mark.parametrize(('text', 'options', 'message'), [
    (TABLE, dict(split='test'), "split='test'.*'train' 2, 'val' 1"),
    ('file,labels\nb.mp4,run;jump\n', dict(split='train'), 'does not say which split'),
    ('file,split,label\nb.mp4,train,run\nb.mp4,val,jump\n', dict(split='train'),
     "'b.mp4' is 'train' in row 2 .* row 3"),
    ('file,labels\nb.mp4,run;jump\nb,run\n', {}, r"row 2 \('b.mp4'\) and row 3 \('b'\) are both the file"),
    ('file,labels\nb.mp4,run;jump\n,run\n', {}, 'row 3 has no name'),
    ('a,labels\nrain,run;jump\nrain,run\n', {}, 'does not name the files .*id_column'),
    ('file,labels\nb.mp4,run;fly\n', dict(classes=['run', 'jump']), "row 2.*'fly'"),
    (TABLE, dict(num_classes=5), 'num_classes=5.* 2 classes'),
    (TABLE, dict(unlabelled='guess'), 'unlabelled'), (TABLE, dict(data_prefix=dict(img=1)), r'dict\(video=folder\)'),
    (TABLE, dict(max_bad_share=2), 'max_bad_share')])
def test_wrong_input_names_its_row(videos, text, options, message):
    with pytest.raises(InputError, match=message):
        build(videos, text, **options)


def test_the_column_of_ids(videos):
    text = 'file,clip,labels\nx.mp4,a 1.mp4,run;jump\ny.mp4,b,run\n'
    assert files(build(videos, text, id_column='clip')) == ['a 1.mp4', 'b.mp4']
    with pytest.raises(InputError, match="--id-column 'who': no such column"):
        build(videos, text, id_column='who')


def test_parts_of_videos(videos):
    (videos / 'videos' / 'b_000004_000009.mp4').touch()
    text = 'Tags,youtube_id,time_start,time_end\nrun|jump,sub/c,1.5,3\nrun,sub/c,3,5\njump,b,4,9\n'
    dataset = build(videos, text)
    infos = [dataset.get_data_info(index) for index in range(3)]
    assert [info.get('clip_seconds') for info in infos] == [(1.5, 3), (3, 5), None]
    assert files(dataset) == ['sub/c 1.5 3', 'sub/c 3 5', 'b_000004_000009.mp4']


def test_a_config_builds_the_same_graph_without_the_videos(videos):
    import kss_mm

    build(videos)
    (videos / 'config.py').write_text(
        "default_scope = 'mmaction'\ntrain_dataloader = dict(dataset=dict(type='kss_mm.MultiLabelVideos', "
        f"data_root={str(videos)!r}, ann_file='a.csv', data_prefix='nowhere', split='train', pipeline=[]))\n")
    graph = kss_mm.build_label_graph(videos / 'config.py')
    other = kss_mm.build_label_graph(labels=videos / 'a.csv', split='train')
    assert graph.classes == other.classes == ('jump', 'run') and graph.total == other.total == 2
    np.testing.assert_array_equal(graph.counts, other.counts)
