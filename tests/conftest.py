"""Shared test data: small, made in the test, from a seed."""

import os
import random
import runpy
import sys
from pathlib import Path

import browser
import numpy as np
import processes
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MessageHub, MMLogger
from mmengine.registry import DefaultScope, init_default_scope
from processes import ROOT
from selection import (  # noqa: F401
    pytest_collection_modifyitems,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from shrink import num_classes, shrink

from kss_mm.graph import LabelGraph, cooccurrence

SHARED = ROOT.parent / 'shared'

# Waiting threads must not spin: tests start other processes on the same cores.
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Each test starts from the same state of the process, whatever ran before it, and in the repository's root."""
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    for managed in (DefaultScope, MMLogger, MessageHub):  # loggers of other tests write to streams that are closed
        managed._instance_dict.clear()
    if 'torch._dynamo' in sys.modules:  # it takes sizes that an earlier network was compiled for as symbols
        sys.modules['torch._dynamo'].reset()
    monkeypatch.chdir(ROOT)
    environment, threads, dtype = dict(os.environ), torch.get_num_threads(), torch.get_default_dtype()
    yield
    os.environ.clear()
    os.environ.update(environment)
    torch.set_num_threads(threads)
    torch.set_default_dtype(dtype)
    if torch.are_deterministic_algorithms_enabled():  # asked first, as setting it imports the compiler
        torch.use_deterministic_algorithms(False)
    torch.set_grad_enabled(True)


@pytest.fixture
def make_graph():
    """A label graph of K labels with D-dimensional embeddings, from random many-hot labels."""
    def make(num_classes: int = 5, width: int = 8, knowledge: bool = True) -> LabelGraph:
        rng = np.random.default_rng(num_classes)
        labels = rng.random((60, num_classes)) < .4
        counts = np.asarray(cooccurrence(labels.astype(int)))
        know = rng.random((num_classes, num_classes)) * (1 - np.eye(num_classes))
        return LabelGraph(classes=tuple(f'label {i}' for i in range(num_classes)), counts=counts,
                          num_samples=np.diag(counts), total=len(labels),
                          knowledge=(know + know.T) if knowledge else None,
                          embeddings=rng.normal(size=(num_classes, width)).astype('float32'))
    return make


@pytest.fixture(scope='session')
def context():
    """Processes with the hosts and ``tests/engine/tiny_run.py`` loaded: a run of seconds starts at once."""
    return processes.forkserver()


@pytest.fixture(scope='session')
def toy_charades(tmp_path_factory) -> Path:
    """Toy Charades with 12 + 7 videos and its label graph, made by the tools that users run."""
    out = tmp_path_factory.mktemp('data') / 'toy'
    run_tool('make_toy_charades.py', '--out', out, '--train', 12, '--test', 7, '--workers', 2)
    run_tool('build_label_graph.py', ROOT / 'configs/kssnet_i3d_toy.py', '--out', out / 'label_graph.npz',
             '--conceptnet', out / 'conceptnet.csv', '--words', out / 'words.txt',
             '--charades-mapping', out / 'Charades/Charades_v1_mapping.txt',
             '--cfg-options', f'train_dataloader.dataset.ann_file={out}/Charades/Charades_v1_train.csv',
             f'train_dataloader.dataset.data_prefix.video={out}/Charades_v1_480')
    return out


@pytest.fixture(scope='module')
def chromium():
    """A headless browser, see ``tests/browser.py``; of one file of tests, as its event loop bars others meanwhile."""
    with browser.launched() as program:
        yield program


def run_tool(name: str, *arguments, check: bool = True, env: dict | None = None):
    """Run a tool as a user does, in a process of its own."""
    result = processes.run(ROOT / 'tools' / name, *arguments,
                           env={**os.environ, 'PYTHONPATH': str(ROOT), **(env or {})})
    if check and result.returncode:
        raise AssertionError(f'{name} {arguments}: exit {result.returncode}\n{result.stdout[-3000:]}\n'
                             f'{result.stderr[-3000:]}')
    return result


def tiny(toy: Path, config: str = 'kssnet_i3d_toy.py') -> list[str]:
    """--cfg-options that point a toy config at ``toy`` and shrink it until a step takes a fraction of a second."""
    options = ['model.backbone.width=.125', 'model.cls_head.in_channels=128', 'train_dataloader.batch_size=4',
               'val_dataloader.batch_size=4', 'test_dataloader.batch_size=4', 'train_cfg.max_epochs=2',
               'train_cfg.val_begin=2', 'param_scheduler.0.end=1', 'param_scheduler.1.begin=1',
               'param_scheduler.1.end=2', 'param_scheduler.1.T_max=1']
    if config.startswith('kssnet'):
        options += ['model.neck.channels=[24,60,104,128]', f'model.neck.graph={toy}/label_graph.npz',
                    f'model.cls_head.prior={toy}/label_graph.npz']
    for loader, split in (('train', 'train'), ('val', 'test'), ('test', 'test')):
        dataset = f'{loader}_dataloader.dataset'
        options += [f'{dataset}.ann_file={toy}/Charades/Charades_v1_{split}.csv',
                    f'{dataset}.data_prefix.video={toy}/Charades_v1_480']
    return options


def run_here(name: str, arguments, monkeypatch, capsys) -> tuple[int, str, str]:
    """Run a tool in this process; its exit status, and what it printed as output and as errors."""
    monkeypatch.setattr(sys, 'argv', [name, *map(str, arguments)])
    MMLogger._instance_dict.clear()
    capsys.readouterr()
    status = 0
    try:
        runpy.run_path(str(ROOT / 'tools' / name), run_name='__main__')
    except SystemExit as end:
        status = end.code
    return status, *capsys.readouterr()


@pytest.fixture
def tool(monkeypatch, capsys):
    """Runs a tool in this process and returns its exit status and what it printed."""
    def call(name: str, *arguments) -> tuple[int, str]:
        status, out, err = run_here(name, arguments, monkeypatch, capsys)
        return status, out + err
    return call


@pytest.fixture
def printed(monkeypatch, capsys):
    """Runs a tool in this process and returns what it printed or, if it ended with status 2, the line of its error."""
    def call(name: str, *arguments) -> str:
        status, out, err = run_here(name, arguments, monkeypatch, capsys)
        assert status in (0, 2)
        return err.strip() if status else out
    return call


@pytest.fixture
def config(request, make_graph, tmp_path) -> Config:
    """The config whose file the test's parameter names, at reduced size."""
    cfg = Config.fromfile(ROOT / 'configs' / request.param)
    pytest.importorskip(cfg.default_scope)
    init_default_scope(cfg.default_scope)
    shrink(cfg, make_graph(num_classes(cfg), 16), tmp_path)
    return cfg
