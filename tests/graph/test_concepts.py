import json

import pytest

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.concepts import (
    candidate_concepts,
    charades_mapping,
    match_concepts,
    normalize_text,
    read_concept_mapping,
)


@pytest.mark.parametrize(('text', 'name'), [
    ('Tennis Racket', 'tennis_racket'),
    ('a test phrase', 'test_phrase'),
    ('to the lighthouse', 'lighthouse'),
    ('to be', 'be'),
    ('the', 'the'),
    ('T-shirt', 't_shirt'),
    ("someone's house", "someone's_house"),
    ('24 hours', '24_hours'),
    ('hot_dog', 'hot_dog'),
    ('Sitting on sofa, smiling!', 'sitting_on_sofa_smiling'),
    ('!?', ''),
])
def test_normalize_text(text, name):
    assert '_'.join(normalize_text(text)) == name


KNOWN = {'dog', 'hot_dog', 'tennis', 'racket', 'ski', 'sport', 'ball', 'sofa', 'couch', 'city', 'glass', 'box',
         'table', 'on', 'sit'}


@pytest.mark.parametrize(('label', 'concepts', 'rule'), [
    ('Dog', ('dog',), 'exact'),
    ('hot dog', ('hot_dog',), 'exact'),
    ('big hot dogs', ('hot_dog',), 'sub-phrases'),
    ('tennis racket', ('tennis', 'racket'), 'sub-phrases'),
    ('skis', ('ski',), 'sub-phrases'),
    ('sports ball', ('sport', 'ball'), 'sub-phrases'),
    ('cities', ('city',), 'sub-phrases'),
    ('boxes', ('box',), 'sub-phrases'),
    ('glass', ('glass',), 'exact'),
    ('sofa/couch', ('sofa', 'couch'), 'exact'),
    ('sit on a table', ('sit', 'table'), 'sub-phrases'),
    ('surfboard', (), 'none'),
    ('???', (), 'none'),
])
def test_rules(label, concepts, rule):
    match, = match_concepts([label], KNOWN)
    assert (match.concepts, match.rule) == (concepts, rule)
    assert set(concepts) <= candidate_concepts([label])  # one pass over ConceptNet looks for all of them


def test_mapping_comes_first_and_reports_what_is_not_known():
    matches = match_concepts(['wiener', 'dog', 'x'], KNOWN, {'wiener': ['hot dog', 'surfboard'], 'x': []})
    assert [(m.concepts, m.rule, m.missing) for m in matches] == [
        (('hot_dog',), 'mapping', ('surfboard',)), (('dog',), 'exact', ()), ((), 'none', ())]


def test_charades_labels_are_object_and_verb():
    labels = ['Sitting on sofa/couch', 'Someone is laughing']
    mapping = charades_mapping(labels, [('sofa/couch', 'sit'), ('None', 'laugh')])
    assert mapping == {labels[0]: ['sofa/couch', 'sit'], labels[1]: ['laugh']}
    assert match_concepts(labels, KNOWN, mapping)[0].concepts == ('sofa', 'couch', 'sit')
    with pytest.raises(InputError, match='1 classes, the data set 2'):
        charades_mapping(labels, [('book', 'hold')])


def test_mapping_files_agree(tmp_path):
    expected = {'dog': ['dog', 'wolf'], 'tv': ['television']}
    (tmp_path / 'a.json').write_text(json.dumps({'dog': ['dog', 'wolf'], 'tv': 'television'}))
    (tmp_path / 'b.csv').write_text('dog,dog,wolf\ntv, television\n')
    (tmp_path / 'c.tsv').write_text('dog\tdog\n\ndog\twolf\ntv\ttelevision\n')
    for name in ('a.json', 'b.csv', 'c.tsv'):
        assert read_concept_mapping(tmp_path / name, ['dog', 'tv', 'x']) == expected


@pytest.mark.parametrize(('name', 'content', 'message'), [
    ('a.json', '{"cow": "x"}', "'cow' is not one of the 1 classes"),
    ('a.json', '["dog"]', 'expected an object'),
    ('a.json', '{"dog": [1]}', 'must be words'),
    ('a.json', '{"dog"', 'not a readable'),
    ('a.csv', 'cow,x\n', "'cow' is not one"),
    ('a.csv', b'\xff\xfe', 'not a readable'),
])
def test_mapping_file_errors(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as error:
        read_concept_mapping(tmp_path / name, ['dog'])
    assert name in str(error.value)


def test_missing_mapping_file(tmp_path):
    with pytest.raises(MissingFileError, match='no such concept mapping'):
        read_concept_mapping(tmp_path / 'none.json', ['dog'])
