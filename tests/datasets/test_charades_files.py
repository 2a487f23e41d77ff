import pytest
from fuzzing import attack

from kss_mm.datasets.charades_files import Action, charades_mapping, read_class_parts, read_classes, read_videos
from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.concepts import match_concepts

HEADER = 'id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length\n'


def write(path, text, encoding='utf-8'):
    path.write_bytes(text.encode(encoding))
    return path


def test_videos_of_the_official_form(tmp_path):
    path = write(tmp_path / 'train.csv', HEADER
                 + 'YSKX3,CWVQ,Kitchen,7,7,Yes,"A person, ""Al"", cooks.",cup;box,"x, y",c001 0 4.20;c000 2.5 9,32.5\n'
                 + 'AAAAA,CWVQ,Kitchen,7,7,Yes,text,,x,,\n')
    first, second = read_videos(path, 2)
    assert first.actions == (Action(1, 0., 4.2), Action(0, 2.5, 9.)) and first.labels == [0, 1]
    assert first.length == 32.5
    assert (second.id, second.labels, second.length) == ('AAAAA', [], None)


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    rows = (HEADER + 'A,s,k,7,7,Yes,t,o,d,c000 0 1,5\n').replace('\n', '\r\n')
    (video,) = read_videos(write(tmp_path / 'a.csv', rows, 'utf-8-sig'), 1)
    assert video.labels == [0] and video.length == 5.
    assert read_classes(write(tmp_path / 'c.txt', 'c000 Holding a cup\r\n')) == ['Holding a cup']


@pytest.mark.parametrize(('row', 'message'), [
    ('A,s,k,7,7,Yes,t,o,d,c009 0 1,5', r"a.csv:2: video 'A'.*'c009' .* 2"),
    ('A,s,k,7,7,Yes,t,o,d,c000 0,5', r"a.csv:2: video 'A'"),
    ('A,s,k,7,7,Yes,t,o,d,c000 0 1,long', r"a.csv:2: video 'A'"),
    ('A,hi', r'a.csv:2: .*columns'),
    ('A,s,k,7,7,Yes,"never closed,o,d,,5\nB,s,k,7,7,Yes,t,o,d,,5', r'not a readable CSV row'),
    ('A,s,k,7,7,Yes,t,o,d,,nan', r"a.csv:2: video 'A'"),
    ('A,s,k,7,7,Yes,t,o,d,c000 nan 1,5', r"a.csv:2: video 'A'"),
    ('../A,s,k,7,7,Yes,t,o,d,,5', r'a.csv:2: id'),
    (',s,k,7,7,Yes,t,o,d,c000 0 1,5', r"a.csv:2: id '' cannot be"),
    ('A,s,k,7,7,Yes,t,o,d,,5\nA,s,k,7,7,Yes,t,o,d,,5', r"a.csv:3: id 'A' .*second"),
])
def test_bad_rows_are_named(tmp_path, row, message):
    with pytest.raises(InputError, match=message):
        read_videos(write(tmp_path / 'a.csv', HEADER + row + '\n'), 2)


def test_bad_files_are_named(tmp_path):
    with pytest.raises(MissingFileError, match='nowhere.csv'):
        read_videos(tmp_path / 'nowhere.csv', 2)
    with pytest.raises(InputError, match='actions, length'):
        read_videos(write(tmp_path / 'a.csv', 'id,scene\nA,b\n'), 2)
    with pytest.raises(InputError, match='no video'):
        read_videos(write(tmp_path / 'a.csv', HEADER), 2)
    with pytest.raises(InputError, match='UTF-8'):
        read_videos(write(tmp_path / 'l.csv', HEADER + 'é,s,k,7,7,Yes,t,o,d,,5\n', 'latin-1'), 2)
    with pytest.raises(InputError, match='c001 is missing'):
        read_classes(write(tmp_path / 'c.txt', 'c000 a\nc002 b\n'))
    with pytest.raises(InputError, match="c.txt:2: 'c000' is listed twice"):
        read_classes(write(tmp_path / 'c.txt', 'c000 a\nc000 b\n'))
    with pytest.raises(InputError, match='c.txt:1: expected'):
        read_classes(write(tmp_path / 'c.txt', 'Holding a cup\n'))


