"""What stands where on the command line of tools/predict.py, what it prints, and its exit status."""

import io
import sys

import pytest
from media import image_bytes
from stub_network import Stub

from kss_mm.cli import predict_command as command
from kss_mm.cli.predict_arguments import is_checkpoint, named_sources, split_files
from kss_mm.errors import InputError, MissingFileError
from kss_mm.inference.predictor import Predictor


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files whose beginnings say what they are, whatever their names."""
    monkeypatch.chdir(tmp_path)
    for name, content in {'net.py': b"a = 1\n", 'best.pth': b'PK\x03\x04..', 'old': b'\x80\x02..', '001.png': b'x',
                          '002.png': image_bytes('PNG'), 'damaged.pth': b''}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_the_content_of_files_says_what_they_are(folder):
    assert [is_checkpoint(name) for name in ('best.pth', 'old', 'damaged.pth', 'nowhere.pth')] == [True] * 4
    assert not any(map(is_checkpoint, ('net.py', '002.png', 'nowhere.png', 'kssnet_i3d_toy', '.')))
    assert split_files('net.py', ['best.pth', '001.png', '002.png']) == ('best.pth', ['001.png', '002.png'])
    assert split_files('net.py', ['old', '001.png']) == ('old', ['001.png'])
    assert split_files('best.pth', ['001.png']) == (None, ['001.png'])
    with pytest.raises(InputError, match='two models'):  # as a pattern of model files gives them
        split_files('best.pth', ['old', '001.png'])
    assert split_files('model.onnx', ['001.png']) == (None, ['001.png'])
    for given in (['001.png'], ['nowhere.png', 'best.pth'], []):
        with pytest.raises(InputError, match='net.py: is a config, so its checkpoint must stand after it'):
            split_files('net.py', given)


def test_lists_of_files(folder, monkeypatch):
    (folder / 'list.txt').write_bytes('\ufeffa b.png\r\n\nsub/ä[1].png\nlast.png'.encode())
    names = [source.name for source in named_sources(['00*.png'], ['list.txt'], 'image')]
    assert names == ['001.png', '002.png', 'a b.png', 'sub/ä[1].png', 'last.png']
    monkeypatch.setattr(sys, 'stdin', io.TextIOWrapper(io.BytesIO(b'1\n2\n')))
    assert [source.name for source in named_sources([], ['-'], 'image')] == ['1', '2']
    (folder / 'list.txt').write_bytes('a\n'.encode('utf-16'))
    with pytest.raises(InputError, match='list.txt:1: is no line of text'):
        list(named_sources([], ['list.txt'], 'image'))


@pytest.fixture
def run(folder, monkeypatch, capsys):
    monkeypatch.setattr(command, 'load', lambda *_, **options: Predictor(Stub(), **options))
    monkeypatch.setattr(command, 'may_be_there', lambda path: 'nowhere' not in path)  # the stub opens none

    def call(*files, lists=(), **options):
        status = command.run_command('best.pth', [f'/{name}' for name in files], lists, **options)
        return status, capsys.readouterr().out
    return call


def test_words_and_statuses(run, folder):
    status, printed = run('001.png', top=2)
    assert status == 0 and printed == '/001.png:\n  0.996 >= 0.500  dark                           predicted\n' \
        '  0.004 <  0.500  bright\n'
    status, printed = run('001.png', '002bad.png')
    assert status == 1 and '/002bad.png:\n  error: /002bad.png: is damaged\n2 files, 1 of them broken\n' in printed
    for expected in ('/a.csv: 2 files, 1 of them broken', '/a.csv: 2 files, 2 of them from before, 1 of them broken'):
        status, printed = run('001.png', '002bad.png', out=folder / 'a.csv')
        assert status == 1 and expected in printed
    status, printed = run('003.png', out=folder / 'b.csv', shard='1/2')
    assert status == 0 and 'b.1-of-2.csv: 1 files' in printed and 'is joined when shares 2 of 2 are done' in printed
    with pytest.raises(InputError, match='is not joined, shares 2 are not done'):
        command.run_command(None, [], [], merge=folder / 'b.csv')
    run('003.png', out=folder / 'b.csv', shard='2/2')
    assert (folder / 'b.csv').exists() and not (folder / 'b.1-of-2.csv').exists()


def test_torchrun_stops_no_other_share(run, folder, monkeypatch):
    monkeypatch.setenv('RANK', '0')
    monkeypatch.setenv('WORLD_SIZE', '2')
    assert run('002bad.png', out=folder / 'a.csv')[0] == 0 and (folder / 'a.1-of-2.csv').exists()


@pytest.mark.parametrize(('files', 'options', 'message'), [
    ((), {}, 'nothing to predict'), (('001.png',), dict(out='a.xyz'), '--out a.xyz: must end in .csv'),
    (('001.png',), dict(top=0), '--top must be at least 1'),
    (('001.png', '2.png'), dict(out='a.png'), '--out a.png: is for one file'),
    (('001.png', '2.png'), dict(truth=True), '--truth: is for one file'),
    (('001.png',), dict(truth=True, out='a.csv'), '--truth: is for one file'),
    (('001.png',), dict(shard='1/2'), 'share the files of a table'), (('1.png',), dict(shard='x', out='a.csv'), 'K/N'),
    (('001.png',), dict(merge='a.csv'), 'takes no model and no files, such as best.pth'),
    (('nowhere.png', 'nowhere'), dict(out='a.csv'), r'nowhere\.png: no such file or folder'),
    ((), dict(lists=['nowhere.txt']), '--list nowhere.txt: no such file')])
def test_arguments_that_do_not_fit(run, files, options, message):
    with pytest.raises((InputError, MissingFileError), match=message):
        run(*files, **options)


def test_a_picture_never_replaces_the_image(run, folder, monkeypatch):
    monkeypatch.setattr(command, 'split_files', lambda *_: (None, [str(folder / '001.png')]))
    before = (folder / '001.png').read_bytes()
    with pytest.raises(InputError, match='001.png: is a file that is read, and stays'):
        run('001.png', out=folder / '001.png')
    assert (folder / '001.png').read_bytes() == before
