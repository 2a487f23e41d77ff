"""Files of torch.save from anyone: read as data, or refused in one line and bounded time."""

import collections
import io
import pickle
import struct
import time
import zipfile
from pathlib import Path

import pytest
import torch

from kss_mm.checkpoints.checkpoint import load_plain, load_weights, read_plain
from kss_mm.errors import InputError

LONG = b'X' + struct.pack('<I', 140_000) + b'A' * 140_000  # a text of a pickle
MAGIC = 0x1950a86a20f9469cfc6c
GOOD = dict(state_dict=collections.OrderedDict(a=torch.arange(6.).view(2, 3), b=torch.tensor(3)), meta=dict(epoch=1))


def refused(path, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError, match=message) as error:
        load_plain(str(path))
    assert str(error.value).startswith(str(path)) and len(str(error.value)) < 1300 and str(error.value).isprintable()
    assert time.perf_counter() - start < 10


def legacy(path: Path, content: bytes, keys: list[str] = (), rest: bytes = b'') -> Path:
    """A file as torch < 1.6 writes it, of a pickle that it need not be able to write."""
    parts = (MAGIC, 1001, dict(protocol_version=1001, little_endian=True))
    path.write_bytes(b''.join(pickle.dumps(part, 2) for part in parts) + content + pickle.dumps(list(keys), 2) + rest)
    return path


