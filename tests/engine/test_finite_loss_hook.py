"""A run whose loss or weights are not numbers ends before a checkpoint holds them."""

from types import SimpleNamespace

import pytest
import torch

from kss_mm.engine import FiniteLossHook
from kss_mm.errors import UserError

GOOD = dict(loss=torch.tensor(1.))


def step(hook: FiniteLossHook, iteration: int, outputs: dict) -> SimpleNamespace:
    runner = SimpleNamespace(iter=iteration, epoch=0)
    hook.after_train_iter(runner, iteration, outputs=outputs)
    return runner


@pytest.mark.parametrize('loss', [float('nan'), float('inf'), -float('inf')])
def test_a_bad_loss_is_found_at_the_end_of_an_epoch_however_short(loss):
    hook = FiniteLossHook(interval=50)
    step(hook, 0, GOOD)
    step(hook, 1, dict(loss=torch.tensor(loss)))
    runner = step(hook, 2, GOOD)  # a good loss afterwards does not hide it
    for check in (lambda: hook.after_train_epoch(runner),
                  lambda: hook.before_save_checkpoint(runner, dict(state_dict={}))):
        with pytest.raises(UserError, match='iteration 2 .*optimizer.lr'):
            check()


def test_good_losses_pass_and_the_interval_is_kept():
    hook = FiniteLossHook(interval=3)
    for iteration in range(7):
        runner = step(hook, iteration, GOOD)
    hook.after_train_epoch(runner)
    hook.before_save_checkpoint(runner, dict(state_dict=dict(a=torch.ones(2), b=torch.tensor(3))))
    step(hook, 7, dict(loss=torch.tensor(float('nan'))))
    with pytest.raises(UserError, match='iteration 8 '):
        step(hook, 8, GOOD)


def test_bad_weights_reach_no_checkpoint():
    hook = FiniteLossHook()
    runner = step(hook, 4, GOOD)
    weights = {'a.weight': torch.ones(2), 'b.weight': torch.tensor([1., float('inf')])}
    with pytest.raises(UserError, match='b.weight'):
        hook.before_save_checkpoint(runner, dict(state_dict=weights))
