"""Processes of a distributed run without a GPU, by the variables that each launcher sets."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import processes
import pytest
import torch
from mmengine.config import Config

from kss_mm.apis.launchers import start_processes
from kss_mm.errors import InputError

VARIABLES = {'pytorch': ('RANK', 'WORLD_SIZE', 'LOCAL_RANK'),
             'slurm': ('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_LOCALID'),
             'mpi': ('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK')}
# What else they say of a run on this machine alone.
PLACE = {'pytorch': {'MASTER_ADDR': '127.0.0.1'}, 'slurm': {'SLURM_NODELIST': 'localhost'},
         'mpi': {'OMPI_COMM_WORLD_LOCAL_SIZE': '2'}}
PROGRAM = """
import sys, torch, torch.distributed as dist
from mmengine.config import Config
from kss_mm.apis.launchers import start_processes
cfg = Config(dict(launcher=sys.argv[1]))
start_processes(cfg)
value = torch.tensor([dist.get_rank() + 1.])
dist.all_reduce(value)
print(dist.get_backend(), dist.get_world_size(), value.item(), cfg.model_wrapper_cfg.type)
"""
pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason='with a GPU, MMEngine starts the processes')


@pytest.fixture
def without_variables(monkeypatch):
    for name in os.environ:
        if name.startswith(('SLURM_', 'OMPI_', 'MASTER_')) or name in VARIABLES['pytorch']:
            monkeypatch.delenv(name)


@pytest.mark.parametrize('launcher', ['slurm', 'mpi'])
def test_two_processes_find_each_other(without_variables, tmp_path, launcher):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    (tmp_path / 'program.py').write_text(PROGRAM)

    def run(rank: str):
        variables = dict(zip(VARIABLES[launcher], (rank, '2', rank))) | PLACE[launcher]
        return processes.run(tmp_path / 'program.py', launcher, env={**os.environ, **variables, 'MASTER_PORT': port})

    with ThreadPoolExecutor(2) as both:
        for result in both.map(run, '01'):
            assert result.stdout.split() == ['gloo', '2', '3.0', 'MMDistributedDataParallel'], result.stderr[-2000:]


@pytest.mark.parametrize('launcher', VARIABLES)
@pytest.mark.parametrize('value', [None, 'x', '-1'])
def test_a_process_that_the_launcher_did_not_start(without_variables, monkeypatch, launcher, value):
    first, *others = VARIABLES[launcher]
    for name in others:
        monkeypatch.setenv(name, '1')
    if value is not None:
        monkeypatch.setenv(first, value)
    command = {'pytorch': 'torchrun', 'slurm': 'srun', 'mpi': 'mpirun'}[launcher]
    with pytest.raises(InputError, match=f'--launcher {launcher}: {first} is .* start it by: {command}') as error:
        start_processes(Config(dict(launcher=launcher)))
    assert ('is not set' if value is None else repr(value)) in str(error.value)


@pytest.mark.parametrize(('launcher', 'place'), [
    ('slurm', {}), ('slurm', {'SLURM_NODELIST': 'node[1-2]'}), ('mpi', {}),
    ('mpi', {'OMPI_COMM_WORLD_LOCAL_SIZE': '1'}),
    ('pytorch', {})])
def test_a_first_machine_that_nobody_tells(without_variables, monkeypatch, launcher, place):
    monkeypatch.setenv('PATH', '')  # no scontrol
    for name, value in {**dict(zip(VARIABLES[launcher], '020')), **place}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match='set MASTER_ADDR'):
        start_processes(Config(dict(launcher=launcher)))


def test_a_place_that_cannot_be(without_variables, monkeypatch):
    for name, value in {**dict(zip(VARIABLES['slurm'], '010')), 'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': 'x'}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match='do not find each other at 127.0.0.1:x.*MASTER_PORT'):
        start_processes(Config(dict(launcher='slurm')))


def test_other_launchers_are_named():
    with pytest.raises(InputError, match="--launcher 'horovod': .*none, pytorch, slurm, mpi"):
        start_processes(Config(dict(launcher='horovod')))
