"""The place of a process among those that torchrun started on this machine."""

import os
from pathlib import Path

_CPUS = Path('/sys/devices/system/cpu')
# torchrun's own number of threads, where the user gave none.
_OF_TORCHRUN = '1'


def own_device() -> str | None:
    """The GPU of this process; None where torchrun did not start it, or there are no GPUs."""
    rank = os.environ.get('LOCAL_RANK', '')
    if not rank.isdigit() or 'RANK' not in os.environ:
        return None
    import torch

    return f'cuda:{int(rank) % torch.cuda.device_count()}' if torch.cuda.is_available() else None


def same_threads() -> None:
    """Let torch, not loaded yet, take as many threads as it does without torchrun, which gives each process one: sums
    that are split among another number of threads differ in their last digit, and so would tables."""
    if 'RANK' in os.environ and os.environ.get('OMP_NUM_THREADS') == _OF_TORCHRUN:
        os.environ['OMP_NUM_THREADS'] = str(_cores())


def _cores() -> int:
    """Cores that this process may use, each counted once however many threads it runs."""
    siblings = {(_CPUS / f'cpu{cpu}/topology/thread_siblings_list') for cpu in os.sched_getaffinity(0)}
    return len({path.read_text() if path.is_file() else str(path) for path in siblings})
