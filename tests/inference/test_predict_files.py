"""Tables of predictions: whatever stops them and however many share the work, the same bytes come out."""

import csv
import json
import os
import random

import pytest
from stub_network import CLASSES, Stub

from kss_mm.errors import InputError
from kss_mm.inference.predict_files import predict_files
from kss_mm.inference.predictor import Predictor
from kss_mm.inference.shards import Shard, merge_shards, shards_of
from kss_mm.inference.sources import Source
from kss_mm.inference.table_formats import read_whole

NAMES = [f'{number:03d}{"bad" * (number % 5 == 2)}.png' for number in range(23)]
ODD = ['"00,1".png', '002\n.png', '003\r.png', os.fsdecode(b'004\xff.png'), '005 ä;|.png']
SUFFIXES = ('.csv', '.json', '.jsonl')


def sources(names=NAMES):
    return (Source(name, f'/{name}') for name in names)


def run(out, names=NAMES, **options):
    predictor = options.pop('predictor', None) or Predictor(Stub(), workers=0, threshold=options.pop('threshold', None))
    return predict_files(predictor, sources(names), out, **options)


@pytest.fixture(params=SUFFIXES)
def out(request, tmp_path):
    return tmp_path / f'out{request.param}'


@pytest.fixture
def whole(out, tmp_path):
    """The bytes of a call that nothing stopped."""
    path = tmp_path / f'whole{out.suffix}'
    assert run(path)[1:] == (23, 5, 0, [])
    return path.read_bytes()


def rows(path):
    text = path.read_text(errors='surrogateescape')
    if path.suffix == '.csv':
        return list(csv.DictReader(text.splitlines()))
    return json.loads(text) if path.suffix == '.json' else [json.loads(line) for line in text.splitlines()]


def test_what_stands_in_a_table(out, whole):
    run(out, top=2)
    found = rows(out)
    if out.suffix == '.csv':
        assert len(found) == 18 * 2 + 5
        assert found[0] == dict(file='000.png', label='dark', probability='1.0', threshold='0.5', predicted='1',
                                error='', model='01234567')
        assert found[4] == dict(file='002bad.png', label='', probability='', threshold='', predicted='',
                                error='/002bad.png: is damaged', model='01234567')
    else:
        assert [row['file'] for row in found] == NAMES
        assert found[0]['labels'][0] == dict(name='dark', probability=1., threshold=.5, predicted=True)
        assert len(found[0]['labels']) == 2 and found[2]['labels'] == [] and 'damaged' in found[2]['error']
    assert [record.name for record in read_whole(out, 2)] == NAMES


class Stop(Exception):
    """A kill."""


def stopped(count: int):
    def report(done):
        if report.calls == count:
            raise Stop
        report.calls += 1
    report.calls = 0
    return report


def test_a_call_goes_on_where_another_was_stopped(out, whole, monkeypatch):
    for _ in range(5):
        with pytest.raises(Stop):
            run(out, report=stopped(4))
    network = Stub()
    done = run(out, predictor=Predictor(network))
    assert out.read_bytes() == whole and done.before >= 15
    assert network.open <= 23 - done.before + 2  # those of its block come again
    again = Stub()
    assert run(out, predictor=Predictor(again))[1:] == (23, 5, 23, []) and not again.open
    assert out.read_bytes() == whole
    assert sorted(os.listdir(out.parent)) == sorted(f'{name}{out.suffix}{more}' for name in ('out', 'whole')
                                                    for more in ('', '.meta.json'))


def test_a_half_written_end_is_repaired(out, whole, tmp_path):
    """A cut at any byte."""
    journal = out.with_name('out.json.partial') if out.suffix == '.json' else out
    with pytest.raises(Stop):
        run(out, report=stopped(22))
    part = journal.read_bytes()
    for end in (*range(0, len(part), 301), *range(len(part) - 150, len(part), 3)):
        journal.write_bytes(part[:end])
        run(out)
        assert out.read_bytes() == whole
        out.unlink()


@pytest.mark.parametrize('count', [1, 2, 3, 7, 30])
def test_shares_are_joined_to_the_same_bytes(out, whole, count):
    order = random.Random(count).sample(range(1, count + 1), count)
    for position, number in enumerate(order, 1):
        done = run(out, shard=Shard(number, count))
        assert sorted(done.waiting) == sorted(order[position:])
    assert out.read_bytes() == whole and done[:4] == (str(out), 23, 5, 0)
    assert sorted(os.listdir(out.parent)) == sorted(f'{name}{out.suffix}{more}' for name in ('out', 'whole')
                                                    for more in ('', '.meta.json'))
    assert run(out, shard=Shard(1, count)).waiting == ([] if count == 1 else list(range(2, count + 1)))


