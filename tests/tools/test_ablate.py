"""tools/ablate.py: runs what a plan lists, survives what fails, goes on where it stopped, reads its table from logs."""

import csv
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

import pytest
import yaml
from conftest import ROOT, run_tool, tiny

from kss_mm.analysis.ablation import ablate
from kss_mm.analysis.ablation.plan import Plan, Row, slug
from kss_mm.analysis.ablation.read_plan import read_plan
from kss_mm.analysis.ablation.table import Cell, as_markdown, cells
from kss_mm.apis.cfg_options import parse_options
from kss_mm.errors import InputError, MissingFileError

PLAIN = 'configs/i3d_toy.py'
# Stands in for tools/train.py: takes its arguments, leaves its logs, and scores a run by the options it got.
TRAIN = '''
import json, os, sys, time
from pathlib import Path

folder = Path(sys.argv[sys.argv.index('--work-dir') + 1])
seed = int(sys.argv[sys.argv.index('--seed') + 1])
options = dict(pair.split('=', 1) for pair in sys.argv[sys.argv.index('--cfg-options') + 1:] if '=' in pair)
with open(folder / 'starts', 'a') as file:
    file.write(' '.join(sys.argv[1:]) + '\\n')
if 'fail' in options and int(options['fail']) == seed:
    sys.exit('no such luck')
if 'sleep' in options:
    (folder / 'pid').write_text(str(os.getpid()))
    time.sleep(100)
log = folder / '20260101_000000' / 'vis_data'
log.mkdir(parents=True)
value = float(options['base']) + seed / 10 - abs(float(options.get('lr', 1)) - float(options.get('best', 1)))
lines = [{'loss': 1., 'step': 1}, {'set/mAP': .01, 'step': 1}, {'set/mAP': value, 'set/N+': 100 * value, 'step': 2}]
(log / 'scalars.json').write_text('\\n'.join(map(json.dumps, lines)))
'''


@pytest.fixture
def train(tmp_path):
    path = tmp_path / 'train.py'
    path.write_text(TRAIN)
    return path


def write(tmp_path, **changes) -> str:
    plan = dict(metric='set/mAP', seeds=[0, 1, 2], options={'base': 1},
                rows={'Plain': dict(config=PLAIN), 'Ours': dict(config=PLAIN, options={'base': 1.5})})
    path = tmp_path / 'plan.yaml'
    path.write_text(yaml.safe_dump({**plan, **changes}, sort_keys=False))
    return str(path)


def read(folder) -> list[dict]:
    with open(folder / 'table.csv', newline='') as file:
        return list(csv.DictReader(file))


def test_mean_deviation_and_paired_difference(tmp_path, train):
    out = tmp_path / 'out'
    table = ablate(write(tmp_path), out, train=train)

    assert '| Plain | 1.100 ± 0.100 |' in table and '| Ours | 1.600 ± 0.100 |' in table
    assert '| Ours | +0.500 ± 0.000 |' in table
    assert (out / 'table.md').read_text() == table
    plain, ours = read(out)
    assert float(plain['mean']) == pytest.approx(1.1) and float(plain['std']) == pytest.approx(.1)
    assert [float(ours[f'seed_{seed}']) for seed in (0, 1, 2)] == pytest.approx([1.5, 1.6, 1.7])
    assert float(ours['difference_mean']) == pytest.approx(.5)


