from types import SimpleNamespace

import pytest
import torch

from kss_mm.engine import FiniteLossHook
from kss_mm.errors import UserError


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_training_stops_at_a_loss_that_is_no_number(value):
    hook, runner = FiniteLossHook(interval=2), SimpleNamespace(iter=1, epoch=0)
    hook.after_train_iter(runner, 1, outputs=dict(loss=torch.tensor(1.)))
    with pytest.raises(UserError, match='iteration 2: lower'):
        hook.after_train_iter(runner, 1, outputs=dict(loss=torch.tensor(value)))
    runner.iter = 2  # between two checks
    hook.after_train_iter(runner, 2, outputs=dict(loss=torch.tensor(value)))
