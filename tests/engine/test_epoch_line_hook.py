"""One line an epoch, whatever loop counts, is validated or was resumed."""

import re

import dots_run
import pytest
from dots_run import config, lines

from kss_mm.engine.epoch_line_hook import clock


def figures(log: str) -> list[float]:
    return [float(value) for value in re.findall(r'multi-label/mAP: ([\d.]+)', log)]


def test_a_line_says_what_the_log_says(tmp_path):
    log = dots_run.run(tmp_path, config(default_hooks=dict(logger=dict(type='LoggerHook', interval=1))))
    found = lines(log)
    pattern = r'epoch (\d)/3  time \d:\d\d  left \d:\d\d  loss ([\d.]+)  lr ([\d.e-]+)  multi-label/mAP ([\d.]+)(.*)'
    rows = [re.fullmatch(pattern, line).groups() for line in found]
    assert [row[0] for row in rows] == ['1', '2', '3'] and found[-1].count('left 0:00')
    assert [float(row[3]) for row in rows] == figures(log)
    # Lines of training show the mean over the last iterations: at the end of an epoch of three, over all of it.
    losses = re.findall(r'\[3/3\].* loss: ([\d.]+)', log)
    assert float(rows[0][1]) == pytest.approx(float(losses[0]), abs=1e-4)
    assert [float(row[2]) for row in rows] == [.5, .25, .25]  # after the epoch


def test_changes_and_the_best_of_all(tmp_path):
    """Also of a run in two parts, which remembers the first."""
    whole = lines(dots_run.run(tmp_path / 'whole'))
    dots_run.run(tmp_path / 'parts', config(train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=2)))
    parts = lines(dots_run.run(tmp_path / 'parts', resume=True))

    def ends(found):
        return [re.sub(r'.*  lr \S+  ', '', line) for line in found]

    again = parts.pop(2)  # the checkpoint was written before its validation
    assert len(parts) == 3 and ends(parts) == ends(whole)
    assert again == f'epoch 2/3  {ends(whole)[1]}'
    values = [float(end.split()[1]) for end in ends(whole)]
    assert 'best' in ends(whole)[0] and '(' not in ends(whole)[0]
    for number in (1, 2):
        assert f'({values[number] - values[number - 1]:+.3f}' in ends(whole)[number].replace('-0.0000', '+0.0000')
        assert ('best' in ends(whole)[number]) == (values[number] > max(values[:number]))


@pytest.mark.parametrize(('loop', 'starts'), [
    (dict(type='EpochBasedTrainLoop', max_epochs=3, val_interval=2), ['epoch 1/3', 'epoch 2/3', 'epoch 3/3']),
    (dict(type='IterBasedTrainLoop', max_iters=10, val_interval=4),
     ['iteration  4/10', 'iteration  8/10', 'iteration 10/10'])])
def test_a_line_for_each_epoch_or_each_validation_of_iterations(tmp_path, loop, starts):
    found = lines(dots_run.run(tmp_path, config(train_cfg=loop)))
    assert [line.partition('  time')[0] for line in found] == starts
    assert ['mAP' in line for line in found] == ([False, True, True] if 'max_epochs' in loop else [True] * 3)


@pytest.mark.parametrize('loop', [dict(type='EpochBasedTrainLoop', max_epochs=1),
                                  dict(type='IterBasedTrainLoop', max_iters=4)])
def test_without_validation(tmp_path, loop):
    (line,) = lines(dots_run.run(tmp_path, config(train_cfg=loop), validate=False))
    assert 'loss' in line and 'mAP' not in line


def test_a_figure_of_which_less_is_better(tmp_path):
    """The one that chooses the best checkpoint."""
    hooks = dict(checkpoint=dict(type='CheckpointHook', save_best='multi-label/CF1', rule='less'))
    found = lines(dots_run.run(tmp_path, config(default_hooks=hooks)))
    values = [float(re.search(r'multi-label/CF1 ([\d.]+)', line)[1]) for line in found]
    assert ['best' in line for line in found] == [True, *(values[n] < min(values[:n]) for n in (1, 2))]


def test_clock():
    assert [clock(0), clock(59.6), clock(3600)] == ['0:00', '1:00', '1:00:00']
