"""JSON of labels: class lists are not samples, names that repeat, exports of annotation tools."""

import json

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file


def read(tmp_path, content, classes=None, **options):
    (tmp_path / 'a.json').write_text(content if isinstance(content, str) else json.dumps(content))
    return read_label_file(tmp_path / 'a.json', classes, **options)


def sets(labels) -> list[set[str]]:
    return [{labels.classes[index] for index in np.flatnonzero(row)} for row in labels.matrix.toarray()]


CHOICES = {'type': 'choices', 'value': {'choices': ['dog', 'tv']}}


@pytest.mark.parametrize('content', [
    {'classes': ['cat', 'dog', 'tv'], 'a': ['dog', 'tv'], 'b': ['dog']},
    {'classes': ['cat', 'dog', 'tv'], 'labels': {'a': ['dog', 'tv'], 'b': 'dog'}},  # FiftyOne
    {'classes': ['cat', 'dog', 'tv'], 'labels': {'a': [1, 2], 'b': 1}},
    {'class_names': ['cat', 'dog', 'tv'], 'samples': [{'file': 'a', 'labels': [1, 2]}, {'file': 'b', 'labels': [1]}]},
    {'metainfo': {'classes': ['cat', 'dog', 'tv']}, 'data_list': [{'img_path': 'a', 'gt_label': [1, 2]},
                                                                  {'img_path': 'b', 'gt_label': [1]}]},
    {'a': ['dog', 'tv'], 'b': 'dog'}, {'version': '1.0', 'a': ['dog', 'tv'], 'b': ['dog']},
    [{'file': 'a', 'label': ['dog', 'tv']}, {'file': 'b', 'label': 'dog'}],
    [{'file': 'a', 'tags': 'dog;tv'}, {'file': 'b', 'tags': 'dog'}],
    [{'file': 'a', 'labels': ['dog', 'tv'], 'label': ['dog', 'tv']}, {'file': 'b', 'labels': ['dog']}],
    [{'id': 1, 'image': 'a', 'choice': {'choices': ['dog', 'tv']}}, {'id': 2, 'image': 'b', 'choice': 'dog'}],
    [{'id': 1, 'image': 'a', 'what': {'choices': ['dog', 'tv']}},
     {'id': 2, 'image': 'b', 'what': {'choices': ['dog']}}],
    [{'id': 1, 'data': {'image': 'a'}, 'annotations': [{'result': [CHOICES]}]},
     {'id': 2, 'data': {'image': 'b'}, 'annotations': [{'result': [{'value': {'choices': ['dog']}}]}]}],
    {'version': '1', 'database': {'a': {'annotations': [{'label': 'dog', 'segment': [0, 1]}, {'label': 'tv'}]},
                                  'b': {'annotations': [{'label': 'dog'}]}}},  # ActivityNet
    [{'file': 'a', 'labels': [{'name': 'dog'}, {'name': 'tv'}]}, {'file': 'b', 'labels': [{'name': 'dog'}]}],
    [{'video_id': 'a', 'label': 'dog'}, {'video_id': 'a', 'label': 'tv'}, {'video_id': 'b', 'label': 'dog'}]])
def test_forms(tmp_path, content):
    labels = read(tmp_path, content)
    assert sets(labels) == [{'dog', 'tv'}, {'dog'}] and labels.ids == ('a', 'b')
    assert labels.classes in (('dog', 'tv'), ('cat', 'dog', 'tv'))


@pytest.mark.parametrize(('content', 'message'), [
    ('{"a": ["dog"], "a": ["tv"]}', "the key 'a' stands twice"),
    ([{'video_id': 'a', 'labels': ['dog']}, {'video_id': 'a', 'labels': ['dog', 'tv']}],
     "'a' .*sample 0 .*sample 1 .*other labels"),
    ([{'file': 'a', 'label': 'dog', 'labels': ['tv']}], 'sample 0 .* other labels .*label .*labels'),
    ({'classes': 'dog', 'a': ['dog']}, 'under classes .* list'),
    ({'labels': {'a': ['dog']}, 'b': ['tv']}, "'labels', .*'b'"),
    ({'a': {'dog': 1, 'tv': 0}}, 'sample 0 .* no label list .*gt_label'),
    (['dog', 'tv'], "sample 0 .* is 'dog'"),
    ([[['dog']]], 'labels are names or indices'), ([{'labels': None}], 'no label list .*None'),
    ([{'labels': [{'x': 1}]}], 'an annotation without a label'), ([{'labels': 'hot dog'}], '--separator space'),
    ([{'file': 'a', 'labels': {'dog': 1}}], "no label list .*{'dog': 1}"),
    ([{'labels': ['a\x1b[2J']}], 'control'),
    ('[[' + '9' * 5000 + ']]', 'not a whole'), ('{"a":' * 50_000, 'nested too deeply'),
    ('[[1e999]]', 'names or indices'),
    ([['dog', 0]], 'its labels are indices'), ([[10 ** 30]], 'its labels are indices')])
def test_files_that_cannot_be_read(tmp_path, content, message):
    with pytest.raises(InputError, match=f'a.json: .*{message}') as error:
        read(tmp_path, content)
    assert '\n' not in str(error.value) and len(str(error.value)) < 1300


def test_parts_of_one_video_are_samples(tmp_path):
    labels = read(tmp_path, [{'video': 'a', 'start': 0, 'end': 5, 'labels': ['dog']},
                             {'video': 'a', 'start': 5, 'end': 9, 'labels': ['dog', 'tv']}])
    assert labels.ids == ('a 0 5', 'a 5 9')


def test_splits_are_told(tmp_path):
    labels = read(tmp_path, {'database': {'a': {'subset': 'training', 'annotations': [{'label': 'x'}]},
                                          'b': {'subset': 'validation', 'annotations': []}}})
    assert any("'training' 1, 'validation' 1" in note for note in labels.notes)


def test_a_class_list_is_no_sample(tmp_path):
    labels = read(tmp_path, {'classes': ['cat', 'dog', 'tv'], 'img1': ['cat', 'dog'], 'img2': ['tv']})
    assert labels.classes == ('cat', 'dog', 'tv') and labels.ids == ('img1', 'img2')
    assert sets(labels) == [{'cat', 'dog'}, {'tv'}]


def test_one_label_or_a_list_of_them(tmp_path):
    labels = read(tmp_path, [{'id': 1, 'image': '/data/a.jpg', 'choice': {'choices': ['dog', 'tv']}},
                             {'id': 2, 'image': '/data/b.jpg', 'choice': 'dog'}])
    assert sets(labels) == [{'dog', 'tv'}, {'dog'}]
    labels = read(tmp_path, [{'file': 'a', 'label': 'dog'}, {'file': 'b', 'label': ['dog', 'tv']}])
    assert sets(labels) == [{'dog'}, {'dog', 'tv'}]
