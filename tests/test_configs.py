"""Every config that this project has: it builds, and learns from one batch, at reduced size."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import HOOKS, METRICS, PARAM_SCHEDULERS, TRANSFORMS
from shrink import batch_for, num_classes

from kss_mm.apis.runner import fresh_model

CONFIGS = sorted(path.relative_to(ROOT / 'configs').as_posix() for path in (ROOT / 'configs').rglob('*.py')
                 if '_base_' not in path.parts)
# One of each host; the others are slow tests.
QUICK = ('kssnet_i3d_toy.py', 'kssnet_r50_voc.py')


@pytest.mark.parametrize('config', [config if config in QUICK else pytest.param(config, marks=pytest.mark.slow)
                                    for config in CONFIGS], indirect=True)
def test_one_training_step(config):
    model = fresh_model(config).train()
    optim_wrapper = build_optim_wrapper(model, config.optim_wrapper)
    batch = batch_for(config, model.data_preprocessor)

    assert model.test_step(batch)[0].pred_score.shape == (num_classes(config),)

    data = model.data_preprocessor(batch, True)
    loss, _ = model.parse_losses(model(**data, mode='loss'))
    loss.backward()
    # Also of the GCN, although lateral connections that start at zero pass nothing back to it: the classifier does.
    without = [name for name, p in model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    assert loss.isfinite() and not without
    optim_wrapper.zero_grad()

    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    losses = model.train_step(batch, optim_wrapper)
    assert all(value.isfinite() for value in losses.values())
    changed = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert changed == {name for name, p in model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize('config', CONFIGS, indirect=True)
def test_the_other_parts_build(config):
    for loader in (config.train_dataloader, config.val_dataloader, config.test_dataloader):
        for step in steps(loader):
            TRANSFORMS.build(step)
    for evaluator in (config.val_evaluator, config.test_evaluator):
        for metric in evaluator if isinstance(evaluator, list) else [evaluator]:
            METRICS.build(metric)
    for hook in (*config.default_hooks.values(), *config.get('custom_hooks', ())):
        HOOKS.build(hook)
    for scheduler in config.param_scheduler:
        assert PARAM_SCHEDULERS.get(scheduler.type)


@pytest.mark.parametrize('name', CONFIGS)
def test_at_most_two_levels_of_inheritance(name):
    assert levels(ROOT / 'configs' / name) <= 2


def levels(path: Path) -> int:
    bases = Config._get_base_files(str(path))
    return max((1 + levels(path.parent / base) for base in bases), default=0)


def steps(part: object) -> Iterator[dict]:
    """Transforms of all pipelines within a config of a DataLoader."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield from value if key == 'pipeline' else steps(value)
