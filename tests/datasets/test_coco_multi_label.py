import json

import numpy as np
import pytest
from conftest import SHARED
from golden import coco80

pytest.importorskip('mmpretrain')
import mmcv  # noqa: E402

from kss_mm.datasets import CocoMultiLabel, MultiScaleCornerCrop  # noqa: E402
from kss_mm.errors import InputError, MissingFileError  # noqa: E402

COCO256 = SHARED / 'data' / 'coco256'
PIPELINE = [dict(type='mmpretrain.LoadImageFromFile'), dict(type='mmpretrain.PackInputs')]


@pytest.fixture
def release(tmp_path):
    """Three images: two objects of one category and a crowd of another; nothing; one object."""
    content = dict(
        images=[dict(id=7, file_name='a.jpg'), dict(id=3, file_name='b.jpg'), dict(id=9, file_name='c.jpg')],
        annotations=[dict(id=1, image_id=7, category_id=90), dict(id=2, image_id=7, category_id=90, iscrowd=0),
                     dict(id=3, image_id=7, category_id=1, iscrowd=1), dict(id=4, image_id=9, category_id=5)],
        categories=[dict(id=5, name='cat'), dict(id=1, name='zebra'), dict(id=90, name='bus')])
    (tmp_path / 'images').mkdir()
    for name in 'abc':
        mmcv.imwrite(np.full((20, 30, 3), 7, np.uint8), str(tmp_path / 'images' / f'{name}.jpg'))
    (tmp_path / 'ann.json').write_text(json.dumps(content))
    return tmp_path


def build(release, pipeline=(), **kwargs) -> CocoMultiLabel:
    return CocoMultiLabel('ann.json', data_root=str(release), data_prefix=dict(img_path='images'), pipeline=pipeline,
                          **kwargs)


def change(release, **entries) -> None:
    path = release / 'ann.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def labels(dataset) -> list[list[int]]:
    return [dataset.get_data_info(index)['gt_label'] for index in range(len(dataset))]


@pytest.mark.parametrize(('options', 'classes', 'expected'), [
    ({}, ('zebra', 'cat', 'bus'), [[0, 2], [1]]),
    (dict(class_order='alphabetical'), ('bus', 'cat', 'zebra'), [[0, 2], [1]]),
    (dict(crowd='drop'), ('zebra', 'cat', 'bus'), [[2], [1]]),
    (dict(unlabelled='keep'), ('zebra', 'cat', 'bus'), [[0, 2], [], [1]]),
    (dict(classes=('bus', 'zebra')), ('bus', 'zebra'), [[0, 1]]),
])
def test_samples_and_classes(release, options, classes, expected):
    dataset = build(release, **options)
    assert dataset.metainfo['classes'] == classes and labels(dataset) == expected
    assert dataset.get_data_info(0)['img_path'] == str(release / 'images/a.jpg')
    assert dataset.get_data_info(0)['img_id'] == 7 and dataset.get_cat_ids(0) == expected[0]


def test_samples_load_through_the_hosts_pipeline(release):
    sample = build(release, PIPELINE, unlabelled='keep')[1]
    assert sample['inputs'].shape == (3, 20, 30) and sample['data_samples'].gt_label.tolist() == []


def test_host_options_work(release):
    assert len(build(release, indices=1)) == 1
    assert len(build(release, lazy_init=True).load_data_list()) == 2


@pytest.mark.parametrize(('content', 'message'), [
    ('{"images": [', 'ann.json: not a whole COCO annotation file'), ('[]', 'has no images'),
    ('{"images": []}', 'instances_'),
    ('{"images": [{"id": 1}], "annotations": [], "categories": [{"id": 1, "name": "a"}]}', 'id 1 has no file_name'),
    ('{"images": [], "annotations": [], "categories": [{"id": 1, "name": "a"}]}', 'no image with a label')])
def test_files_of_another_form_are_named(release, content, message):
    (release / 'ann.json').write_text(content)
    with pytest.raises(InputError, match=message):
        build(release)


@pytest.mark.parametrize('annotation', [dict(id=5, image_id=8, category_id=1), dict(id=5, image_id=7, category_id=2)])
def test_annotations_without_image_or_category_are_named(release, annotation):
    change(release, annotations=[annotation])
    with pytest.raises(InputError, match='ann.json: annotation 5'):
        build(release)


