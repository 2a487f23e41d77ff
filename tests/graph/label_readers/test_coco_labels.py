"""COCO files as merged or exported in the wild: read the same way in training and for the graph, or the entry named."""

import copy
import json

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file
from kss_mm.graph.label_readers.coco_labels import parse_coco, read_coco

COCO = dict(images=[dict(id=7, file_name='a.jpg'), dict(id=3, file_name='b.jpg'), dict(id=9, file_name='c.jpg')],
            annotations=[dict(id=1, image_id=7, category_id=20), dict(id=2, image_id=7, category_id=20),
                         dict(id=3, image_id=7, category_id=1, iscrowd=1), dict(id=4, image_id=9, category_id=5)],
            categories=[dict(id=5, name='cat'), dict(id=1, name='zebra'), dict(id=20, name='bus')])


def changed(part: str, number: int, **entries) -> dict:
    content = copy.deepcopy(COCO)
    if number == len(content[part]):
        content[part].append({})
    content[part][number] |= entries
    return content


def test_options():
    found = parse_coco(COCO)
    assert (found.classes, found.labels) == (('zebra', 'cat', 'bus'), [[0, 2], [], [1]])
    assert found.file_names == ['a.jpg', 'b.jpg', 'c.jpg'] and found.image_ids == [7, 3, 9]
    assert parse_coco(COCO, crowd='drop').labels == [[2], [], [1]]
    assert parse_coco(COCO, class_order='alphabetical').classes == ('bus', 'cat', 'zebra')
    found = parse_coco(COCO, classes=['bus', 'cow', 'zebra'])
    assert (found.labels, found.absent, found.left_out) == ([[0, 2], [], []], ('cow',), ('cat',))


@pytest.mark.parametrize(('part', 'number', 'entries', 'message'), [
    ('images', 1, dict(id=7), "image entries, 0 and 1 .* id 7: 'a.jpg' .*'b.jpg'"),
    ('images', 1, dict(file_name='a.jpg'), "images, 0 and 1 .* file_name 'a.jpg'"),
    ('images', 1, dict(id=True), 'image 1 .* the id True'), ('images', 1, dict(id=[]), r'image 1 .* the id \[\]'),
    ('images', 1, dict(file_name=5), 'image 1 .* the file_name 5'), ('images', 3, dict(x=1), 'image 3 .* must be'),
    ('categories', 1, dict(id=5), "category entries, 0 and 1 .* id 5: 'cat' .*'zebra'"),
    ('categories', 1, dict(name='cat'), "categories, .*5 and 1, .*name 'cat'"),
    ('categories', 1, dict(name=' '), 'category 1 .* no name'), ('categories', 3, dict(id=8), 'category 3 .* id, name'),
    ('annotations', 1, dict(image_id=8), 'annotation 2 .*image 8,'),
    ('annotations', 1, dict(category_id=8), 'annotation 2 .*category 8,'),
    ('annotations', 1, dict(category_id={}), 'annotation 2 .*category {},'),
    ('annotations', 4, dict(image_id=7), 'annotation 4 .*no category_id'),
    ('annotations', 1, dict(segments_info=[{'category_id': 8}]), 'annotation 2 .*segment'),
    ('annotations', 1, dict(segments_info=3), 'annotation 2 .*segment')])
def test_entries_that_do_not_fit_are_named(part, number, entries, message):
    with pytest.raises(InputError, match=message):
        parse_coco(changed(part, number, **entries))


def test_ids_as_texts_in_one_place():
    content = json.loads(json.dumps(COCO))
    for annotation in content['annotations']:
        annotation['category_id'] = str(annotation['category_id'])
    for image in content['images']:
        image['id'] = str(image['id'])
    found = parse_coco(content)
    assert found.labels == [[0, 2], [], [1]] and 'texts in one place and numbers in another' in found.notes[0]
    for category in content['categories']:
        category['id'] = str(category['id'])
    assert parse_coco(content).classes == ('zebra', 'cat', 'bus')  # 1, 5, 20 and not '1', '20', '5'


