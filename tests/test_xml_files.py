import pytest

from kss_mm.errors import InputError, MissingFileError
from kss_mm.xml_files import read_xml


@pytest.mark.parametrize(('text', 'message'), [
    ('<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>', 'document type'),
    ('<!DOCTYPE l SYSTEM "file:///etc/hostname"><l/>', 'document type'),
    ('<!DOCTYPE l [<!ENTITY x SYSTEM "/etc/hostname">]><l>&x;</l>', 'document type'),
    ('<l>&x;</l>', 'undefined entity'), ('<l', 'unclosed token'), ('', 'no element'), ('<l>' * 50_000, 'no element'),
    ('<?xml version="1.0" encoding="nonsense"?><l/>', 'unknown encoding'), ('{"a": 1}', 'not a whole label file')])
def test_what_is_refused(tmp_path, text, message):
    path = tmp_path / 'a.xml'
    path.write_text(text)
    with pytest.raises(InputError, match=f'a.xml: .*{message}'):
        read_xml(path, 'label file')


def test_encodings(tmp_path):
    for encoding in ('utf-8', 'utf-8-sig', 'utf-16', 'latin-1'):
        name = encoding.removesuffix('-sig')
        (tmp_path / 'a.xml').write_bytes(f'<?xml version="1.0" encoding="{name}"?><l n="é"/>'.encode(encoding))
        assert read_xml(tmp_path / 'a.xml').get('n') == 'é'
    with pytest.raises(MissingFileError, match='no such'):
        read_xml(tmp_path / 'b.xml')
