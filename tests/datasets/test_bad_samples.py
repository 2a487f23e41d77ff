"""Bad videos and images among good ones do not end training; they are counted, named once, and past a share they do."""

import json
import multiprocessing
import os

import pytest
from media import image_bytes
from torch.utils.data import DataLoader

pytest.importorskip('mmaction')
from kss_mm.datasets import CharadesDataset  # noqa: E402
from kss_mm.errors import BadImageError, BadVideoError, InputError, MissingImageError  # noqa: E402

PIPELINE = [dict(type='kss_mm.SafeDecordInit'), dict(type='mmaction.UniformSample', clip_len=4),
            dict(type='kss_mm.SafeDecordDecode'), dict(type='mmaction.Resize', scale=(32, 32), keep_ratio=False),
            dict(type='mmaction.FormatShape', input_format='NCTHW'), dict(type='mmaction.PackActionInputs')]


@pytest.fixture
def planted(toy_charades, tmp_path):
    """The toy training set with two of its twelve videos bad: one empty, one no video."""
    import shutil

    shutil.copytree(toy_charades, tmp_path / 'toy')
    videos = sorted((tmp_path / 'toy' / 'Charades_v1_480').glob('T*.mp4'))
    videos[0].write_bytes(b'')
    videos[5].write_text('no video')

    def build(**kwargs):
        return CharadesDataset(str(tmp_path / 'toy/Charades/Charades_v1_train.csv'), PIPELINE,
                               data_prefix=dict(video=str(tmp_path / 'toy/Charades_v1_480')), **kwargs)

    return build, {videos[0].stem, videos[5].stem}


@pytest.mark.parametrize(('workers', 'persistent', 'start'), [
    (0, False, None), (2, False, 'fork'), (2, True, 'fork'), pytest.param(2, False, 'spawn', marks=pytest.mark.slow)])
def test_training_goes_on_with_others_and_counts(planted, workers, persistent, start):
    build, bad = planted
    dataset = build(max_bad_share=.5)
    context = multiprocessing.get_context(start) if start else None
    loader = DataLoader(dataset, batch_size=3, num_workers=workers, collate_fn=list, persistent_workers=persistent,
                        multiprocessing_context=context)
    for _ in range(2):
        samples = [sample for batch in loader for sample in batch]
        assert len(samples) == 12 and all(sample['inputs'].shape == (1, 3, 4, 32, 32) for sample in samples)
    names = {dataset.get_data_info(i)['video_id'] for i in dataset.bad_samples.found.nonzero().flatten().tolist()}
    assert names == bad


def test_each_is_named_once(planted, monkeypatch):
    from kss_mm.datasets import bad_samples

    build, bad = planted
    lines = []
    monkeypatch.setattr(bad_samples, 'print_log', lambda text, **_: lines.append(text))
    dataset = build(max_bad_share=.5)
    for _ in range(3):
        for index in range(12):
            dataset[index]
    assert len(lines) == 2 and lines[1].startswith('bad video 2 of 12')
    assert all(any(name in line for line in lines) for name in bad)


def test_past_the_share_training_stops(planted):
    build, _ = planted
    dataset = build(max_bad_share=.1)
    with pytest.raises(InputError, match='2 of 12 .*max_bad_share=0.1'):
        for index in range(12):
            dataset[index]
    for share in (2, -.1, 'half', float('nan')):
        with pytest.raises(InputError, match='max_bad_share must be a share'):
            build(max_bad_share=share)


def test_evaluation_makes_up_no_score(planted):
    build, bad = planted
    dataset = build(test_mode=True)
    with pytest.raises(BadVideoError) as error:
        for index in range(12):
            dataset[index]
    assert any(name in str(error.value) for name in bad)


def coco(folder, **options):
    from kss_mm.datasets import CocoMultiLabel

    numbers = range(6)
    content = dict(images=[dict(id=i, file_name=f'{i}.jpg') for i in numbers], categories=[dict(id=1, name='dog')],
                   annotations=[dict(id=i, image_id=i, category_id=1) for i in numbers])
    (folder / 'a.json').write_text(json.dumps(content))
    return CocoMultiLabel(str(folder / 'a.json'), data_prefix=dict(img_path=str(folder)), **options)


def voc(folder, **options):
    from kss_mm.datasets import VocMultiLabel

    for name in ('ImageSets/Main', 'Annotations'):
        (folder / name).mkdir(parents=True)
    (folder / 'JPEGImages').symlink_to(folder)
    for name in ('train', 'val', 'trainval', 'test'):
        (folder / f'ImageSets/Main/{name}.txt').write_text('\n'.join(map(str, range(6))))
    for index in range(6):
        (folder / f'Annotations/{index}.xml').write_text(
            '<annotation><object><name>dog</name><difficult>0</difficult></object></annotation>')
    return VocMultiLabel(data_root=str(folder), split='test' if options.get('test_mode') else 'trainval', **options)


IMAGES = [dict(type='LoadImageFromFile'), dict(type='mmpretrain.PackInputs')]


@pytest.mark.parametrize('make', [coco, voc])
def test_images_are_replaced_and_in_evaluation_named(make, tmp_path, monkeypatch):
    pytest.importorskip('mmpretrain')
    from mmengine.registry import init_default_scope

    from kss_mm.datasets import bad_samples

    init_default_scope('mmpretrain')
    good = image_bytes('JPEG')
    for index in range(6):
        (tmp_path / f'{index}.jpg').write_bytes({1: good[:len(good) // 2], 4: b''}.get(index, good))
    lines = []
    monkeypatch.setattr(bad_samples, 'print_log', lambda text, **_: lines.append(text))
    dataset = make(tmp_path, pipeline=IMAGES, max_bad_share=.5)
    for _ in range(2):
        assert all(dataset[index]['inputs'].shape == (3, 64, 80) for index in range(6))
    assert [line.partition(': ')[0] for line in lines] == ['bad image 1 of 6', 'bad image 2 of 6']
    assert f'{tmp_path}' in lines[0] and '1.jpg' in lines[0] and 'cut short' in lines[0] and 'is empty' in lines[1]


@pytest.mark.parametrize('make', [coco, voc])
def test_an_image_in_evaluation_is_named(make, tmp_path):
    pytest.importorskip('mmpretrain')
    from mmengine.registry import init_default_scope

    init_default_scope('mmpretrain')
    for index in range(6):
        (tmp_path / f'{index}.jpg').write_bytes(image_bytes('JPEG') if index < 5 else b'<html>')
    dataset = make(tmp_path, pipeline=IMAGES, test_mode=True)
    assert dataset[4]['inputs'].shape == (3, 64, 80)
    with pytest.raises(BadImageError, match=r'5\.jpg: .*web page.*; evaluation leaves none out'):
        dataset[5]
    (tmp_path / '5.jpg').unlink()
    with pytest.raises(MissingImageError, match=r'5\.jpg: no such file'):
        dataset[5]


def test_a_video_that_vanishes_during_training_is_replaced(planted):
    build, _ = planted
    dataset = build(max_bad_share=.5)
    os.remove(dataset.get_data_info(3)['filename'])
    assert dataset[3]['inputs'].shape == (1, 3, 4, 32, 32) and dataset.bad_samples.found[3]