def test_further_metrics_stand_beside_it(tmp_path, train):
    rows = {'Plain': dict(config=PLAIN), 'Ours': dict(config=PLAIN, options={'base': 1.5}),
            'Half': dict(config=PLAIN, only=['half'])}
    out = tmp_path / 'out'
    table = ablate(write(tmp_path, also=['set/N+'], columns={'all': {}, 'half': {'base': 2}}, rows=rows), out,
                   train=train)
    one, other = table.split('half, mean')
    assert one.startswith('all, mean ± standard deviation over seeds 0, 1, 2:\n\n|  | set/mAP | set/N+ |\n')
    assert '| Ours | 1.600 ± 0.100 | 160.0 ± 10.0 |' in one and '| Ours | +0.500 ± 0.000 | +50.0 ± 0.0 |' in one
    assert 'Half' not in one and '| Half | 2.100 ± 0.100 | 210.0 ± 10.0 |' in other
    assert [(line['row'], line['column'], line['metric'], round(float(line['mean']), 3)) for line in read(out)][:3] == [
        ('Plain', 'all', 'set/mAP', 1.1), ('Plain', 'half', 'set/mAP', 2.1), ('Ours', 'all', 'set/mAP', 1.6)]
    assert [line['metric'] for line in read(out)] == ['set/mAP'] * 5 + ['set/N+'] * 5
    table = ablate(write(tmp_path, also=['set/N+'], options={'base': .06}), tmp_path / 'few', train=train)
    assert '| Plain | 0.160 ± 0.100 | 16.0 ± 10.0 |' in table, 'one figure of a metric is large, so all have one digit'


def test_a_failed_run_is_named_and_only_it_runs_again(tmp_path, train, caplog):
    plan = write(tmp_path, columns={'all': {}, 'half': {'fail': 1}})
    out = tmp_path / 'out'
    table = ablate(plan, out, train=train)

    assert 'Failed runs: Plain, half: 1 of 3; Ours, half: 1 of 3.' in table
    assert '| Plain | 1.100 ± 0.100 | 1.100 ± 0.141 |' in table
    failed = out / 'table/plain/half/seed_1'
    assert 'no such luck' in (failed / 'train.log').read_text() and str(failed) in caplog.text

    (failed / 'last_checkpoint').write_text('epoch_1.pth')
    ablate(plan, out, train=train, jobs=2)
    starts = {path.parent: path.read_text().splitlines() for path in out.rglob('starts')}
    assert len(starts) == 12
    assert {folder for folder, lines in starts.items() if len(lines) > 1} == {failed, out / 'table/ours/half/seed_1'}
    assert all('--resume' in start for start in starts[failed])  # from nothing, too: a kill may leave no pointer


def test_every_row_chooses_on_other_data(tmp_path, train):
    choice = dict(option='lr', values=[1, 3], seed=7, options={'base': 5})
    rows = {'Plain': dict(config=PLAIN, options={'best': 3}), 'Ours': dict(config=PLAIN),
            'Ours too': dict(config=PLAIN, choice_of='Plain', options={'best': 1})}
    out = tmp_path / 'out'
    table = ablate(write(tmp_path, choice=choice, rows=rows), out, train=train)

    assert '| Plain | 1.100 ± 0.100 (lr 3) |' in table and '| Ours | 1.100 ± 0.100 (lr 1) |' in table
    assert 'Failed' not in table
    assert '(lr 3) |' in table.splitlines()[6], 'the row takes the choice of the first, though 1 were better'
    assert sorted(path.name for path in (out / 'choice/plain/all').iterdir()) == ['1', '3']
    assert not (out / 'choice/ours_too').exists()
    start = (out / 'choice/ours/all/1/starts').read_text()
    assert '--seed 7' in start and 'base=5' in start, 'the options of the choice come last'


def test_columns_and_their_exceptions(tmp_path, train):
    rows = {'Plain': dict(config=PLAIN), 'Ours': dict(config=PLAIN, columns={'half': {'base': 3}})}
    out = tmp_path / 'out'
    ablate(write(tmp_path, seeds=[0], columns={'all': {}, 'half': {'base': 2}}, rows=rows), out, train=train)
    assert [float(line['mean']) for line in read(out)] == [1, 2, 1, 3]


