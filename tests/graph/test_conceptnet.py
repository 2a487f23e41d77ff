import gzip
import json

import pytest
from conftest import SHARED
from fuzzing import attack

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph import conceptnet
from kss_mm.graph.conceptnet import read_assertions
from kss_mm.graph.concepts import candidate_concepts, match_concepts

DATA = SHARED / 'data'


def line(start, end, weight=1.0, relation='IsA', **data):
    return f'/a/[x]\t/r/{relation}\t{start}\t{end}\t' + json.dumps({'dataset': '/d/x', **data, 'weight': weight})


LINES = [
    line('/c/en/dog', '/c/en/animal/n', 2.0),
    line('/c/en/dog/n/wn/animal', '/c/en/animal', 3.5, 'RelatedTo'),
    line('/c/fr/chien', '/c/en/dog', 9.0, 'Synonym'),
    line('/c/en/dog', '/c/en/hot_dog', 0.5, 'AtLocation'),
    line('/c/en/cat', '/c/en/unknown', 1.0),
    line('/c/en/animal', '/c/en/dog', 1.0, surfaceText='[[animal]] é [[dog]]'),
]


@pytest.fixture
def write(tmp_path):
    def write(lines, compress=False, newline=True):
        path = tmp_path / ('dump.csv.gz' if compress else 'dump.csv')
        content = ('\n'.join(lines) + '\n' * newline).encode()
        path.write_bytes(gzip.compress(content) if compress else content)
        return path
    return write


@pytest.mark.parametrize('compress', [False, True])
@pytest.mark.parametrize('newline', [False, True])
@pytest.mark.parametrize('block', [7, 1 << 22])
def test_reads_plain_and_gzip(write, monkeypatch, compress, newline, block):
    monkeypatch.setattr(conceptnet, 'BLOCK_BYTES', block)
    calls = []
    path = write(LINES, compress, newline)
    found = read_assertions(path, {'dog', 'animal', 'hot_dog', 'cat', 'tv'}, progress=lambda *at: calls.append(at))
    assert sorted(found.edges) == [('animal', 'dog', 1.0), ('dog', 'animal', 3.5), ('dog', 'hot_dog', 0.5)]
    assert found.known == {'dog', 'animal', 'hot_dog', 'cat'}
    assert (found.lines, found.in_language, found.malformed, found.first_malformed) == (6, 5, 0, None)
    assert found.relations == {'IsA': 2, 'RelatedTo': 1, 'AtLocation': 1}
    assert calls[-1] == (path.stat().st_size,) * 2


def test_gzip_is_told_by_its_content(write, tmp_path):
    renamed = tmp_path / 'renamed.csv'
    write(LINES, compress=True).rename(renamed)
    assert read_assertions(renamed, {'dog'}).lines == 6


def test_relations_and_language(write):
    path, wanted = write(LINES), {'dog', 'animal', 'hot_dog'}
    assert {edge[2] for edge in read_assertions(path, wanted, relations=['IsA']).edges} == {2.0, 1.0}
    assert {edge[2] for edge in read_assertions(path, wanted, exclude=['/r/IsA', 'AtLocation']).edges} == {3.5}
    french = write([line('/c/fr/chien', '/c/fr/animal')])
    assert read_assertions(french, {'chien', 'animal'}, language='fr').edges == [('chien', 'animal', 1.0)]
    with pytest.raises(InputError, match="'isa'; .*AtLocation, IsA, RelatedTo"):
        read_assertions(write(LINES), wanted, relations=['isa'])