def test_shares_that_are_stopped(out, whole):
    chance = random.Random(1)
    waiting = [1, 2, 3]
    while waiting:
        number = chance.choice(waiting)
        try:
            run(out, shard=Shard(number, 3), report=stopped(chance.randrange(6)))
            waiting.remove(number)
        except Stop:
            pass
    assert out.read_bytes() == whole


def test_files_that_come_later_are_added(out, whole):
    run(out, NAMES[5:])
    for number in (2, 1):
        run(out, shard=Shard(number, 2))
    assert sorted(record.name for record in read_whole(out, 3)) == sorted(NAMES)
    run(out, ['100.png', *NAMES, '100.png'])
    assert [record.name for record in read_whole(out, 3)][-1] == '100.png' and len(list(read_whole(out, 3))) == 24


def test_a_merge_that_was_stopped_before_it_cleaned_up(out, whole, monkeypatch):
    run(out, shard=Shard(1, 2))
    with monkeypatch.context() as patch:
        patch.setattr('kss_mm.inference.shards.forget', stopped(0))
        with pytest.raises(Stop):
            run(out, shard=Shard(2, 2))
    assert merge_shards(out, len(shards_of(out))) == (str(out), 23, 5) and out.read_bytes() == whole
    assert merge_shards(out, 2) == (str(out), 23, 5)
    with pytest.raises(InputError, match='no shards'):
        shards_of(out)


def test_shares_of_other_lists_or_counts_do_not_join(out):
    run(out, shard=Shard(1, 2))
    with pytest.raises(InputError, match='another list of files .22 of them'):
        run(out, NAMES[1:], shard=Shard(2, 2))
    run(out, shard=Shard(2, 3))
    with pytest.raises(InputError, match='shards of 2 and 3'):
        shards_of(out)


@pytest.mark.parametrize(('change', 'message'), [
    (dict(top=2), 'another --top, 3, and this is 2'), (dict(threshold=.25), 'another --threshold, None, .* 0.25'),
    (dict(sha256='f' * 16), "another model, 'stub.pth', and this is 'stub.pth' of other content"),
    (dict(config='d'), 'another config')])
def test_another_model_or_option_is_refused(out, change, message):
    run(out, NAMES[:4])
    before = out.read_bytes()
    network = Stub()
    network.identity.update({key: value for key, value in change.items() if key in network.identity})
    predictor = Predictor(network, threshold=change.get('threshold'))
    with pytest.raises(InputError, match=f'{out.name}: was made with {message}'):
        run(out, predictor=predictor, top=change.get('top'))
    assert out.read_bytes() == before


def test_a_file_of_anyone_s_stays(out):
    out.write_text('mine\n')
    with pytest.raises(InputError, match='is there already'):
        run(out)
    (out.parent / f'{out.name}.meta.json').write_text('{}')
    with pytest.raises(InputError, match='is no record of a table'):
        run(out)
    assert out.read_text() == 'mine\n'


def test_a_line_in_the_middle_that_is_none_is_named(tmp_path):
    for suffix, line in (('.csv', b'a,b\n'), ('.jsonl', b'{"a": 1}\n')):
        path = tmp_path / f'a{suffix}'
        run(path)
        content = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b''.join([*content[:4], line, *content[4:]]))
        with pytest.raises(InputError, match=f'a{suffix}:5: is not a line'):
            run(path)


def test_odd_names_come_back(out):
    names = [*ODD, *NAMES[:2]]

    class AnyName(Stub):
        def prepare(self, content):
            return super().prepare('/007')

    run(out, names, predictor=Predictor(AnyName()))
    first = out.read_bytes()
    assert [record.name for record in read_whole(out, 3)] == names
    assert run(out, names, predictor=Predictor(AnyName())).before == 7 and out.read_bytes() == first
    odd = [label for label in CLASSES if label in out.read_text(errors='surrogateescape')]
    assert odd == CLASSES


def test_two_processes_do_not_write_one_table(tmp_path):
    out = tmp_path / 'a.csv'

    def again(_):
        with pytest.raises(InputError, match='another process is writing'):
            run(out)
    assert run(out, NAMES[:1], report=again).files == 1


def test_names_of_shares():
    assert Shard.parse('2/8') == (2, 8) and Shard.parse('2/8').path('a/b.c.csv') == 'a/b.c.2-of-8.csv'
    for text in ('0/2', '3/2', '1', 'a/b', '1/0', ''):
        with pytest.raises(InputError, match='--shard'):
            Shard.parse(text)


def test_shares_of_torchrun(monkeypatch):
    monkeypatch.setenv('RANK', '1')
    assert Shard.of_environment() is None
    monkeypatch.setenv('WORLD_SIZE', '4')
    assert Shard.of_environment() == (2, 4)
    monkeypatch.setenv('WORLD_SIZE', '1')
    assert Shard.of_environment() is None