def test_rows_of_some_columns(tmp_path, train):
    rows = {'Plain': dict(config=PLAIN), 'Ours': dict(config=PLAIN, only=['half']),
            'Ours too': dict(config=PLAIN, choice_of='Ours', only=['half'])}
    choice = dict(option='lr', values=[1, 3], seed=7)
    out = tmp_path / 'out'
    table = ablate(write(tmp_path, seeds=[0, 1], columns={'all': {}, 'half': {'base': 2}}, rows=rows, choice=choice),
                   out, train=train)
    assert '| Ours |  | 2.050 ± 0.071 (lr 1) |' in table and '| Ours too |  | +0.000 ± 0.000 |' in table
    assert [(line['row'], line['column']) for line in read(out)] == [
        ('Plain', 'all'), ('Plain', 'half'), ('Ours', 'half'), ('Ours too', 'half')]
    assert not (out / 'table/ours/all').exists() and not (out / 'choice/ours/all').exists()


def test_logs_are_what_counts(tmp_path, train):
    plan, out = write(tmp_path, seeds=[0]), tmp_path / 'out'
    ablate(plan, out, train=train)
    [log] = (out / 'table/plain').rglob('scalars.json')
    log.write_text(json.dumps({'set/mAP': .25}))
    assert '| Plain | 0.250 |' in ablate(plan, out, train=train)

    log.write_text(json.dumps({'set/other': .25}))
    with pytest.raises(InputError, match=r'table/plain/all/seed_0: its logs have no set/mAP; they have set/other'):
        ablate(plan, out, train=train)


@pytest.mark.parametrize('finished', [True, False])
@pytest.mark.parametrize(('options', 'difference'), [
    ({'base': 2, 'lr': 1}, 'option base was 1, is 2'), ({'base': 1}, 'option lr was 1, is unset'),
])
def test_a_run_with_other_arguments_is_not_taken_for_this_one(tmp_path, train, finished, options, difference):
    rows = {'Plain': dict(config=PLAIN, options={} if finished else {'fail': 0})}
    before = dict(seeds=[0], rows=rows, options={'base': 1, 'lr': 1})
    ablate(write(tmp_path, **before), tmp_path / 'out', train=train)
    with pytest.raises(InputError, match=rf'seed_0: holds another run \({difference}\); remove it'):
        ablate(write(tmp_path, **before | dict(options=options)), tmp_path / 'out', train=train)
    ablate(write(tmp_path, **before | dict(options={'lr': 1, 'base': 1})), tmp_path / 'out', train=train)  # any order
    record = json.loads((tmp_path / 'out/table/plain/all/seed_0/run.json').read_text())
    assert record['finished'] is finished and record['seed'] == 0 and record['config'] == PLAIN


def test_an_unreadable_record_is_no_finished_run(tmp_path, train):
    plan, out = write(tmp_path, seeds=[0], rows={'Plain': dict(config=PLAIN)}), tmp_path / 'out'
    folder = out / 'table/plain/all/seed_0'
    for text in ('{"config": ', '[]', '{}', '3', '\0'):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'run.json').write_text(text)
        shutil.rmtree(folder / '20260101_000000', ignore_errors=True)
        assert '| Plain | 1.000 |' in ablate(plan, out, train=train)
    assert len((folder / 'starts').read_text().splitlines()) == 5


def test_damaged_lines_of_a_log_are_skipped(tmp_path, train):
    plan, out = write(tmp_path, seeds=[0]), tmp_path / 'out'
    table = ablate(plan, out, train=train)
    [log] = (out / 'table/plain').rglob('scalars.json')
    log.write_bytes(b'3\n\0\0\n\xff\n' + log.read_bytes() + b'\n{"set/mAP": .9, "st')
    assert ablate(plan, out, train=train) == table


