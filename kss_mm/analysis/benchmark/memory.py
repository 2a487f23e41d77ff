"""Peak memory of one call, counted exactly."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

MEBI = 2**20


def peak_memory(function: Callable[[], Any], device: torch.device) -> int:
    """Bytes that one call has allocated at most at a time, beyond what is allocated before it.

    On the CPU every allocation and release of torch's allocator is replayed from a profile; the resident size of the
    process would depend on what the C library keeps. Scratch memory of oneDNN and MKL is not torch's.
    """
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        function()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as prof:
        function()
    live = peak = 0
    changes = [event for event in prof.profiler.kineto_results.events() if event.name() == '[memory]']
    for event in sorted(changes, key=lambda event: event.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak


def size_of(tensors: Iterable[Tensor]) -> int:
    """Bytes of these tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
