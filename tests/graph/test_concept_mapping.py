import json

import pytest
from fuzzing import attack

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.concept_mapping import read_concept_mapping

TEXTS = {'a.json': json.dumps({'dog': ['dog', 'wolf'], 'tv': 'television'}), 'b.csv': 'dog,dog,wolf\ntv, television\n',
         'c.tsv': 'dog\tdog\n\ndog\twolf\ntv\ttelevision\n'}


@pytest.mark.parametrize('name', TEXTS)
@pytest.mark.parametrize('mark', ['', '\ufeff'])
def test_mapping_files_agree(tmp_path, name, mark):
    (tmp_path / name).write_text(mark + TEXTS[name], encoding='utf-8')
    expected = {'dog': ['dog', 'wolf'], 'tv': ['television']}
    assert read_concept_mapping(tmp_path / name, ['dog', 'tv', 'x']) == expected


@pytest.mark.parametrize(('name', 'content', 'message'), [
    ('a.json', '{"cow": "x"}', "'cow' .* 1 classes"),
    ('a.json', '["dog"]', 'expected an object'),
    ('a.json', '{"dog": [1]}', "words, got 1"),
    ('a.json', '{"dog": [["x"]]}', 'must be words'),
    ('a.json', '{"dog": {"x": 1}}', 'must be words'),
    ('a.json', '{"dog"', 'not a whole concept mapping'),
    ('a.json', '{"dog": "x", "dog": "y"}', "'dog' stands twice"),
    ('a.json', '[' * 100_000, 'nested too deeply'),
    ('a.json', '{"dog": ' + '[' * 100_000, 'nested too deeply'),
    ('a.json', '{"dog": ' + '9' * 5000 + '}', 'not a whole concept mapping'),
    ('a.csv', 'cow,x\n', "'cow' is not one"),
    ('a.csv', b'\xff\xfe', 'near line 0'),
    ('a.csv', 'dog,x\ndog,' + 'y' * 200_000, 'near line 2 .*field limit'),
    ('a.json', '{"' + 'x' * 10_000 + '": "y"}', "xxx[.][.][.] is not one"),
    ('a.json', '{"dog": [["' + 'x' * 10_000 + '"]]}', 'xxx[.][.][.]'),
    ('a.csv', '\x1b[2J' + 'x' * 10_000, "is not one"),
])
def test_errors_are_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as error:
        read_concept_mapping(tmp_path / name, ['dog'])
    text = str(error.value)
    assert name in text and text.isprintable() and len(text) < 400


def test_missing_file(tmp_path):
    with pytest.raises(MissingFileError, match='no such concept mapping'):
        read_concept_mapping(tmp_path / 'none.json', ['dog'])


@pytest.mark.fuzz
@pytest.mark.parametrize('name', TEXTS)
def test_mutated_mappings(tmp_path, name):
    attack(lambda path: read_concept_mapping(path, ['dog', 'tv', 'x']), tmp_path / name, TEXTS[name].encode())
