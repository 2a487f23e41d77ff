"""A kill costs no more than the epoch that was running: resumed, a run ends as one that was never stopped."""

import random
import re
import signal
import time
from pathlib import Path

import pytest
import tiny_run
import torch

from kss_mm.apis.work_folder import newest_checkpoint

#: Planned moments: while a file is written, before it takes its name and just after; the last number is which time.
PLANNED = [(moment, name, count) for name, count in (('last_checkpoint', 1), ('last_checkpoint', 3), ('epoch_1', 1),
                                                    ('epoch_2', 1), ('epoch_4', 1), ('best_tiny_mAP_epoch_1', 1),
                                                    ('best_tiny_mAP_epoch_{best}', 1), ('epoch_{best}', 2))
           for moment in ('half', 'before', 'after')]
RANDOM = 8


@pytest.fixture
def work(context, tmp_path):
    """Runs the tiny config, in a process of its own; returns its exit code."""
    (tmp_path / 'tiny.py').write_text(tiny_run.CONFIG)

    def call(resume=None, kill=None, options=None, wait=None, folder=tmp_path):
        (folder / 'tiny.py').write_text(tiny_run.CONFIG)
        process = context.Process(target=tiny_run.run, args=(str(folder), resume, kill, options))
        process.start()
        if wait is not None:
            time.sleep(wait)
            process.kill()
        process.join(120)
        return process.exitcode
    return call


@pytest.fixture(scope='module')
def whole(context, tmp_path_factory):
    """Weights and best checkpoint of the run that nobody stops, and how long it takes."""
    folder = tmp_path_factory.mktemp('whole')
    (folder / 'tiny.py').write_text(tiny_run.CONFIG)
    seconds = time.monotonic()
    process = context.Process(target=tiny_run.run, args=(str(folder),))
    process.start()
    process.join(120)
    assert process.exitcode == 0
    return outcome(folder), time.monotonic() - seconds


def outcome(folder: Path):
    """Names of the checkpoints, final weights, and the best's."""
    run = folder / 'run'
    names = sorted(path.name for path in run.glob('*.pth'))
    (best,) = (name for name in names if name.startswith('best'))
    return names, weights(run / 'epoch_4.pth'), weights(run / best)


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)['state_dict']


def same(one, other) -> bool:
    return one[0] == other[0] and all(
        a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a) for a, b in zip(one[1:], other[1:]))


def best_epoch(whole) -> int:
    return int(re.search(r'epoch_(\d)', next(name for name in whole[0][0] if 'best' in name))[1])


@pytest.mark.slow
def test_the_best_epoch_is_neither_first_nor_last(whole):
    assert 1 < best_epoch(whole) < tiny_run.EPOCHS  # else the cases below would not show much
    assert whole[0][0] == [f'best_tiny_mAP_epoch_{best_epoch(whole)}.pth', 'epoch_4.pth']


@pytest.mark.parametrize('kill', PLANNED, ids=lambda kill: '-'.join(map(str, kill)))
@pytest.mark.slow
def test_killed_at_a_planned_moment(work, whole, tmp_path, kill):
    moment, name, count = kill
    kill = moment, name.replace('{best}', str(best_epoch(whole))), count
    assert work(kill=kill) == -signal.SIGKILL
    assert work(resume='auto') == 0
    assert same(outcome(tmp_path), whole[0])
    assert not [path for path in (tmp_path / 'run').iterdir() if '.part' in path.name]


@pytest.mark.slow
@pytest.mark.parametrize('seed', range(RANDOM))
def test_killed_at_random(work, whole, tmp_path, seed):
    rng = random.Random(seed)
    while work(resume='auto', wait=rng.uniform(.3, 1) * whole[1]) != 0:
        pass
    assert same(outcome(tmp_path), whole[0])


def test_a_moved_folder_goes_on(work, whole, tmp_path):
    assert work(kill=('after', 'epoch_3', 1)) == -signal.SIGKILL
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'run').rename(tmp_path / 'elsewhere/run')
    assert work(resume='auto', folder=tmp_path / 'elsewhere') == 0
    assert same(outcome(tmp_path / 'elsewhere'), whole[0])


@pytest.mark.parametrize('content', [b'', b'\xff\x00', b'epoch_9.pth', None])
def test_a_pointer_that_points_nowhere(work, tmp_path, content):
    assert work(options={'train_cfg.max_epochs': 2}) == 0
    pointer = tmp_path / 'run/last_checkpoint'
    pointer.unlink() if content is None else pointer.write_bytes(content)
    assert newest_checkpoint(str(tmp_path / 'run')) == str(tmp_path / 'run/epoch_2.pth')


def test_a_checkpoint_that_was_cut_short_is_passed_over(work, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr('kss_mm.apis.work_folder.print_log', lambda text, **kwargs: said.append(text))
    assert work(options={'train_cfg.max_epochs': 3, 'default_hooks.checkpoint.max_keep_ckpts': 2}) == 0
    run = tmp_path / 'run'
    cut = (run / 'epoch_3.pth').read_bytes()
    for content in (cut[:len(cut) // 2], b'', cut[:2000] + bytes(len(cut) - 4000) + cut[-2000:]):
        (run / 'epoch_3.pth').write_bytes(content)
        assert newest_checkpoint(str(run)) == str(run / 'epoch_2.pth')
    assert len(said) == 3 and all('epoch_3.pth' in text and 'epoch_2.pth' in text for text in said)
    (run / 'epoch_2.pth').write_bytes(b'')
    with pytest.raises(ValueError, match='no whole checkpoint') as caught:
        newest_checkpoint(str(run))
    assert 'epoch_2.pth' in str(caught.value) and '--resume' in str(caught.value)


@pytest.mark.slow
def test_a_second_training_is_kept_out(context, work, tmp_path):
    process = context.Process(target=tiny_run.run, args=(str(tmp_path), None, None, {'train_cfg.max_epochs': 10**6}))
    process.start()
    for _ in range(300):
        if (tmp_path / 'run/epoch_1.pth').exists():
            break
        time.sleep(.1)
    assert work() == 1  # InputError: another training
    before = (tmp_path / 'run/.lock').read_text()
    assert before == str(process.pid) and process.is_alive()
    process.kill()
    process.join()
    assert work(resume='auto', options={'train_cfg.max_epochs': 1}) == 0
