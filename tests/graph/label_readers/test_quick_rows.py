"""The quick way through long tables of 0 and 1 gives what the slow one does, or leaves the table to it."""

import io

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file
from kss_mm.graph.label_readers import label_tables
from kss_mm.graph.label_readers.quick_rows import NotPlainError, lines_of, quick_rows

ROWS = ['"a, 1.mp4",x,1,0,-1', 'b.mp4,"y ""z""",0,1,0', 'c.mp4,"1,0,1",1,1,1']


def table(*rows, end='\n') -> str:
    return end.join(['file,url,dog,cat,tv', *rows]) + end


def read(tmp_path, text):
    (tmp_path / 'a.csv').write_bytes(text.encode())
    return read_label_file(tmp_path / 'a.csv')


def is_quick(text) -> bool:
    try:
        return bool(list(quick_rows(text, ',', [2, 3, 4], 5, 2)))
    except NotPlainError:
        return False


@pytest.mark.parametrize(('text', 'quick'), [
    (table(*ROWS), True), (table(*ROWS, end='\r\n'), True), (table(*ROWS, end='\r'), True), (table(*ROWS)[:-1], True),
    (table(*[row.replace(',1,', ',1.0,').replace(',0', ',0.0') if '"1' not in row else row for row in ROWS]), True),
    (table('a.mp4,x,True,False,False', 'b.mp4,,FALSE,TRUE,true'), False),
    (table('a.mp4,x,True,False,False', 'b.mp4,,FALSE,TRUE,TRUE'), True),
    (table('a.mp4,x,"1",0,0'), False), (table('a.mp4,x,1, 0,0'), False), (table('"a\nb.mp4",x,1,0,0'), False),
    (table('"a\n0,x,1,0,0\nb",x,1,0,1'), False), (table('', 'a.mp4,x,1,0,1', ''), True),
    (table(',,,,', ROWS[0]), False), (table('a.mp4,x,1,0,yes'), False)])
def test_both_ways_give_the_same(tmp_path, monkeypatch, text, quick):
    assert is_quick(text) is quick
    first = read(tmp_path, text)

    def never(*_):
        raise NotPlainError
    monkeypatch.setattr(label_tables, 'quick_rows', never)
    second = read(tmp_path, text)
    np.testing.assert_array_equal(first.matrix.toarray(), second.matrix.toarray())
    assert (first.classes, first.ids, first.places, first.notes) == (second.classes, second.ids, second.places,
                                                                     second.notes)


@pytest.mark.parametrize(('row', 'message'), [
    ('b.mp4,x,1,2,0', "row 3, column 'cat' holds '2'"), ('b.mp4,x,1,u,0', "row 3, column 'cat' holds 'u'"),
    ('b.mp4,x,10,1,0', "row 3, column 'dog' holds '10'"), ('b.mp4,x,1,0', 'row 3 has 4 cells'),
    ('b.mp4,x,1,0,0,1', 'row 3 has 6 cells'), (',x,1,0,0', 'row 3 has no name'),
    ('b.mp4,"x,1,0,0', 'not a readable CSV row'), ('b.mp4,x,0.01,0,0', "row 3, column 'dog' holds '0.01'")])
def test_wrong_rows_are_told_as_by_the_slow_way(tmp_path, row, message):
    rows = ['a.mp4,x,1,0,0', row, *['c.mp4,x,1,0,0'] * 3]
    with pytest.raises(InputError, match=message):
        read(tmp_path, table(*rows))


def test_lines():
    for text in ('a\nb', 'a\r\nb\r\n', 'a\rb\r\rc\n', '', '\n', 'a\r\nb\nc\rd'):
        assert list(lines_of(text)) == io.StringIO(text, newline='').readlines()
