"""tools/ablate.py: runs what a plan lists, survives what fails, goes on where it stopped, reads its table from logs."""

import csv
import json
import statistics

import pytest
import yaml
from conftest import ROOT, run_tool, tiny

from kss_mm.apis.ablation import ablate
from kss_mm.apis.ablation.plan import Row, read_plan
from kss_mm.apis.ablation.table import Cell, as_markdown, cells
from kss_mm.errors import InputError, MissingFileError

PLAIN = 'configs/i3d_toy.py'
# Stands in for tools/train.py: takes its arguments, leaves its logs, and scores a run by the options it got.
TRAIN = '''
import json, sys
from pathlib import Path

folder = Path(sys.argv[sys.argv.index('--work-dir') + 1])
seed = int(sys.argv[sys.argv.index('--seed') + 1])
options = dict(pair.split('=') for pair in sys.argv[sys.argv.index('--cfg-options') + 1:] if '=' in pair)
with open(folder / 'starts', 'a') as file:
    file.write(' '.join(sys.argv[1:]) + '\\n')
if 'fail' in options and int(options['fail']) == seed:
    sys.exit('no such luck')
log = folder / '20260101_000000' / 'vis_data'
log.mkdir(parents=True)
value = float(options['base']) + seed / 10 - abs(float(options.get('lr', 1)) - float(options.get('best', 1)))
lines = [{'loss': 1., 'step': 1}, {'set/mAP': .01, 'step': 1}, {'set/mAP': value, 'step': 2}]
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


@pytest.fixture(autouse=True)
def _root(monkeypatch):
    monkeypatch.chdir(ROOT)


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
    assert starts[failed][1].endswith('--resume') and '--resume' not in starts[failed][0]


def test_every_row_chooses_on_other_data(tmp_path, train):
    choice = dict(option='lr', values=[1, 3], seed=7, options={'base': 5})
    rows = {'Plain': dict(config=PLAIN, options={'best': 3}), 'Ours': dict(config=PLAIN),
            'Ours too': dict(config=PLAIN, choice_of='Plain', options={'best': 1})}
    out = tmp_path / 'out'
    table = ablate(write(tmp_path, choice=choice, rows=rows), out, train=train)

    assert '| Plain | 1.100 ± 0.100 (lr 3) |' in table and '| Ours | 1.100 ± 0.100 (lr 1) |' in table
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


def test_logs_are_what_counts(tmp_path, train):
    plan, out = write(tmp_path, seeds=[0]), tmp_path / 'out'
    ablate(plan, out, train=train)
    [log] = (out / 'table/plain').rglob('scalars.json')
    log.write_text(json.dumps({'set/mAP': .25}))
    assert '| Plain | 0.250 |' in ablate(plan, out, train=train)

    log.write_text(json.dumps({'set/other': .25}))
    with pytest.raises(InputError, match=r'table/plain/all/seed_0: its logs have no set/mAP; they have set/other'):
        ablate(plan, out, train=train)


def test_a_run_with_other_arguments_is_not_taken_for_this_one(tmp_path, train):
    ablate(write(tmp_path), tmp_path / 'out', train=train)
    with pytest.raises(InputError, match='holds a run with other arguments .*remove it'):
        ablate(write(tmp_path, options={'base': 2}), tmp_path / 'out', train=train)


def test_deviation_is_that_of_a_sample():
    assert statistics.stdev([1., 2.]) == pytest.approx(.70711, abs=1e-5)
    plan = type('Plan', (), dict(rows=[Row('a', PLAIN)], columns={'all': {}}, seeds=(0, 1), metric='m', digits=2,
                                 choice=None))
    content = cells(plan, {('a', 'all'): [1., 2.]}, {})
    assert content == [Cell('a', 'all', [1., 2.], [0., 0.])] and '1.50 ± 0.71' in as_markdown(plan, content)


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(rows={}), 'no rows'),
    (dict(seeds=[]), 'no seeds'),
    (dict(rows={'a': dict(config='configs/none.py')}), "row 'a': configs/none.py: no such config"),
    (dict(rows={'a': dict(config=PLAIN, option={})}), 'option'),
    (dict(rows={'a': dict(config=PLAIN, columns={'b': {}})}), "row 'a': changes b, which is no column"),
    (dict(rows={'a': dict(config=PLAIN, choice_of='b')}), "choice_of names 'b'"),
    (dict(rows={'a b': dict(config=PLAIN), 'A-b': dict(config=PLAIN)}), 'same folder'),
    (dict(sedes=[1]), 'sedes'),
])
def test_bad_plans_in_one_line(tmp_path, changes, message):
    path = write(tmp_path, **changes)
    with pytest.raises((InputError, MissingFileError), match=message) as error:
        read_plan(path)
    assert str(error.value).startswith(path) and '\n' not in str(error.value)


def test_with_real_training(tmp_path, toy_charades):
    options = dict(option.split('=', 1) for option in tiny(toy_charades, 'i3d_toy.py'))
    plan = write(tmp_path, metric='charades/mAP', seeds=[0], options=options, rows={'Plain': dict(config=PLAIN)})
    result = run_tool('ablate.py', plan, '--work-dir', tmp_path / 'out', '--jobs', 2)
    [line] = read(tmp_path / 'out')
    assert 0 < float(line['mean']) <= 1 and f'| Plain | {float(line["mean"]):.3f} |' in result.stdout
    log = (tmp_path / 'out/table/plain/all/seed_0/train.log').read_text()
    assert f'charades/mAP: {float(line["mean"]):.4f}' in log
