import torch
from torch import nn

from kss_mm.engine import AutocastOptimWrapper


def test_the_forward_runs_in_bfloat16_and_the_weights_stay_float32():
    model = nn.Linear(4, 2)
    wrapper = AutocastOptimWrapper(optimizer=torch.optim.SGD(model.parameters(), lr=.1))
    before = model.weight.detach().clone()
    with wrapper.optim_context(model):
        out = model(torch.ones(1, 4))
    wrapper.update_params(out.float().sum())
    assert out.dtype == torch.bfloat16 and model.weight.dtype == torch.float32
    assert not torch.equal(model.weight, before)