@pytest.mark.slow
def test_failed_choices_are_named_and_nan_is_never_chosen(tmp_path, train):
    rows = {'NaN': dict(config=PLAIN, options={'best': float('nan')}), 'Fails': dict(config=PLAIN, options={'fail': 7}),
            'Good': dict(config=PLAIN)}
    columns = {'all': {}, 'half': {'base': -5}}  # figures below -1 count as well
    choice = dict(option='lr', values=[[1, 2], -1, 3, 1], seed=7)
    train.write_text(TRAIN.replace("options.get('lr', 1)", "options.get('lr', 1).replace('[1,2]', 'nan')"))
    table = ablate(write(tmp_path, rows=rows, columns=columns, choice=choice), tmp_path / 'out', train=train)

    assert 'NaN, all, while choosing: 4 of 4, so lr [1,2] is only the first' in table
    assert 'Fails, half, while choosing: 4 of 4, so lr [1,2] is only the first' in table
    assert 'Good, all, while choosing: 1 of 4;' in table
    assert table.splitlines()[6].count('(lr 1)') == 2 and '| nan ± nan (lr [1,2]) |' in table.splitlines()[4]
    assert sorted(path.name for path in (tmp_path / 'out/choice/good/all').iterdir()) == ['-1', '1', '1_2', '3']


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_an_interrupt_ends_the_trainings(tmp_path, train, number):
    shutil.copy(ROOT / 'tools/ablate.py', tmp_path)  # starts the train.py beside it
    plan, out = write(tmp_path, options={'base': 1, 'sleep': 1}), tmp_path / 'out'
    tool = subprocess.Popen([sys.executable, tmp_path / 'ablate.py', plan, '--work-dir', out, '--jobs', '2'], cwd=ROOT,
                            env={**os.environ, 'PYTHONPATH': str(ROOT)}, stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # jobs of shells ignore it
    for _ in range(600):
        pids = [int(text) for path in out.rglob('pid') if (text := path.read_text())]
        if len(pids) == 2:
            break
        time.sleep(.1)
    tool.send_signal(number)
    assert 'interrupted' in tool.communicate(timeout=30)[1] and tool.returncode == 130
    assert len(pids) == 2 and len(list(out.rglob('starts'))) == 2, 'none is started after the interrupt'
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not any(json.loads(path.read_text())['finished'] for path in out.rglob('run.json'))


def test_work_dir_is_named_after_the_plan(tmp_path, train):
    shutil.copy(ROOT / 'tools/ablate.py', tmp_path)
    plan = write(tmp_path, rows={'Plain': dict(config=str(ROOT / PLAIN))})
    subprocess.run([sys.executable, tmp_path / 'ablate.py', plan], cwd=tmp_path, check=True, capture_output=True,
                   env={**os.environ, 'PYTHONPATH': str(ROOT)})
    assert '| Plain | 1.100' in (tmp_path / 'work_dirs/plan/table.md').read_text()


@pytest.mark.parametrize(('value', 'text'), [
    (.003, '0.003'), (-1, '-1'), (True, 'True'), (None, 'None'), ('a=b', 'a=b'), ([], '[]'),
    ([[1, 2], [.5]], '[[1,2],[0.5]]'), (['a', None], '[a,None]'),
])
def test_values_survive_the_command_line(tmp_path, train, value, text):
    rows = {'Plain': dict(config=PLAIN, options={'model': {'neck': {'x': value}, 'y': 1}})}
    read = read_plan(write(tmp_path, rows=rows)).rows[0].options
    assert read == {'model.neck.x': value, 'model.y': 1}
    ablate(write(tmp_path, seeds=[0], rows=rows), tmp_path / 'out', train=train)
    start = (tmp_path / 'out/table/plain/all/seed_0/starts').read_text().split()
    assert f'model.neck.x={text}' in start


@pytest.mark.parametrize('value', ['600', '1e-3', '[1,2]', '(1, 2)', 'a b', 'a,b', 'a(,b', {}, [{'a': 1}], '"a"'])
def test_values_that_do_not_survive_are_refused(tmp_path, value):
    for changes in (dict(options={'x': value}), dict(columns={'all': {'x': value}}),
                    dict(choice=dict(option='x', values=[1, value], seed=0)),
                    dict(rows={'a': dict(config=PLAIN, columns={'all': {'x': value}})})):
        path = write(tmp_path, **changes)
        with pytest.raises(InputError, match='x: .* would reach ') as error:
            read_plan(path)
        assert str(error.value).startswith(path)


def test_folders_keep_names_apart():
    assert [slug(name) for name in ('KSSNet, KS graph', 'Größe 1', '-1', '1', '0.003', '[]')] == [
        'kssnet_ks_graph', 'größe_1', '-1', '1', '0_003', '_']


def test_empty_fields_and_numbers_for_names(tmp_path):
    rows = {7: dict(config=PLAIN, options=None, columns={600: {'x': 1}}), 8: dict(config=PLAIN, choice_of=7)}
    plan = read_plan(write(tmp_path, options=None, columns={600: None}, rows=rows,
                           choice=dict(option='x', values=[1], seed=0, options=None)))
    assert plan.columns == {'600': {}} and plan.options == {} and plan.rows[0].columns == {'600': {'x': 1}}
    assert plan.rows[1].choice_of == plan.rows[0].name == '7'
    assert read_plan(write(tmp_path, columns=None)).columns == {'all': {}}


def test_deviation_is_that_of_a_sample():
    assert statistics.stdev([1., 2.]) == pytest.approx(.70711, abs=1e-5)
    plan = Plan('m', seeds=(0, 1), rows=(Row('a', PLAIN),), columns={'all': {}}, digits=2)
    content = cells(plan, {('a', 'all'): [1., 2.]}, {}, {})
    assert content == [Cell('a', 'all', [1., 2.], [0., 0.])]
    assert '1.50 ± 0.71' in as_markdown(plan, {plan.metric: content})


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(rows={}), 'no rows'),
    (dict(seeds=[]), 'no seeds'),
    (dict(rows={'a': dict(config='configs/none.py')}), "row 'a': .*none.py: no such"),
    (dict(rows={'a': dict(config=PLAIN, option={})}), "row 'a' .*option, .*config, options"),
    (dict(rows={'a': dict(config=PLAIN, columns={'b': {}})}), "row 'a': .*b, .*not a column"),
    (dict(rows={'a': dict(config=PLAIN, only=['b'])}), "row 'a': .*b, .*column; .*all$"),
    (dict(rows={'a': dict(config=PLAIN, only=[])}), "row 'a': only names no column"),
    (dict(rows={'a': dict(config=PLAIN, only='all')}), "row 'a': only: expected a list, got 'all'"),
    (dict(columns={'b': {}, 'c': {}}, rows={'a': dict(config=PLAIN, only=['b']), 'd': dict(config=PLAIN)}),
     "row 'd': .* c, .*row 'a', .* not"),
    (dict(columns={'b': {}, 'c': {}}, rows={'a': dict(config=PLAIN), 'd': dict(config=PLAIN, only=['b']),
                                            'e': dict(config=PLAIN, choice_of='d')}),
     "row 'e': .* c, .*row 'd', .* not"),
    (dict(rows={'a': dict(config=PLAIN, choice_of='b')}), "choice_of names 'b'"),
    (dict(rows={'a': dict(config=PLAIN), 'b': dict(config=PLAIN, choice_of='a'),
                'c': dict(config=PLAIN, choice_of='b')}), "row 'c': choice_of names 'b', .* there are a$"),
    (dict(rows={'a': dict(config=PLAIN, choice_of='a')}), "choice_of names 'a'"),
    (dict(rows={'a': {}}), "row 'a' has no config"),
    (dict(rows={'a': None}), "row 'a' has no config"),
    (dict(rows={'a': dict(config=5)}), "row 'a': 5: no such config"),
    (dict(rows={'a': PLAIN}), "row 'a': .*NAME: VALUE"),
    (dict(rows=[dict(config=PLAIN)]), 'rows: .*NAME: VALUE'),
    (dict(rows=None), 'the plan has no rows'),
    (dict(options=['x=1']), r"options: .*NAME: VALUE, got \['x=1'\]"),
    (dict(columns=['a']), 'columns: expected'),
    (dict(columns={600: {}, '600': {}}), "columns: .*600, '600'"),
    (dict(choice=dict(option='x', values=[], seed=0)), 'choice has no values'),
    (dict(choice=dict(option='x', seed=0)), 'choice has no values'),
    (dict(choice={}), 'choice has no option, values, seed'),
    (dict(choice=dict(option='x', values='abc', seed=0)), "choice: values: expected a list, got 'abc'"),
    (dict(choice=dict(option='x', values=[1.2, [1, 2]], seed=0)), "same folder, 1_2: '1.2' and '\\[1,2]'"),
    (dict(choice=dict(option='x', values=[1], seed='a')), "choice: seed: 'a' .*whole"),
    (dict(seeds=3), 'seeds: expected a list, got 3'),
    (dict(seeds=[1, 'a']), "seeds: 'a' .*whole"),
    (dict(seeds=[True]), 'seeds: True .*whole'),
    (dict(seeds=[1, 0, 1]), 'seeds: 1 stands there twice'),
    (dict(metric=5), 'metric: 5 is not a name'),
    (dict(also=['set/mAP']), 'also: one of set/mAP stands there twice'),
    (dict(also=[5]), 'also: 5 is not a name'),
    (dict(also='set/N+'), "also: expected a list, got 'set/N"),
    (dict(digits='x'), "digits: 'x' .*whole"),
    (dict(rows={'a b': dict(config=PLAIN), 'A-b': dict(config=PLAIN)}), 'same folder'),
    (dict(sedes=[1]), 'sedes'),
])
def test_bad_plans_in_one_line(tmp_path, changes, message):
    path = write(tmp_path, **changes)
    with pytest.raises((InputError, MissingFileError), match=message) as error:
        read_plan(path)
    assert str(error.value).startswith(path) and '\n' not in str(error.value)


