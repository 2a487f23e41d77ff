"""Two processes validate the model that their checkpoint holds: running statistics, moving averages, other buffers."""

import os

import pytest
import tiny_run
import torch
import torch.distributed as dist

from kss_mm.apis.config import load_config
from kss_mm.apis.runner import build_runner
from kss_mm.apis.train import safeguard
from kss_mm.registry import METRICS

EMA = "custom_hooks += [dict(type='EMAHook'{options})]\n"
BY_ITER = '''
train_cfg = dict(type='IterBasedTrainLoop', max_iters=5, val_interval=5)
train_dataloader['sampler'] = dict(type='InfiniteSampler', shuffle=True)
default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=5, by_epoch=False))
'''


def _train(rank: int, folder: str, port: int) -> None:
    os.environ.update(RANK=str(rank), WORLD_SIZE='2', LOCAL_RANK=str(rank), MASTER_ADDR='127.0.0.1',
                      MASTER_PORT=str(port))
    torch.set_num_threads(1)
    cfg = load_config(f'{folder}/tiny.py')
    cfg.launcher, cfg.work_dir = 'pytorch', f'{folder}/run'
    safeguard(cfg)
    runner = build_runner(cfg)
    model, validated, metric = runner.model.module, {}, METRICS.get('TinyMetric')
    model.register_buffer('table', torch.full((3,), .1))  # as a label graph is: the same everywhere, and no average
    process = metric.process

    def watch(self, *args):  # in every process; metrics are computed in the first alone
        validated.update({key: value.clone() for key, value in model.state_dict().items()})
        return process(self, *args)

    metric.process = watch
    runner.train()
    torch.save(validated, f'{folder}/validated_{rank}.pth')
    dist.destroy_process_group()


@pytest.mark.parametrize(('change', 'last'), [
    ('', 'epoch_2.pth'), (EMA.format(options=''), 'epoch_2.pth'),
    (EMA.format(options=', update_buffers=True'), 'epoch_2.pth'), (BY_ITER, 'iter_5.pth'),
    (BY_ITER + EMA.format(options=''), 'iter_5.pth')])
def test_what_is_validated_is_what_is_saved(context, tmp_path, change, last):
    (tmp_path / 'tiny.py').write_text(tiny_run.CONFIG.replace('max_epochs=4', 'max_epochs=2') + change)
    port = _free_port()
    processes = [context.Process(target=_train, args=(rank, str(tmp_path), port)) for rank in (0, 1)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    saved = torch.load(tmp_path / 'run' / last, weights_only=True)['state_dict']
    for rank in (0, 1):
        validated = torch.load(tmp_path / f'validated_{rank}.pth', weights_only=True)
        assert [key for key in saved if not torch.equal(saved[key], validated[key])] == []
    assert torch.equal(saved['table'], torch.full((3,), .1))


def _free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return free.getsockname()[1]
