"""FiftyOne's exports: FiftyOneImageClassificationDataset's labels.json and FiftyOneDataset's samples.json."""

import json

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file


def read(tmp_path, content, **options):
    (tmp_path / 'labels.json').write_text(json.dumps(content))
    return read_label_file(tmp_path / 'labels.json', **options)


def sets(labels) -> list[set[str]]:
    return [{labels.classes[index] for index in np.flatnonzero(row)} for row in labels.matrix.toarray()]


@pytest.mark.parametrize('content', [
    {'classes': ['cat', 'dog', 'tv'], 'labels': {'a': [1, 2], 'b': 0, 'c': None}},
    {'classes': None, 'labels': {'a': ['dog', 'tv'], 'b': ['cat'], 'c': None}},
    {'classes': ['cat', 'dog', 'tv'], 'labels': {
        'a': [{'label': 1, 'confidence': .9, 'attributes': {'x': 1}}, {'label': 2, 'confidence': None}],
        'b': {'label': 0, 'confidence': .7}, 'c': None}}])
def test_classification_data_sets(tmp_path, content):
    labels = read(tmp_path, content)
    assert labels.ids == ('a', 'b', 'c') and labels.classes == ('cat', 'dog', 'tv')
    assert sets(labels) == [{'dog', 'tv'}, {'cat'}, set()]


def sample(name, *labels, tags=(), **fields):
    ground_truth = {'_id': {'$oid': 'f0'}, '_cls': 'Classifications', 'classifications': [
        {'_id': {'$oid': 'f1'}, '_cls': 'Classification', 'tags': [], 'attributes': {}, 'label': label,
         'confidence': None, 'logits': None} for label in labels], 'logging': None}
    return {'filepath': f'data/{name}.jpg', 'tags': list(tags), '_media_type': 'image',
            'metadata': {'_cls': 'ImageMetadata'}, 'ground_truth': ground_truth, **fields}


def test_fields_of_classifications(tmp_path):
    single = {'_cls': 'Classification', 'label': 'day'}
    boxes = {'_cls': 'Detections', 'detections': [{'_cls': 'Detection', 'label': 'tree'}]}
    content = {'samples': [sample('a', 'dog', 'tv', tags=['checked', 'train'], light=single, boxes=boxes),
                           sample('b', tags=['validation'])]}
    with pytest.raises(InputError, match="which of its fields 'ground_truth, light'.*--label-column"):
        read(tmp_path, content)
    labels = read(tmp_path, content, label_column='ground_truth')
    assert sets(labels) == [{'dog', 'tv'}, set()] and labels.ids == ('data/a.jpg', 'data/b.jpg')
    assert sets(read(tmp_path, content, label_column='boxes')) == [{'tree'}, set()]
    assert read(tmp_path, content, label_column='ground_truth', split='val').ids == ('data/b.jpg',)
    assert sets(read(tmp_path, {'samples': [sample('a', 'dog', 'tv')]})) == [{'dog', 'tv'}]
    with pytest.raises(InputError, match="'who': no field of labels"):
        read(tmp_path, content, label_column='who')
    with pytest.raises(InputError, match='sample 0 .*no labels but'):
        read(tmp_path, {'samples': [sample('a', 3)]})
