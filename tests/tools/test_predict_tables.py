"""tools/predict.py on many videos, as users run it: the scores of test.py, kills, and processes that share the work."""

import csv
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT, run_tool, tiny

from kss_mm.evaluation.score_files import load_scores

pytest.importorskip('mmaction')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def model(toy_charades, tmp_path_factory):
    """A published file, its scores by test.py, and its videos."""
    out = tmp_path_factory.mktemp('tables')
    options = tiny(toy_charades)
    run_tool('train.py', 'configs/kssnet_i3d_toy.py', '--work-dir', out, '--no-validate', '--cfg-options', *options,
             'train_cfg.max_epochs=1')
    run_tool('test.py', out / 'kssnet_i3d_toy.py', out / 'epoch_1.pth', '--work-dir', out / 'test', '--dump',
             out / 'scores.npz')
    run_tool('publish_model.py', out / 'epoch_1.pth', out / 'net')
    scores = load_scores(out / 'scores.npz')
    files = [str(toy_charades / 'Charades_v1_480' / f'{name}.mp4') for name in scores.ids]
    (out / 'list.txt').write_text('\n'.join([*files, str(out / 'nowhere.mp4')]))
    (published,) = out.glob('net_*.pth')
    return published, scores, files, out / 'list.txt'


@pytest.fixture(scope='module')
def whole(model, tmp_path_factory):
    path = tmp_path_factory.mktemp('whole') / 'out.csv'
    result = run_tool('predict.py', model[0], '--list', model[3], '--out', path, check=False)
    assert result.returncode == 1 and result.stdout.endswith('out.csv: 8 files, 1 of them broken\n'), result.stderr
    return path


def test_the_scores_of_the_test_loop(model, whole):
    _, scores, files, _ = model
    with open(whole, newline='') as file:
        rows = list(csv.DictReader(file))
    found = {(row['file'], row['label']): float(row['probability']) for row in rows if not row['error']}
    expected = {(file, name): value for file, row in zip(files, scores.scores) for name, value in
                zip(scores.classes, row.tolist())}
    assert found.keys() == expected.keys() and len(rows) == len(expected) + 1
    assert max(abs(found[key] - expected[key]) for key in found) < 1e-6
    assert rows[-1]['error'].endswith('nowhere.mp4: no such video')


def start(arguments, environment=None):
    return subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, env={**os.environ, 'PYTHONPATH': str(ROOT), **(environment or {})})


def test_killed_and_started_again(model, whole, tmp_path):
    published, _, _, files = model
    out = tmp_path / 'out.csv'
    command = [ROOT / 'tools/predict.py', published, '--list', files, '--out', out, '--batch-size', '4']
    process = start(command)
    while process.poll() is None and (not out.exists() or out.stat().st_size < 300):
        time.sleep(.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert out.stat().st_size <= whole.stat().st_size
    again = start(command)
    assert 'from before' in again.communicate()[0] and out.read_bytes() == whole.read_bytes()


def test_two_processes_of_torchrun_write_what_one_does(model, whole, tmp_path):
    published, _, _, files = model
    out = tmp_path / 'out.csv'
    process = start(['-m', 'torch.distributed.run', '--nproc_per_node', '2', '--master_port', '29517',
                     ROOT / 'tools/predict.py', published, '--list', files, '--out', out])
    printed = process.communicate()[0]
    assert process.returncode == 0 and 'out.csv: 8 files, 1 of them broken' in printed, printed
    assert out.read_bytes() == whole.read_bytes() and len(os.listdir(tmp_path)) == 2