def archive(path: Path, content: bytes, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    """A file as torch >= 1.6 writes it."""
    with zipfile.ZipFile(path, 'w', compression) as file:
        file.writestr('archive/data.pkl', content)
        for name, member in {'version': b'3\n', 'byteorder': b'little', **members}.items():
            file.writestr(f'archive/{name}', member)
    return path


def tensor(numel: int, key: str = '0') -> bytes:
    """The pickle of {'state_dict': {'a': a tensor of float32}}, protocol 2."""
    size = b'\x8a\x08' + struct.pack('<q', numel)
    string = lambda text: b'X' + struct.pack('<I', len(text)) + text.encode()  # noqa: E731
    return (b'\x80\x02}' + string('state_dict') + b'}' + string('a') + b'ctorch._utils\n_rebuild_tensor_v2\n(('
            + string('storage') + b'ctorch\nFloatStorage\n' + string(key) + string('cpu') + size
            + b'tQK\x00' + size + b'\x85K\x01\x85\x89}tRss.')


@pytest.mark.parametrize('new', [True, False], ids=['zip', 'legacy'])
@pytest.mark.parametrize('protocol', [2, 3])
def test_what_torch_writes(new, protocol, tmp_path):
    whole = dict(GOOD, view=GOOD['state_dict']['a'][1:], half=torch.ones(2, dtype=torch.bfloat16), empty=torch.empty(0),
                 large=10 ** 50, plain=[1.5, None, True, (1, 'two', -3)], size=torch.Size([1, 2]), device='cpu',
                 twice=[GOOD['meta']] * 3, log=[float(i) for i in range(3000)],
                 parameter=torch.nn.Parameter(torch.ones(2)))
    torch.save(whole, tmp_path / 'a.pth', _use_new_zipfile_serialization=new, pickle_protocol=protocol)
    content = load_plain(str(tmp_path / 'a.pth'))
    torch.testing.assert_close(content['state_dict']['a'], GOOD['state_dict']['a'])
    assert content['large'] == whole['large'] and content['log'] == whole['log'] and content['twice'] == whole['twice']


def test_written_by_hand(tmp_path):
    """The checkpoint that the refused ones below differ from, and the texts of Python 2."""
    numbers = struct.pack('<3f', 1, 2, 3)
    for path in (archive(tmp_path / 'a.pth', tensor(3), **{'data/0': numbers}),
                 legacy(tmp_path / 'b.pth.tar', tensor(3).replace(b'(X\x07\x00\x00\x00storage', b'(U\x07storage')
                        .replace(b'X\x03\x00\x00\x00cpu', b'U\x03cpu').replace(b'\x89}tR', b'\x89}tR')
                        .replace(b'\x03' + b'\x00' * 7 + b'tQ', b'\x03' + b'\x00' * 7 + b'NtQ'), ['0'],
                        struct.pack('<q', 3) + numbers)):
        assert load_weights(str(path))['a'].tolist() == [1, 2, 3]


@pytest.mark.parametrize('write', [archive, legacy])
@pytest.mark.parametrize(('content', 'message'), [
    (b'\x80\x02ctorch\n' + b'A' * 140_000 + b'\n.', 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1 .it asks for'),
    (b'\x80\x02c' + b'A' * 140_000 + b'\nB\n.', 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1 .it asks for'),
    (b'\x80\x02' + LONG + b')R.', 'no readable checkpoint.*calls something other'),
    (b'\x80\x02' + LONG + b')\x81.', 'no readable checkpoint.*calls something other'),
    (b'\x80\x02' + LONG + b'Q.', 'no readable checkpoint.*not a storage'),
    (b'\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.', 'LOAD=1 .it asks for (os|posix).system'),
    (b'\x80\x02)' + b'\x85' * 200_000 + b'.', 'nested too deeply'),
    (b'\x80\x02]' + b']' * 5000 + b'a' * 5000 + b'.', 'nested too deeply'),
    (b'\x80\x02K\x01' + b'q\x00h\x00h\x00\x87' * 60 + b'.', 'repeat each other'),
    (b'\x80\x02(((.', 'no readable checkpoint'),
    (b'\x80\x02X\xff\xff\xff\xffabc.', 'no readable checkpoint'),
    (b'\x80\x02K\x01K\x02a.', 'no readable checkpoint'),
    (b'', 'no readable checkpoint'),
], ids=range(13))
def test_pickles_made_to_harm(write, content, message, tmp_path):
    refused(write(tmp_path / 'a.pth', content), message)


@pytest.mark.parametrize(('path', 'message'), [
    (lambda p: archive(p, tensor(10 ** 12), **{'data/0': b'1234'}), r'claims 4,000,000,000,000 bytes'),
    (lambda p: archive(p, tensor(5), **{'data/0': b'1234'}), r'claims 20 bytes'),
    (lambda p: archive(p, tensor(3)), 'claims 12 bytes'),
    (lambda p: archive(p, tensor(-3), **{'data/0': b'1234'}), 'not a storage'),
    (lambda p: archive(p, tensor(3), zipfile.ZIP_DEFLATED, **{'data/0': bytes(12)}), 'compressed'),
    (lambda p: archive(p, tensor(3), zipfile.ZIP_DEFLATED, **{'data/0': bytes(10 ** 8)}), 'compressed'),
    (lambda p: legacy(p, tensor(10 ** 12).replace(b'tQ', b'NtQ'), ['0']), r'claims 4,000,000,000,000 bytes'),
    (lambda p: p.write_bytes(b''), 'empty'),
    (lambda p: p.write_bytes(b'PK\x03\x04' + bytes(100)), 'no readable checkpoint'),
    (lambda p: p.write_bytes(pickle.dumps(dict(state_dict={}), 2)), 'no readable checkpoint'),
    (lambda p: p.write_text('version https://git-lfs.github.com/spec/v1\n'), 'no readable checkpoint'),
], ids=range(11))
def test_files_that_hold_less_than_they_claim(path, message, tmp_path):
    path(tmp_path / 'a.pth')
    refused(tmp_path / 'a.pth', message)


def test_members_upon_each_other(tmp_path):
    """A thousand names for the same bytes: an archive of a kB that holds a MB, and of the like, a PB."""
    path = archive(tmp_path / 'a.pth', tensor(3), **{'data/0': bytes(10_000), 'data/1': bytes(10_000)})
    content = path.read_bytes()
    with zipfile.ZipFile(path) as file:
        first, second = (file.getinfo(f'archive/data/{number}').header_offset for number in (0, 1))
    path.write_bytes(content.replace(struct.pack('<I', second) + b'archive/data/1',
                                     struct.pack('<I', first) + b'archive/data/1').replace(
        content[second:second + 10_000], b''))
    refused(path, 'no readable checkpoint')


def test_names_that_come_twice(tmp_path):
    content = archive(tmp_path / 'a.pth', tensor(3), **{'data/0': bytes(12), 'data/1': bytes(12)}).read_bytes()
    (tmp_path / 'b.pth').write_bytes(content.replace(b'archive/data/1', b'archive/data/0'))
    refused(tmp_path / 'b.pth', 'same name')


@pytest.mark.parametrize(('entries', 'message'), [
    (dict(state_dict=5), 'state_dict is a int'),
    (dict(state_dict=dict(a=torch.ones(1).expand(10 ** 9))), 'its a is not a dense tensor'),
    (dict(state_dict=dict(a=torch.eye(3).to_sparse())), 'its a is not a dense tensor'),
    (dict(state_dict=dict(a=torch.ones(2, dtype=torch.complex64))), 'its a is not a dense tensor'),
    (dict(meta=5), 'its meta is a int'),
    (dict(meta=None), 'its meta is a NoneType'),
    (dict(meta=[('cfg', '')]), 'its meta is a list'),
    (dict(meta=dict(dataset_meta='a')), 'dataset_meta is a str'),
    (dict(meta=dict(dataset_meta=dict(classes='abc'))), "classes. are 'abc'"),
    (dict(meta=dict(dataset_meta=dict(classes=5))), 'classes. are 5'),
    (dict(meta=dict(dataset_meta=dict(classes=['a', 2]))), 'class 1 .* is 2, no text'),
    (dict(meta=dict(dataset_meta=dict(classes=['a', ['b' * 10_000]]))), 'class 1 .* no text'),
    (dict(meta=dict(epoch='1')), "meta.epoch is '1'"),
    (dict(meta=dict(iter=[1])), 'meta.iter is'),
    (dict(message_hub=5), 'message_hub is a int'),
    (dict(message_hub=dict(log_scalars=[])), 'message_hub.*log_scalars'),
    (dict(optimizer=[1]), 'optimizer is a list'),
    (dict(param_schedulers='a'), 'param_schedulers is a str'),
    (dict(label_graph=[1]), 'label_graph is a list'),
], ids=range(19))
def test_entries_of_other_types(entries, message, tmp_path):
    torch.save({**GOOD, **entries}, tmp_path / 'a.pth')
    refused(tmp_path / 'a.pth', message)


def test_the_switch_of_torch(tmp_path, monkeypatch):
    torch.save(dict(GOOD, layer=torch.nn.Linear(2, 2)), tmp_path / 'a.pth')
    refused(tmp_path / 'a.pth', 'torch.nn.modules.linear.Linear')
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    assert isinstance(load_plain(str(tmp_path / 'a.pth'))['layer'], torch.nn.Linear)


def test_a_name_of_140_000_letters(tmp_path):
    content = tensor(3).replace(b'FloatStorage', b'FloatS' + b'a' * 140_000)
    refused(legacy(tmp_path / 'a.pth', content, ['0'], bytes(20)), 'asks for')


@pytest.mark.fuzz
@pytest.mark.parametrize('new', [True, False], ids=['zip', 'legacy'])
def test_mutations(new, tmp_path):
    from fuzzing import attack

    file = io.BytesIO()
    torch.save(dict(GOOD, message_hub=dict(log_scalars=dict(loss=[1.5, 2.5]))), file,
               _use_new_zipfile_serialization=new)
    attack(lambda path: load_plain(str(path)), tmp_path / 'a.pth', file.getvalue())


def test_plain_values_alone(tmp_path):
    torch.save([1, 2], tmp_path / 'a.pth')
    assert read_plain(str(tmp_path / 'a.pth')) == [1, 2]
    refused(tmp_path / 'a.pth', 'no checkpoint of a run')
