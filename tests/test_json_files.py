"""JSON files from anyone: read, or one line."""

import pytest

from kss_mm.errors import InputError, MissingFileError
from kss_mm.json_files import parse_json, read_json


def test_reads_with_and_without_a_byte_order_mark(tmp_path):
    (tmp_path / 'a.json').write_bytes('\ufeff{"é": [1, 2.5]}'.encode())
    assert read_json(tmp_path / 'a.json') == {'é': [1, 2.5]} == parse_json('{"é": [1, 2.5]}', 'a')


@pytest.mark.parametrize('content', [b'{"a": 1, "b": {"c": 1, "c": 2}}', b'[' * 100_000, b'[1' + b'0' * 5000 + b']',
                                     b'\xff\xfe', b'', b'{"a"'])
def test_anything_else_is_one_line_that_names_the_file(tmp_path, content):
    (tmp_path / 'a.json').write_bytes(content)
    with pytest.raises(InputError, match='a.json: ') as caught:
        read_json(tmp_path / 'a.json')
    assert '\n' not in str(caught.value)
    with pytest.raises(MissingFileError, match='b.json'):
        read_json(tmp_path / 'b.json')
