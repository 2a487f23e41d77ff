"""The benchmark: what it measures and how it reports, at toy sizes, where its figures mean nothing."""

import json

import pytest
import torch

from kss_mm.analysis.benchmark import Line, Ratio, Setting, at_least, at_most
from kss_mm.analysis.benchmark.command import report_benchmarks
from kss_mm.analysis.benchmark.literal import LiteralConnection
from kss_mm.analysis.benchmark.memory import peak_memory
from kss_mm.analysis.benchmark.networks import kss_i3d
from kss_mm.analysis.benchmark.report import as_data, markdown, sentence
from kss_mm.analysis.benchmark.run import BENCHMARKS, load_benchmarks
from kss_mm.analysis.benchmark.setting import Times
from kss_mm.errors import InputError
from kss_mm.models.laterals.lateral import laterals_of

CPU = torch.device('cpu')


@pytest.mark.slow
@pytest.mark.parametrize('name', ['lc', 'labels', 'queries', 'evaluation', 'i3d', 'resnet101', 'options', 'deploy',
                                  'export'])
def test_every_benchmark_runs(name):
    load_benchmarks()
    lines = list(BENCHMARKS[name](Setting(CPU, quick=True)))
    assert lines and all(line.ratio.low > 0 and line.figure for line in lines)
    assert any(line.target for line in lines) or name == 'options'
    if name == 'evaluation':
        assert lines[0].verdict == 'met'  # a count, the same at any size
    if name == 'deploy':
        [note] = [line.note for line in lines if 'parameters' in line.note]
        ours, plain = note.partition(': ')[2].split(' : ')
        assert ours == plain


def test_sides_take_turns_there_and_back_and_the_first_round_does_not_count():
    called = []
    times = Setting(CPU).interleave({name: lambda name=name: called.append(name) for name in 'ab'}, rounds=3)
    assert called == list('baabbaab') and len(times.seconds['a']) == 3
    assert len(Setting(CPU, rounds=2).interleave({'a': int}, rounds=3).seconds['a']) == 2


def test_ratios_are_taken_round_by_round():
    times = Times({'ours': [1., 2., 3.], 'theirs': [2., 2., 12.]})
    assert times.ratio('theirs', 'ours') == Ratio(median=2., low=1.5, high=3.)
    assert times.figure('ours', 'theirs') == '2000 ms : 2000 ms'
    assert times.rates('ours', 'theirs', 4) == '2/s : 2/s'


@pytest.mark.parametrize(('target', 'ratio', 'verdict'), [
    (at_least(1.5), 1.5, 'met'), (at_least(1.5), 1.4, 'missed'), (at_most(1.1), 1.1, 'met'),
    (at_most(1.1), 2, 'missed'), (None, 2, '')])
def test_targets(target, ratio, verdict):
    assert Line('a', '1 : 1', Ratio.exact(ratio), target).verdict == verdict


def test_peak_memory_counts_what_lives_at_a_time():
    kept = []

    def function():
        kept.append(torch.empty(1000))  # 4,000 bytes, to the end
        torch.empty(2000)  # 8,000, gone at once
        torch.empty(500)

    assert peak_memory(function, CPU) == 12_000


def test_the_literal_side_is_the_same_network():
    ours, literal = kss_i3d(7, width=.125).eval(), kss_i3d(7, width=.125, literal=True).eval()
    literal.load_state_dict(ours.state_dict())
    assert all(type(lateral) is LiteralConnection for lateral in laterals_of(literal.backbone))
    x = torch.randn(1, 3, 4, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(literal(x), ours(x), rtol=1e-4, atol=1e-4)


LINES = [('lc', Line('forward', '2 ms : 1 ms', Ratio(2., 1.5, 2.5), at_least(1.7))),
         ('labels', Line('memory', '3 MiB : 2 MiB', Ratio.exact(1.5), at_most(1.1), 'without gradients'))]


def test_reports():
    load_benchmarks()
    setting = Setting(CPU)
    text = markdown(LINES, setting)
    assert '| forward | 2 ms : 1 ms | 2 | 1.5 to 2.5 | >= 1.7 | met |' in text
    assert '| memory | 3 MiB : 2 MiB | 1.5 |  | <= 1.1 | missed |' in text and '- memory: without gradients.' in text
    assert sentence(LINES[0][1], setting) == 'forward: 2 ms : 1 ms, ratio 2 (1.5 to 2.5), target >= 1.7: met'
    assert [line['verdict'] for line in as_data(LINES, setting)['lines']] == ['met', 'missed']
    quick = markdown(LINES, Setting(CPU, quick=True))
    assert 'these figures mean nothing' in quick and 'met |' not in quick


def test_results_as_files(tmp_path):
    out = [str(tmp_path / 'a.md'), str(tmp_path / 'a.json')]
    printed = list(report_benchmarks(['lc'], quick=True, out=out))
    assert f'torch {torch.__version__}' in printed[0] and len([line for line in printed if 'forward' in line]) == 2
    assert '(`lc`)' in (tmp_path / 'a.md').read_text()
    assert json.loads((tmp_path / 'a.json').read_text())['toy_sizes'] is True


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(only=['speed']), '--only speed: no such benchmark; there are .*lc'),
    (dict(out=['a.csv']), '--out a.csv: must end in .md or .json'),
    (dict(out=['none/a.md']), 'there is no folder none'),
    (dict(threads=0), '--threads 0'),
    (dict(rounds=0), '--rounds 0: must be'), (dict(batch=0), '--batch 0'),
])
def test_impossible_questions(changes, message):
    with pytest.raises(InputError, match=message):
        list(report_benchmarks(quick=True, **changes))


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_a_gpu_that_is_not_there():
    with pytest.raises(InputError, match='--device cuda: torch finds no GPU here'):
        list(report_benchmarks(device='cuda', quick=True))
