import os
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from mmengine.registry import DATASETS, TRANSFORMS, init_default_scope

from kss_mm.engine import SampleIdHook
from kss_mm.engine.sample_id_hook import name_samples
from kss_mm.sample_ids import below, common_folder, id_of, name_of, repeated


@pytest.fixture
def videos(tmp_path):
    """Makes a list-file data set of MMAction2 whose pipeline decodes nothing."""
    pytest.importorskip('mmaction')
    init_default_scope('mmaction')

    def make(kind: str, names: list[str], folder: str = 'videos', **options):
        frames = ' 8' if kind == 'RawframeDataset' else ''
        path = tmp_path / f'{kind}{len(os.listdir(tmp_path))}.txt'
        path.write_text(''.join(f'{name}{frames} 0 2\n' for name in names))
        prefix = {'img' if frames else 'video': folder and str(tmp_path / folder)}
        pack = options.pop('pack', dict(type='PackActionInputs'))
        return DATASETS.build(dict(type=kind, ann_file=str(path), data_prefix=prefix, multi_class=True, num_classes=3,
                                   pipeline=[lambda results: {**results, 'imgs': np.zeros(2)}, pack], **options))
    return make


def ids(dataset) -> list[str]:
    return [name_of(dataset[index]['data_samples']) for index in range(len(dataset))]


@pytest.mark.parametrize('kind', ['VideoDataset', 'RawframeDataset'])
@pytest.mark.parametrize('keys', [dict(), dict(meta_keys=('img_shape',)), dict(meta_keys=['num_clips'])])
def test_list_files_have_the_names_of_their_files(videos, kind, keys):
    dataset = videos(kind, ['cats/a.mp4', 'dogs/a.mp4', 'b.mp4'], pack=dict(type='PackActionInputs', **keys))
    assert ids(dataset) == [None] * 3
    name_samples(dataset)
    name_samples(dataset)  # once is enough
    assert ids(dataset) == ['cats/a.mp4', 'dogs/a.mp4', 'b.mp4']
    assert len(dataset.pipeline.transforms) == 3


def test_files_outside_the_folder_have_their_base_names(videos):
    dataset = videos('VideoDataset', ['/elsewhere/a.mp4', 'sub/b.mp4'], folder='')
    name_samples(dataset)
    assert ids(dataset) == ['a.mp4', 'sub/b.mp4']


def test_data_sets_within_wrappers_have_folders_of_their_own(videos):
    first, second = (videos('VideoDataset', ['a.mp4', 'b.mp4'], folder) for folder in ('one', 'two/three'))
    both = ConcatDataset([first, second])
    name_samples(both)
    assert ids(both) == ['a.mp4', 'b.mp4'] * 2
    assert repeated(ids(both)) == '2 of 4 samples have the id of another, such as a.mp4'


def test_names_that_repeat_are_told_apart_by_their_folders(videos):
    both = ConcatDataset([videos('VideoDataset', ['a.mp4', 'b.mp4'], folder) for folder in ('one', 'two/three')])
    name_samples(both, unique=True)
    name_samples(both, unique=True)
    assert ids(both) == ['one/a.mp4', 'one/b.mp4', 'two/three/a.mp4', 'two/three/b.mp4']
    dataset = videos('VideoDataset', ['/data/cats/1.mp4', '/data/dogs/1.mp4'], folder='')
    name_samples(dataset, unique=True)
    assert ids(dataset) == ['cats/1.mp4', 'dogs/1.mp4']
    dataset = videos('VideoDataset', ['/cats/1.mp4', '/dogs/1.mp4'], folder='')
    name_samples(dataset, unique=True)
    assert ids(dataset) == ['cats/1.mp4', 'dogs/1.mp4']


def test_names_that_no_folder_tells_apart_stay_short(videos):
    dataset = videos('VideoDataset', ['sub/a.mp4', 'sub/a.mp4', 'b.mp4'])
    name_samples(dataset, unique=True)
    assert ids(dataset) == ['sub/a.mp4', 'sub/a.mp4', 'b.mp4']


def test_repeated_data_sets(videos):
    dataset = RepeatDataset(videos('VideoDataset', ['a.mp4', 'b.mp4']), 2)
    name_samples(dataset)
    assert ids(dataset) == ['a.mp4', 'b.mp4'] * 2


def test_images_and_steps_within_steps(tmp_path):
    pytest.importorskip('mmpretrain')
    init_default_scope('mmpretrain')
    step = dict(type='RandomChoice', transforms=[[dict(type='PackInputs', meta_keys=())]])
    dataset = BaseDataset(data_prefix=dict(img_path=str(tmp_path)), serialize_data=False, lazy_init=True, pipeline=[
        lambda results: {**results, 'img': np.zeros((2, 2, 3))}, TRANSFORMS.build(step)])
    dataset.data_list = [dict(img_path=f'{tmp_path}/val/{name}.jpg', gt_label=[0]) for name in 'ab']
    dataset._fully_initialized = True
    name_samples(dataset)
    assert ids(dataset) == ['val/a.jpg', 'val/b.jpg']


@pytest.mark.parametrize('loop', ['train', 'val', 'test'])
def test_the_hook_is_in_time(videos, loop):
    dataset = videos('VideoDataset', ['a.mp4'])
    runner = SimpleNamespace(**{f'{loop}_dataloader': SimpleNamespace(dataset=dataset)})
    getattr(SampleIdHook(), f'before_{loop}')(runner)
    assert ids(dataset) == ['a.mp4']


@pytest.mark.parametrize(('sample', 'name'), [
    (dict(video_id='V1', filename='x/V1.mp4'), 'V1'), (dict(filename='x/a.mp4', sample_idx=3), 'x/a.mp4'),
    (dict(frame_dir='x/a'), 'x/a'), (dict(sample_idx=3), '3'), (dict(sample_idx=0), '0'), ({}, None),
    (dict(sample_id='best', video_id='V1'), 'best'), (dict(img_path='', sample_idx=1), '1')])
def test_what_a_sample_is_called(sample, name):
    assert id_of(sample) == name


def test_a_number_is_an_id_for_messages_and_no_name():
    assert name_of(dict(sample_idx=3)) is None and id_of(dict(sample_idx=3)) == '3'


@pytest.mark.parametrize(('paths', 'folder'), [
    (['/a/b/1', '/a/c/1'], '/a'), (['/a/b/1', '/a/b/2'], '/a/b'), (['a/1', 'b/1'], ''), (['1', '2'], ''), ([], ''),
    (['s3://x/y/1', 's3://x/z/1'], 's3://x'), (['/a/1', '/b/1'], '/'), (['/a/b/1', '/a/1'], '/a')])
def test_the_folder_of_all_files(paths, folder):
    assert common_folder(paths) == folder


@pytest.mark.parametrize(('path', 'prefixes', 'name'), [
    ('data/v/a.mp4', ['data', 'data/v'], 'a.mp4'), ('data/v/a.mp4', ['data/v/'], 'a.mp4'),
    ('data/video/a.mp4', ['data/v'], 'data/video/a.mp4'), ('/x/y/a.mp4', ['', 'z'], 'a.mp4'),
    ('s3://bucket/v/a.mp4', ['s3://bucket'], 'v/a.mp4'), ('s3://bucket/v/a.mp4', [], 'a.mp4'),
    ('/x/frames/', [], 'frames')])
def test_names_below_folders(path, prefixes, name):
    assert below(path, prefixes) == name
