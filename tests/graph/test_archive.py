"""Readers of .npy and .npz files from anyone: arrays, or a ValueError of one line."""

import io
import zipfile

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.graph.archive import read_npz, read_numpy, unpack_matrix


def header(shape, descr='<i8', rest=b'') -> bytes:
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}"
    text += ' ' * (117 - len(text)) + '\n'
    return b'\x93NUMPY\x01\x00' + len(text).to_bytes(2, 'little') + text.encode() + rest


def archive(path, compression=zipfile.ZIP_STORED, **members):
    with zipfile.ZipFile(path, 'w', compression) as file:
        for name, content in members.items():
            file.writestr(name.replace('__', '.'), content)
    return path


@pytest.mark.parametrize('array', [np.arange(6).reshape(2, 3), np.asfortranarray(np.eye(3, 2)), np.array('text'),
                                   np.array(['a', 'bcd']), np.zeros((0, 4)), np.array([], dtype='U'), np.array(5)])
def test_arrays_come_back(tmp_path, array):
    np.save(tmp_path / 'a.npy', array)
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / 'a.npz', first=array, second=array)
        for read in (read_numpy(tmp_path / 'a.npy'), *read_npz(tmp_path / 'a.npz').values()):
            assert read.dtype == array.dtype and read.flags['F_CONTIGUOUS'] == array.flags['F_CONTIGUOUS']
            np.testing.assert_array_equal(read, array)


CLAIMS = {'51 GB': (80_000, 80_000), 'negative': (-1, 3), 'endless': (10 ** 40,), 'nothing, many times': (10 ** 18,)}


@pytest.mark.parametrize('shape', CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize('suffix', ['npy', 'npz'])
def test_headers_that_claim_more_than_there_is(tmp_path, shape, suffix):
    content = header(shape, '<U0' if shape == (10 ** 18,) else '<i8', bytes(64))
    path = tmp_path / f'a.{suffix}'
    path.write_bytes(content) if suffix == 'npy' else archive(path, labels__npy=content)
    with pytest.raises(ValueError, match='its header claims shape'):
        read_numpy(path)


@pytest.mark.slow
def test_an_archive_that_unpacks_to_the_whole_memory(tmp_path):
    """2 GiB of zeros, claimed and there, in 2 MB: read only as far as its table of contents."""
    with zipfile.ZipFile(tmp_path / 'a.npz', 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open('labels.npy', 'w', force_zip64=True) as member:
            member.write(header((1 << 28,)))
            for _ in range(32):
                member.write(bytes(1 << 26))
    with pytest.raises(ValueError, match='bytes unpack to 2,147,483,776'):
        read_numpy(tmp_path / 'a.npz')


@pytest.mark.parametrize(('members', 'message'), [
    (dict(labels__npy=header((1,), '|O', b'x')), 'pickled'), (dict(readme__txt=b'text'), "'readme.txt' is not a NumPy"),
    (dict(labels__npy=b'\x93NUMPY\x09\x00'), 'version'), (dict(labels=header((1,), rest=bytes(8)),
                                                               labels__npy=header((1,), rest=bytes(8))), 'two arrays')])
def test_members_that_are_no_arrays(tmp_path, members, message):
    with pytest.raises(ValueError, match=message) as error:
        read_numpy(archive(tmp_path / 'a.npz', **members))
    assert '\n' not in str(error.value)


def test_a_compression_that_nobody_knows(tmp_path):
    content = bytearray(archive(tmp_path / 'a.npz', a__npy=header((1,), rest=bytes(8))).read_bytes())
    content[content.rindex(b'PK\x01\x02') + 10] = 77
    (tmp_path / 'a.npz').write_bytes(content)
    with pytest.raises(ValueError, match='compression method is not supported'):
        read_numpy(tmp_path / 'a.npz')


def unread(suffix: str, offset: int = 0, value: int = 0, changed: bytes = b'') -> tuple[str, bytes]:
    """A good array with another header, or a good archive with another byte in its table of contents."""
    if suffix == 'npy':
        return suffix, changed
    file = io.BytesIO()
    content = bytearray(archive(file, a__npy=header((1,), rest=bytes(8))).getvalue())
    content[content.rindex(b'PK\x01\x02') + offset] = value
    return suffix, bytes(content)


@pytest.mark.parametrize(('suffix', 'content'), [
    unread('npy', changed=header((4, 3), rest=bytes(96)).replace(b', }     ', b', }    ]')),
    unread('npy', changed=b'\x93NUMPY\x01\x00' + b'a' * 140_000),
    unread('npz', 6, 255), unread('npz', 8, 32), unread('npz', 10, 77)],
    ids=['bracket', 'long header', 'version 25.5', 'patched data', 'compression'])
def test_cases_that_ended_in_a_stack(tmp_path, suffix, content):
    (tmp_path / f'a.{suffix}').write_bytes(content)
    with pytest.raises(ValueError) as error:
        read_numpy(tmp_path / f'a.{suffix}')
    assert '\n' not in str(error.value) and len(str(error.value)) < 1500


def test_parts_of_a_sparse_matrix():
    matrix = sp.csr_matrix(np.array([[0, 1], [1, 1]]))
    parts = {'m.data': matrix.data, 'm.indices': matrix.indices, 'm.indptr': matrix.indptr}
    np.testing.assert_array_equal(unpack_matrix('m', parts).toarray(), matrix.toarray())
    assert unpack_matrix('other', parts) is None
    for part, wrong in (('indices', [0, 1, 2]), ('indices', [0, -1, 1]), ('indices', [0, 1]), ('indptr', [0, 2, 1]),
                        ('indptr', 5), ('indptr', []), ('indptr', [0., 1., 3.]), ('data', ['a', 'b', 'c']),
                        ('data', np.eye(3)), ('indptr', [1, 2, 3]), ('indptr', [0, 1, 2])):
        with pytest.raises(ValueError, match='sparse matrix m do not fit'):
            unpack_matrix('m', {**parts, f'm.{part}': np.array(wrong)})
    with pytest.raises(ValueError, match=r'no m\.indptr'):
        unpack_matrix('m', {key: value for key, value in parts.items() if key != 'm.indptr'})


def test_reading_text_files_as_arrays_says_what_they_are_not(tmp_path):
    (tmp_path / 'a.npy').write_bytes(io.BytesIO(b'text').getvalue())
    with pytest.raises(ValueError, match='not a zip file'):
        read_numpy(tmp_path / 'a.npy')