@pytest.mark.parametrize(('content', 'message'), [
    (b'', 'the plan has no metric, seeds, rows'), (b'3', 'the plan: expected lines'), (b'a: [', 'no YAML'),
    (b'metric: \xe4', 'no YAML in UTF-8'), (b'a: 2020-13-45', 'no YAML'),
])
def test_files_that_are_no_plan(tmp_path, content, message):
    path = tmp_path / 'plan.yaml'
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_plan(str(path))
    assert str(error.value).startswith(str(path)) and '\n' not in str(error.value)


@pytest.mark.slow
def test_with_real_training(tmp_path, toy_charades):
    options = parse_options(tiny(toy_charades, 'i3d_toy.py'))
    plan = write(tmp_path, metric='charades/mAP', seeds=[0], options=options, rows={'Plain': dict(config=PLAIN)})
    result = run_tool('ablate.py', plan, '--work-dir', tmp_path / 'out', '--jobs', 2)
    [line] = read(tmp_path / 'out')
    assert 0 < float(line['mean']) <= 1 and f'| Plain | {float(line["mean"]):.3f} |' in result.stdout
    folder = tmp_path / 'out/table/plain/all/seed_0'
    log = (folder / 'train.log').read_text()
    assert f'charades/mAP: {float(line["mean"]):.4f}' in log

    # Killed in its last validation: all checkpoints are there, the figure is not.
    [logs] = (path.parents[1] for path in folder.rglob('scalars.json'))
    shutil.rmtree(logs)
    record = json.loads((folder / 'run.json').read_text())
    (folder / 'run.json').write_text(json.dumps({**record, 'finished': False}))
    run_tool('ablate.py', plan, '--work-dir', tmp_path / 'out')
    [again] = read(tmp_path / 'out')
    assert float(again['mean']) == pytest.approx(float(line['mean']), abs=1e-3)
    assert not any('loss' in path.read_text() for path in folder.rglob('scalars.json')), 'nothing is trained again'