def test_classes_that_the_file_lacks_are_told(release, monkeypatch):
    said = []
    monkeypatch.setattr('kss_mm.datasets.coco_multi_label.print_log', lambda text, **_: said.append(text))
    dataset = build(release, classes=('cow', 'bus', 'cat'))
    assert dataset.metainfo['classes'] == ('cow', 'bus', 'cat') and labels(dataset) == [[1], [2]]
    (line,) = said
    assert "no image is a positive of 'cow'" in line and "it has 'zebra', which classes leaves out" in line


@pytest.mark.parametrize(('images', 'message'), [
    ([dict(id=1, file_name='a.jpg'), dict(id=1, file_name='b.jpg')], "id 1: 'a.jpg' .*'b.jpg'"),
    ([dict(id=1, file_name='a.jpg'), dict(id=2, file_name='a.jpg')], "the file_name 'a.jpg'")])
def test_merged_files_do_not_mix_labels(release, images, message):
    change(release, images=images, annotations=[])
    with pytest.raises(InputError, match=f'ann.json: .*{message}'):
        build(release)


def test_missing_files_are_named(release):
    (release / 'images' / 'a.jpg').unlink()
    with pytest.raises(MissingFileError, match='a.jpg: no such image'):
        build(release, PIPELINE)
    assert len(build(release)) == 2  # annotations alone need no images
    with pytest.raises(MissingFileError, match='nowhere: no such folder'):
        CocoMultiLabel(str(release / 'ann.json'), data_prefix=str(release / 'nowhere'), pipeline=PIPELINE)
    (release / 'ann.json').unlink()
    with pytest.raises(MissingFileError, match='ann.json: no such annotation file'):
        build(release)


@pytest.mark.parametrize(('options', 'message'), [
    (dict(class_order='random'), 'class_order'), (dict(crowd='maybe'), 'crowd'), (dict(unlabelled='no'), 'unlabelled'),
    (dict(classes=('dog',)), r"none of the classes"), (dict(classes=('cat', 'cat')), 'same name')])
def test_mistakes_are_named(release, options, message):
    with pytest.raises(InputError, match=message):
        build(release, **options)


@pytest.mark.skipif(not COCO256.exists(), reason='needs real COCO images beside the repository')
def test_real_coco():
    dataset = CocoMultiLabel(str(COCO256 / 'instances_train.json'), data_prefix=str(COCO256 / 'train'),
                             pipeline=PIPELINE, class_order='alphabetical')
    assert dataset.metainfo['classes'] == tuple(coco80().classes)
    assert len(dataset) == 126 and dataset[0]['inputs'].shape == (3, 288, 384)


def crop(image, **options) -> np.ndarray:
    return MultiScaleCornerCrop(**{'size': 8, **options})(dict(img=image))['img']


def test_crops_keep_to_their_positions_and_scales():
    rows, columns = np.mgrid[:40, :60].astype(np.uint8)
    image = np.stack([rows, columns, rows], axis=2)
    corners = set()
    for _ in range(300):
        out = crop(image, scales=(.5,), size=20)
        assert out.shape == (20, 20, 3)
        corners.add((out[0, 0, 1].item(), out[0, 0, 0].item()))
    quarters = {(0, 0), (4, 0), (0, 4), (4, 4), (2, 2), (0, 2), (4, 2), (2, 4), (2, 0), (1, 1), (3, 1), (1, 3), (3, 3)}
    assert corners == {(10 * x, 5 * y) for x, y in quarters}


def test_width_and_height_differ_by_max_distort_at_most():
    assert len(MultiScaleCornerCrop(8).pairs) == 19
    assert set(MultiScaleCornerCrop(8, (1., .5), max_distort=0).pairs) == {(1., 1.), (.5, .5)}


def test_a_tiny_image_and_bad_options():
    assert crop(np.zeros((1, 1, 3), np.uint8)).shape == (8, 8, 3)
    for options in (dict(size=0), dict(scales=(2.,)), dict(scales=())):
        with pytest.raises(InputError, match='size='):
            crop(np.zeros((4, 4, 3), np.uint8), **options)
