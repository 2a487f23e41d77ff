"""channels_last, mixed precision and torch.compile, each by what a user writes into a config."""

import pytest
import torch
from mmengine.registry import DATASETS
from mmengine.runner import Runner
from shrink import batch_for
from torch import nn

from kss_mm.apis.runner import fresh_model
from kss_mm.engine import ChannelsLastHook
from kss_mm.models.laterals.lateral import laterals_of

CONFIGS = ('kssnet_i3d_charades.py', 'kssnet_slowonly_charades.py', 'kssnet_tsm_charades.py', 'kssnet_r101_coco.py')


class Fake:
    """The part of a runner that the hook sees."""

    def __init__(self, model: nn.Module):
        self.model = model


@pytest.mark.parametrize('config', CONFIGS, indirect=True)
def test_features_and_weights_keep_the_layout_and_results_stay(config):
    model = fresh_model(config).eval()
    for lateral in laterals_of(model.backbone):
        nn.init.normal_(lateral.g.weight, std=.1)
    batch = batch_for(config, model.data_preprocessor)
    seen = []  # TSM's shift leaves the layout before a convolution, which comes back to it
    for module in model.backbone.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d):
            module.register_forward_hook(lambda module, args, output: seen.append(output))
    with torch.no_grad():
        before = model.test_step(batch)[0].pred_score
        state = {key: value.clone() for key, value in model.state_dict().items()}
        seen.clear()
        hook = ChannelsLastHook()
        hook.before_train(Fake(model))
        hook.before_val(Fake(model))
        after = model.test_step(batch)[0].pred_score
    assert seen and all(output.movedim(1, -1).is_contiguous() for output in seen)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-5)
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert len(model.backbone._forward_pre_hooks) <= 1


@pytest.mark.slow
@pytest.mark.parametrize('config', ['kssnet_slowonly_charades.py'], indirect=True)
def test_all_of_them_together_train_and_evaluate(config, tmp_path):
    """By ``compile``, the optimiser wrapper and the hook, in a runner."""
    config.merge_from_dict(dict(compile=dict(backend='aot_eager'), work_dir=str(tmp_path / 'work'), custom_hooks=[
        dict(type='kss_mm.ChannelsLastHook'), dict(type='kss_mm.FiniteLossHook', interval=1)]))
    config.optim_wrapper.type = 'kss_mm.AutocastOptimWrapper'
    for name in ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg', 'test_evaluator'):
        config[name] = None
    samples = batch_for(config, fresh_model(config).data_preprocessor)
    DATASETS.register_module('InMemory', force=True, module=lambda: [
        dict(inputs=x, data_samples=y) for x, y in zip(samples['inputs'], samples['data_samples'])])
    config.train_dataloader = dict(dataset=dict(type='InMemory'), batch_size=2, num_workers=0,
                                   collate_fn=dict(type='pseudo_collate'),
                                   sampler=dict(type='DefaultSampler', shuffle=False))
    config.train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2)
    config.param_scheduler, config.default_hooks.checkpoint.save_best = None, None
    runner = Runner.from_cfg(config)
    keys = runner.model.state_dict().keys()
    before = {name: parameter.detach().clone() for name, parameter in runner.model.named_parameters()}
    runner.train()
    assert hasattr(runner.model.train_step, '_torchdynamo_orig_callable')
    assert all(value.isfinite().all() for value in runner.model.state_dict().values())
    assert not [name for name, parameter in runner.model.named_parameters()
                if parameter.requires_grad and torch.equal(parameter, before[name])]
    assert torch.load(tmp_path / 'work/epoch_2.pth', weights_only=False)['state_dict'].keys() == keys
    runner.model.eval()
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        scores = runner.model.test_step(samples)[0].pred_score
    assert scores.isfinite().all()
