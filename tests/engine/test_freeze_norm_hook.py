from types import SimpleNamespace

import pytest
import torch
from torch import nn

from kss_mm.engine import FreezeNormHook
from kss_mm.errors import InputError


def runner():
    model = nn.Module()
    model.backbone = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    model.head = nn.BatchNorm1d(4)
    return SimpleNamespace(model=model.train())


def test_statistics_stay_and_weights_learn():
    made, hook = runner(), FreezeNormHook()
    hook.before_train(made)
    made.model.train()  # as after every validation
    hook.before_train_iter(made, 0)
    norm = made.model.backbone[1]
    made.model.backbone(torch.randn(5, 3, 2, 2)).square().sum().backward()
    assert norm.running_mean.eq(0).all() and norm.num_batches_tracked == 0
    assert norm.weight.grad.abs().sum() > 0
    assert made.model.head.training and made.model.backbone[0].training


@pytest.mark.parametrize('part, named', [('neck', 'not a part'), ('backbone.0', 'no batch normalisation')])
def test_a_part_without_them_is_an_error(part, named):
    with pytest.raises(InputError, match=named):
        FreezeNormHook(part).before_train(runner())
