"""What is written is read back: names of all kinds, unknown labels, parts of videos."""

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_classes_file, read_label_file
from kss_mm.starter.label_table import fit_for_lines, write_classes, write_label_table
from kss_mm.starter.samples import Samples

NAMES = ('a', 'salt, pepper', 'he said "hi"', 'x;y|z', 'dög ☃', "it's", 'back\\slash', '[odd]', 'labels', 'file', 'hot',
         'dog', 'hot dog', '3', '1,2', '{q}', "'quoted'", '"dq"', 'nan', '#c', 'sep=;', 'a  b', '日本', 'split')
FILES = ('a b, c.jpg', '#x.jpg', '=1.mp4', 'q"uo.jpg', 'ü/ñ.mp4', *(f'{i}.mp4' for i in range(20)))


def samples(classes=NAMES, values=(0, 1), times=None, files=FILES):
    rng = np.random.default_rng(0)
    matrix = sp.csr_matrix(rng.choice(values, size=(len(files), len(classes))))
    return Samples(files, matrix, classes, tuple(f'row {i}' for i in range(len(files))), times, None)


@pytest.mark.parametrize('values', [(0, 1), (0, 1, -1)])
def test_names_and_numbers_are_kept(tmp_path, values):
    given = samples(values=values)
    write_label_table(tmp_path / 'a.csv', given)
    write_classes(tmp_path / 'classes.txt', NAMES)
    read = read_label_file(tmp_path / 'a.csv', read_classes_file(tmp_path / 'classes.txt'))
    order = sorted(range(len(FILES)), key=FILES.__getitem__)
    assert read.ids == tuple(FILES[row] for row in order) and read.classes == NAMES
    np.testing.assert_array_equal(read.matrix.toarray(), given.matrix.toarray()[order])


def test_the_order_of_the_rows_plays_no_part(tmp_path):
    given = samples()
    write_label_table(tmp_path / 'a.csv', given)
    write_label_table(tmp_path / 'b.csv', given.part(list(reversed(range(len(FILES))))))
    assert (tmp_path / 'a.csv').read_bytes() == (tmp_path / 'b.csv').read_bytes()


@pytest.mark.parametrize('values', [(0, 1), (0, 1, -1)])
def test_parts_of_videos_keep_their_seconds(tmp_path, values):
    times = tuple((index / 4, index / 4 + 10) for index in range(6))
    given = samples(('dog', 'cat'), values, times, ('a.mp4',) * 3 + ('b.mp4',) * 3)
    write_label_table(tmp_path / 'a.csv', given)
    read = read_label_file(tmp_path / 'a.csv', given.classes)
    assert read.times == times and read.files == given.names
    np.testing.assert_array_equal(read.matrix.toarray(), given.matrix.toarray())


def test_names_that_no_table_keeps_are_told(tmp_path):
    with pytest.raises(InputError, match="'dog'|' dog'"):
        write_label_table(tmp_path / 'a.csv', samples((' dog', 'cat')))


@pytest.mark.parametrize(('classes', 'lines'), [(('dog', 'hot dog'), True), (('1 dog', '2 cat'), False),
                                                ((' dog', 'cat'), False), (('a\u2028b', 'c'), False)])
def test_class_files_keep_the_names(tmp_path, classes, lines):
    assert fit_for_lines(classes) == lines
    path = tmp_path / ('classes.txt' if lines else 'classes.json')
    write_classes(path, classes)
    assert read_classes_file(path) == classes
