import pytest

from kss_mm.graph.label_readers.file_names import clean_names


@pytest.mark.parametrize(('name', 'expected'), [
    ('/data/upload/3/ab12cd34-name.mp4', 'name.mp4'), ('/data/upload/ab12cd34-a-b.jpg', 'a-b.jpg'),
    ('http://localhost:8080/data/upload/3/ab12cd34-a%20b.jpg', 'a b.jpg'),
    ('/data/local-files/?d=folder/x.mp4', 'folder/x.mp4'), ('/data/local-files/?d=a%20b/c%2Bd.mp4', 'a b/c+d.mp4'),
    ('http://localhost:8080/data/local-files/?d=x.mp4', 'x.mp4'), ('s3://bucket/in/x y.mp4', 'in/x y.mp4'),
    ('https://host.org/v/a%20b.mp4?token=1', 'v/a b.mp4'), ('https://www.youtube.com/watch?v=abc-_1&t=3', 'abc-_1'),
    ('plain.mp4', 'plain.mp4'), ('C:\\data\\a.mp4', 'C:\\data\\a.mp4'), ('/home/me/data/x.mp4', '/home/me/data/x.mp4'),
    ('a?b#c.mp4', 'a?b#c.mp4'), ('https://[x', 'https://[x'), ('', '')])
def test_names(name, expected):
    assert clean_names([name]) == [expected]


def test_names_that_would_be_one_stay(tmp_path):
    names = ['/data/upload/1/00000000-a.jpg', '/data/upload/1/11111111-a.jpg', '/data/upload/1/22222222-b.jpg']
    assert clean_names([*names, names[2]]) == [*names[:2], 'b.jpg', 'b.jpg']