def test_class_parts(tmp_path):
    mapping = write(tmp_path / 'm.txt', 'c000 o001 v000\nc001 o000 v001\n')
    objects = write(tmp_path / 'o.txt', 'o000 None\no001 sofa/couch\n')
    verbs = write(tmp_path / 'v.txt', 'v000 sit\nv001 awaken\n')
    assert read_class_parts(mapping, objects, verbs) == [('sofa/couch', 'sit'), ('None', 'awaken')]
    with pytest.raises(InputError, match='m.txt:1'):
        read_class_parts(write(tmp_path / 'm.txt', 'c000 o009 v000\n'), objects, verbs)


def test_charades_labels_are_object_and_verb():
    labels = ['Sitting on sofa/couch', 'Someone is laughing']
    mapping = charades_mapping(labels, [('sofa/couch', 'sit'), ('None', 'laugh')])
    assert mapping == {labels[0]: ['sofa/couch', 'sit'], labels[1]: ['laugh']}
    assert match_concepts(labels, {'sofa', 'couch', 'sit'}, mapping)[0].concepts == ('sofa', 'couch', 'sit')
    with pytest.raises(InputError, match='1 classes, the data set 2'):
        charades_mapping(labels, [('book', 'hold')])


@pytest.mark.parametrize(('text', 'message'), [
    (HEADER.replace('objects', 'ob' + 'a' * 140_000), 'field larger than field limit'),
    (HEADER + 'A,s,k,7,7,Yes,t,o,d,c000 0 1;' + '9' * 5000 + ' 0 1,5\n', ':2: video'),
    (HEADER + '9' * 5000 + ',s,k,7,7,Yes,t,o,d,c009 0 1,5\n', ':2: ')], ids=['header', 'action', 'id'])
def test_cases_that_ended_in_a_stack_or_echoed_the_file(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        read_videos(write(tmp_path / 'a.csv', text), 2)
    assert len(str(error.value)) < 500


def test_an_endless_header_is_one_line(tmp_path):
    with pytest.raises(InputError, match='a.csv:.*field larger than field limit'):
        read_videos(write(tmp_path / 'a.csv', 'id,' + 'a' * 200_000 + ',actions,length\n'), 2)


ROWS = ('T4WSJ,TOY0,Office,7,7,Yes,"In the office, closing.",book;laptop,"x, y",c006 0.00 1.45;c001 1.98 4.64,5.75\n'
        'TLBCA,TOY0,Kitchen,7,7,Yes,text,bag;cup,text,,4.55\n')
READERS = {
    'videos.csv': (lambda path: read_videos(path, 7), HEADER + ROWS),
    'classes.txt': (read_classes, 'c000 Holding a cup\nc001 Opening a door\nc002 Sitting\n'),
    'mapping.txt': (lambda path: read_class_parts(path, path.with_name('o.txt'), path.with_name('v.txt')),
                    'c000 o001 v000\nc001 o000 v001\n'),
    'o.txt': (lambda path: read_class_parts(path.with_name('mapping.txt'), path, path.with_name('v.txt')),
              'o000 None\no001 sofa/couch\n')}


@pytest.mark.fuzz
@pytest.mark.parametrize('name', READERS)
def test_mutated_files(tmp_path, name):
    for other, content in (('mapping.txt', 'c000 o001 v000\n'), ('o.txt', 'o000 None\no001 sofa\n'),
                           ('v.txt', 'v000 sit\nv001 awaken\n')):
        write(tmp_path / other, content)
    read, content = READERS[name]
    attack(read, tmp_path / name, content.encode())