def test_malformed_lines_are_counted(write):
    bad = ['only\tthree\tcolumns', '', line('/c/en/a', '/c/en/b', 'heavy'), line('/c/en/a', '/c/en/b', -1.0),
           '/a/x\t/r/IsA\t/c/en/a\t/c/en/b\t{"weight": ', '/a/x\t/r/IsA\t/c/en/a\t/c/en/b\t{"dataset": 1}',
           *(f'/a/x\t/r/IsA\t/c/en/a\t/c/en/b\t{data}' for data in (
               '[1]', '{"weight": NaN}', '{"weight": "2.0"}', '{"weight": true}', '{"weight": false}',
               '{"weight": null}', '{"weight": 1e999}', '{"weight": ' + '9' * 400 + '}',
               '{"weight": ' + '9' * 5000 + '}', '{"weight": 1, "x": ' + '[' * 100_000 + ']' * 100_000 + '}',
               '{"x":' * 20_000))]
    found = read_assertions(write([LINES[0], *bad, *LINES[1:]]), {'dog', 'animal', 'a', 'b'})
    assert (found.malformed, found.first_malformed, found.lines) == (len(bad), 2, len(bad) + 6)
    assert len(found.edges) == 2 and 'a' not in found.known


def test_bytes_that_are_not_utf8_do_no_harm(write, tmp_path):
    path = tmp_path / 'dump.csv'
    path.write_bytes(LINES[0].encode() + b'\n/a/x\t/r/IsA\t/c/en/\xff\xfe\t/c/en/dog\t{"weight": 1.0}\n')
    assert read_assertions(path, {'dog', 'animal'}).edges == [('dog', 'animal', 2.0)]


def test_truncated_gzip(write):
    path = write(LINES * 500, compress=True)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r'dump\.csv\.gz: .*gzip .*truncated'):
        read_assertions(path, {'dog'})


def test_damaged_gzip(write):
    path = write(LINES * 500, compress=True)
    content = bytearray(path.read_bytes())
    content[60:90] = bytes(30)
    path.write_bytes(content)
    with pytest.raises(InputError, match='damaged gzip'):
        read_assertions(path, {'dog'})


@pytest.mark.parametrize('content', ['', 'hello\nworld\n', 'label,weight\ndog,1\n'])
def test_other_files(tmp_path, content):
    path = tmp_path / 'names.csv'
    path.write_text(content)
    with pytest.raises(InputError, match='is it the right file'):
        read_assertions(path, {'dog'})


@pytest.mark.parametrize('compress', [False, True])
def test_a_line_without_end_is_not_read_to_its_end(tmp_path, monkeypatch, compress):
    monkeypatch.setattr(conceptnet, 'BLOCK_BYTES', 1 << 10)
    monkeypatch.setattr(conceptnet, 'LONGEST_LINE', 1 << 14)
    content = LINES[0].encode() + b'\n' + b'x' * (1 << 20)
    path = tmp_path / 'dump.csv'
    path.write_bytes(gzip.compress(content) if compress else content)
    read = []
    with pytest.raises(InputError, match='dump.csv:2: .* 16,384 bytes; .*ConceptNet'):
        read_assertions(path, {'dog'}, progress=lambda *at: read.append(at))
    assert len(read) < 20


def test_missing_file(tmp_path):
    with pytest.raises(MissingFileError, match='no such file; .*conceptnet-assertions-5.7.0.csv.gz'):
        read_assertions(tmp_path / 'dump.csv.gz', {'dog'})


@pytest.mark.skipif(not DATA.exists(), reason='needs the shared data')
def test_seventy_of_the_coco_names_are_in_conceptnet_4():
    content = json.loads((DATA / 'coco256' / 'instances_train.json').read_text())
    names = [category['name'] for category in content['categories']]
    found = read_assertions(DATA / 'conceptnet4_en_assertions.csv.gz', candidate_concepts(names))
    matches = match_concepts(names, found.known)
    rules = [match.rule for match in matches]
    assert [rules.count(rule) for rule in ('exact', 'lemma', 'sub-phrases', 'none')] == [70, 2, 7, 1]
    assert [match.label for match in matches if match.rule == 'none'] == ['surfboard']
    assert found.lines == found.in_language == 218_853 and not found.malformed


@pytest.mark.fuzz
@pytest.mark.parametrize('compress', [False, True])
def test_mutated_assertions(tmp_path, compress):
    content = LINES[0].encode()  # one line, since a file is refused only where none of its lines can be read
    attack(lambda path: read_assertions(path, {'dog', 'animal', 'hot_dog'}, relations=['IsA']), tmp_path / 'dump.csv',
           gzip.compress(content) if compress else content)