def test_other_forms():
    content = changed('annotations', 3, segments_info=[dict(category_id=5), dict(category_id=20, iscrowd=1)])
    assert parse_coco(content).labels[2] == [1, 2] and parse_coco(content, crowd='drop').labels[2] == [1]
    content = changed('images', 0, coco_url='http://images.cocodataset.org/val2017/000.jpg')
    del content['images'][0]['file_name']
    content['images'][1]['not_exhaustive_category_ids'] = [5]
    found = parse_coco(content)
    assert found.file_names[0] == 'val2017/000.jpg' and 'LVIS' in found.notes[0]
    found = parse_coco(changed('images', 0, file_name='img\\a.jpg'))
    assert found.file_names[0] == 'img/a.jpg' and r'img\\a.jpg' in found.notes[0]


def written(tmp_path, content):
    (tmp_path / 'coco.json').write_text(content if isinstance(content, str) else json.dumps(content))
    return tmp_path / 'coco.json'


@pytest.mark.parametrize(('content', 'message'), [
    (changed('images', 1, id=7), "id 7: 'a.jpg' .*'b.jpg'"),
    (changed('categories', 1, name='cat'), "5 and 1, .*name 'cat'"),
    (changed('annotations', 3, image_id=123456), 'annotation 4 .*image 123456'), ('[' * 3000, 'nested too deeply')],
    ids=['two images of one id', 'two categories of one name', 'no such image', 'nested'])
def test_cases_with_one_line(tmp_path, content, message):
    for read in (read_coco, read_label_file, _training):
        with pytest.raises(InputError, match=f'coco.json: .*{message}'):
            read(written(tmp_path, content))


def _training(path, **options):
    pytest.importorskip('mmpretrain')
    from kss_mm.datasets import CocoMultiLabel
    return CocoMultiLabel(str(path), pipeline=[], unlabelled='keep', **options)


TEXTS = {**COCO, 'annotations': [{**entry, 'category_id': str(entry['category_id'])} for entry in COCO['annotations']]}
PERMUTED = {**COCO, 'categories': COCO['categories'][::-1]}
PANOPTIC = {**COCO, 'annotations': [dict(image_id=7, segments_info=[dict(category_id=20), dict(category_id=5)])]}
LVIS = {**COCO, 'images': [dict(id=image['id'], coco_url=f'http://x/train/{image["file_name"]}')
                           for image in COCO['images']]}
BACKSLASHES = changed('images', 1, file_name='img\\b.jpg')
ONE_CLASS = dict(images=[dict(id=1, file_name='b.jpg')], annotations=[dict(id=1, image_id=1, category_id=2)],
                 categories=[dict(id=2, name='blue')])


@pytest.mark.parametrize(('content', 'classes'), [
    (COCO, None), (TEXTS, None), (PERMUTED, None), (PANOPTIC, None), (LVIS, None), (BACKSLASHES, None),
    (COCO, ['bus', 'zebra', 'cat']), (ONE_CLASS, ['red', 'green', 'blue'])],
    ids=['plain', 'ids as texts', 'permuted', 'panoptic', 'LVIS', 'backslashes', 'another order', 'two classes absent'])
def test_training_and_graph_read_the_same(tmp_path, content, classes):
    path = written(tmp_path, content)
    dataset, labels = _training(path, classes=classes), read_label_file(path, classes)
    assert dataset.metainfo['classes'] == labels.classes and labels.matrix.sum() > 0
    rows = [dataset.get_data_info(index)['gt_label'] for index in range(len(dataset))]
    assert rows == [np.flatnonzero(row).tolist() for row in labels.matrix.toarray()]
    assert [dataset.get_data_info(index)['img_path'] for index in range(len(dataset))] == list(labels.ids)


def test_classes_that_the_file_lacks_are_told(tmp_path):
    path = written(tmp_path, ONE_CLASS)
    labels = read_label_file(path, ['red', 'green', 'blue'])
    assert labels.matrix.toarray().tolist() == [[0, 0, 1]]
    assert any("'red, green'" in note for note in labels.notes)
    with pytest.raises(InputError, match='none of the classes'):
        read_label_file(path, ['red', 'green'])
