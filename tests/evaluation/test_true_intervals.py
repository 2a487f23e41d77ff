"""Tables of what is true when, from anyone, and Charades' own."""

import pytest

from kss_mm.errors import InputError, MissingFileError
from kss_mm.evaluation.true_intervals import Truth, read_true_intervals

CLASSES = ['run', 'sit', 'eat, drink']
CHARADES = 'id,actions,length\nAAAA1,c000 0.00 2.50;c001 1.00 3.00,10.00\nBBBB2,,8.00\n'


def write(tmp_path, text, name='truth.csv'):
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_a_table_of_intervals(tmp_path):
    text = 'Label,file,start,end,note\nrun,a/one.mp4,0,2.5,x\n"eat, drink",a/one.mp4,1,3,\n,two.avi,,,\n'
    assert read_true_intervals(write(tmp_path, text), CLASSES) == {
        'one': Truth(((0, 0, 2.5), (2, 1, 3))), 'two': Truth(())}
    text = text.replace(',', ';').replace('eat;', 'eat,')
    assert len(read_true_intervals(write(tmp_path, text), CLASSES)['one'].actions) == 2


def test_charades_own_table_names_labels_by_its_classes(tmp_path):
    classes = write(tmp_path, 'c000 sit\nc001 run\n', 'classes.txt')
    found = read_true_intervals(write(tmp_path, CHARADES), CLASSES, classes)
    assert found == {'AAAA1': Truth(((1, 0, 2.5), (0, 1, 3)), 10), 'BBBB2': Truth((), 8)}
    with pytest.raises(InputError, match='--classes Charades_v1_classes.txt'):
        read_true_intervals(tmp_path / 'truth.csv', CLASSES)
    with pytest.raises(InputError, match="classes.txt: 'rum' and 0 more of 2 classes .* did you mean 'run'"):
        read_true_intervals(tmp_path / 'truth.csv', CLASSES, write(tmp_path, 'c000 sit\nc001 rum\n', 'classes.txt'))


@pytest.mark.parametrize('text, message', [
    ('', 'truth.csv:1: must have the columns'), ('file,label\n', 'must have the columns file, label, start, end'),
    ('file,label,start,end\na,rum,0,1\n', "truth.csv:2: label 'rum' is none of the model's 3; did you mean 'run'"),
    ('file,label,start,end\na,run,1,1\n', 'truth.csv:2: start and end must be seconds'),
    ('file,label,start,end\na,run,x,1\n', 'truth.csv:2: start and end'),
    ('file,label,start,end\na,run,-1,nan\n', 'truth.csv:2: start and end'),
    ('file,label,start,end\na,,1,2\n', "truth.csv:2: label ''"),
    ('file,label,start,end\na/1.mp4,run,1,2\nb/1.mp4,run,1,2\n', "truth.csv:3: 'b/1.mp4' and 'a/1.mp4' have one name"),
    ('file,label,start,end\na,run,1\n', 'truth.csv: row 2 has 3 cells'), ('file,label,start,end\n"a', 'truth.csv: ')])
def test_tables_that_are_none(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_true_intervals(write(tmp_path, text), CLASSES)
    with pytest.raises(MissingFileError):
        read_true_intervals(tmp_path / 'none.csv', CLASSES)
