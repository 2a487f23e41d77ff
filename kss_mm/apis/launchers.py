"""The processes of a distributed run find each other, also without a GPU, where MMEngine's own start wants one."""

import os
import subprocess
from typing import NamedTuple

import torch
import torch.distributed as dist
from mmengine.config import Config

from kss_mm.errors import InputError, shown


class _Launcher(NamedTuple):
    """Variables in which a launcher tells a process its rank, the number of processes and its rank on its machine;
    and a command that starts processes so."""

    variables: tuple[str, str, str]
    command: str


# What torch.distributed reads.
_TORCH = ('RANK', 'WORLD_SIZE', 'LOCAL_RANK')
_LAUNCHERS = {
    'pytorch': _Launcher(_TORCH, 'torchrun --nproc-per-node 2 tools/train.py CONFIG --launcher pytorch'),
    'slurm': _Launcher(('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_LOCALID'),
                       'srun --ntasks 2 python tools/train.py CONFIG --launcher slurm'),
    'mpi': _Launcher(('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK'),
                     'mpirun -np 2 python tools/train.py CONFIG --launcher mpi'),
}
_PORT = '29500'  # MMEngine's and torch's


def start_processes(cfg: Config) -> None:
    """Check what the launcher of the config has told this process, and without a GPU start Gloo.

    Raises:
        InputError: If the process was not started by that launcher, or does not find the others.
    """
    launcher = cfg.get('launcher', 'none')
    if launcher == 'none' or dist.is_initialized():
        return
    if launcher not in _LAUNCHERS:
        raise InputError(f'--launcher {shown(launcher)}: must be one of {", ".join(("none", *_LAUNCHERS))}')
    values = _numbers(launcher)
    if torch.cuda.is_available():
        return  # MMEngine starts NCCL, by the same variables
    os.environ.update(zip(_TORCH, values))
    if 'MASTER_ADDR' not in os.environ:
        os.environ['MASTER_ADDR'] = _first_machine(launcher)
    os.environ.setdefault('MASTER_PORT', _PORT)
    try:
        dist.init_process_group('gloo')
    except (RuntimeError, ValueError) as error:
        place = f'{os.environ["MASTER_ADDR"]}:{os.environ["MASTER_PORT"]}'
        raise InputError(f'--launcher {launcher}: the {values[1]} processes do not find each other at {place}: {error};'
                         ' set MASTER_ADDR to the machine of rank 0 and MASTER_PORT to a free port of it') from error
    cfg.setdefault('model_wrapper_cfg', dict(type='MMDistributedDataParallel', device_ids=None,
                                             broadcast_buffers=False))


def is_first_process(launcher: str) -> bool:
    """Return True in the first process of a run that a launcher started, or in the only one."""
    return launcher not in _LAUNCHERS or os.environ.get(_LAUNCHERS[launcher].variables[0], '0') == '0'


def _numbers(launcher: str) -> list[str]:
    variables, command = _LAUNCHERS[launcher]
    values = [os.environ.get(name, '') for name in variables]
    if launcher == 'pytorch' and not values[2]:  # its oldest form passes no local rank
        values[2] = '0'
    for name, value in zip(variables, values):
        if not value.isdecimal():
            state = f'is {shown(value)}' if value else 'is not set'
            raise InputError(f'--launcher {launcher}: {name} {state}, so this process was not started by it; start it '
                             f'by: {command}')
    return values


def _first_machine(launcher: str) -> str:
    """The machine of the first process, where it can be known."""
    nodes = os.environ.get('SLURM_NODELIST', '')
    if launcher == 'slurm' and nodes:
        if not set('[,') & set(nodes):
            return nodes
        try:
            return subprocess.run(['scontrol', 'show', 'hostnames', nodes], check=True, capture_output=True,
                                  text=True).stdout.split()[0]
        except (OSError, subprocess.CalledProcessError, IndexError):
            pass
    elif launcher == 'mpi' and os.environ.get('OMPI_COMM_WORLD_LOCAL_SIZE') == os.environ['WORLD_SIZE']:
        return '127.0.0.1'
    raise InputError(f'--launcher {launcher}: set MASTER_ADDR to the name or address of the machine of rank 0, which '
                     f'{"torchrun" if launcher == "pytorch" else "the launcher"} does not tell here')
