"""Text lists of labels: names with blanks, counts of frames, rows of 0 and 1."""

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_classes_file, read_label_file


def read(tmp_path, text, classes='abc', **options):
    (tmp_path / 'list.txt').write_text(text)
    return read_label_file(tmp_path / 'list.txt', list(classes), **options)


@pytest.mark.parametrize('text', [
    'x.jpg 0 2\ny.jpg 1\nz.jpg\n', 'x.jpg\t0\t2\ny.jpg\t1\nz.jpg\n', 'x.jpg\t0,2\ny.jpg\t1\nz.jpg\n',
    'x.jpg 1 0 1\ny.jpg 0 1 0\nz.jpg 0 0 0\n', 'x.jpg\t1,0,1\ny.jpg\t0,1,0\nz.jpg\t0,0,0\n',
    'x.jpg 1,0,1\ny.jpg 0,1,0\nz.jpg 0,0,0\n', '1 0 1\n0 1 0\n0 0 0\n', '17 0 2\n18 1\n19\n',
    'a b/x (3).jpg 0 2\na b/y (1) 5.jpg 1\na b/z 7.jpg\n', 'my x 3\t0 2\nmy y 4\t1\nmy z 5\t\n'])
def test_forms(tmp_path, text):
    options = {} if '.jpg' in text or '1 0 1' in text else {'rawframes': False}
    np.testing.assert_array_equal(read(tmp_path, text, **options).matrix.toarray(), [[1, 0, 1], [0, 1, 0], [0, 0, 0]])


def test_names_with_blanks_are_ids(tmp_path):
    assert read(tmp_path, 'a b/x (3).jpg 0 2\na b/y (1) 5.jpg 1\n').ids == ('a b/x (3).jpg', 'a b/y (1) 5.jpg')


def test_counts_of_frames_are_no_labels(tmp_path):
    expected = [[1, 0, 1], [0, 1, 0]]
    found = read(tmp_path, 'dir/x 300 0 2\ndir/y 25 1\n')  # no class has these numbers
    np.testing.assert_array_equal(found.matrix.toarray(), expected)
    assert any('counts frames' in note for note in found.notes)
    doubtful = 'dir/x 2 0 2\ndir/y 1 1\n'
    with pytest.raises(InputError, match=r"list.txt: line 1: 'dir/x' .* 2, .*--rawframes.*--no-rawframes"):
        read(tmp_path, doubtful)
    np.testing.assert_array_equal(read(tmp_path, doubtful, rawframes=True).matrix.toarray(), expected)
    np.testing.assert_array_equal(read(tmp_path, doubtful, rawframes=False).matrix.toarray(), [[1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(read(tmp_path, 'x 1 0 2\ny 2 1\n', rawframes=False).matrix.toarray(),
                                  [[1, 1, 1], [0, 1, 1]])
    with pytest.raises(InputError, match='line 2: .* no number'):
        read(tmp_path, 'x 30 0\ny\n', rawframes=True)
    with pytest.raises(InputError, match='--rawframes is for .txt'):
        (tmp_path / 'a.csv').write_text('file,labels\na,b;c\n')
        read_label_file(tmp_path / 'a.csv', rawframes=True)


@pytest.mark.parametrize(('text', 'message'), [
    ('x.jpg dog\n', "line 1: 'dog' .*index"), ('x.jpg,0,2\ny.jpg,1\n', "line 1: .* got 'x.jpg,0,2'"),
    ('my video 3 1\n', "line 1: .*'my video' .*blanks"), ('dog tv\n', 'line 1: expected "file index'),
    ('x.jpg 0\ny.jpg 3\n', 'line 2 .*index 3, .*3 classes'), ('\n\n', 'no samples'),
    ('x.jpg 1 -1 1\n', "line 1: '-1' .*index.*write 0"), ('x.jpg\ny.jpg\n', 'none .* has a label'),
    ('000012 -1\n000017  1\n', "line 1: '-1' .*index"),  # VOC's lists of one class
    ('2\nBald Young\n1.jpg -1  1\n2.jpg  1 -1\n', 'line 3: .*CelebA'),
    ('x.jpg 1 0 1 1\ny.jpg 0 0 0 1\n', '4 numbers 0 and 1, .*3 class'),
    ('x.jpg 0\nx.jpg 1 2\n', "'x.jpg' .*line 1 .*line 2 .*other labels"),
    ('1 0\n1 1 2\n', 'line 1: .*repeats')])
def test_lists_that_cannot_be_read(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_two_classes_in_either_order_are_in_doubt(tmp_path):
    with pytest.raises(InputError, match='0 and 1 in either order'):
        read(tmp_path, 'x.jpg 0 1\ny.jpg 1 0\n', 'ab')


@pytest.mark.parametrize(('text', 'expected'), [
    ('img/1.jpg\t1,0,1\nimg/2.jpg\t0,1,1\n', [[1, 0, 1], [0, 1, 1]]),
    ('img/1.jpg 1 0 1\nimg/2.jpg 0 1 1\n', [[1, 0, 1], [0, 1, 1]]),
    ('room/drinking (31).mp4 1\nroom/drinking (32).mp4 0 2\n', [[0, 1, 0], [1, 0, 1]])])
def test_lists_of_every_shape(tmp_path, text, expected):
    np.testing.assert_array_equal(read(tmp_path, text).matrix.toarray(), expected)


def test_counts_of_frames_need_an_option(tmp_path):
    text = 'abseiling/51GJ 2 0\nwriting/Uci8 1 2\nyoga/KC 0 1\n'
    with pytest.raises(InputError, match='--rawframes'):
        read(tmp_path, text)
    found = read(tmp_path, text, rawframes=True)
    np.testing.assert_array_equal(found.matrix.toarray(), [[1, 0, 0], [0, 0, 1], [0, 1, 0]])


def test_class_lists(tmp_path):
    (tmp_path / 'n.txt').write_bytes('\ufeffdog\r\n\r\n hot dog \r\n'.encode())
    assert read_classes_file(tmp_path / 'n.txt') == ('dog', 'hot dog')
    (tmp_path / 'n.json').write_text('["dog", "hot dog"]')
    assert read_classes_file(tmp_path / 'n.json') == ('dog', 'hot dog')
    for content, message in (('0 dog\n1 tv\n', 'begin with their numbers'), ('1: dog\n2: tv\n', 'begin with their'),
                             ('dog\ndog\n', 'comes twice'), ('', 'no classes'), ('a\x1b[2J\n', 'control characters')):
        (tmp_path / 'n.txt').write_text(content)
        with pytest.raises(InputError, match=f'n.txt: .*{message}'):
            read_classes_file(tmp_path / 'n.txt')
    (tmp_path / 'n.json').write_text('{"dog": 1}')
    with pytest.raises(InputError, match='n.json: no class list'):
        read_classes_file(tmp_path / 'n.json')
