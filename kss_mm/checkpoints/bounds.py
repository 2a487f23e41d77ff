"""Limits for a model whose config came from others: a file of 100 kB can ask for 100 GB, or for 10^7 layers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from mmengine.config import Config
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)

from kss_mm.checkpoints.foreign_config import ForeignConfig
from kss_mm.errors import InputError

try:
    import resource
except ImportError:  # Windows
    resource = None

# A model needs its weights, which are in the file, and less than as much again several times while it is built; the
# rest is what frameworks, threads and drivers take for themselves.
_TIMES_FILE, _ALWAYS = 8, 4 * 1024 ** 3
# A weight takes some 300 bytes of the file, beside its numbers; layers without weights lie between them.
_BYTES_A_PART, _PARTS = 32, 20_000


@contextmanager
def bounded(cfg: Config) -> Iterator[None]:
    """Around building the model of a config: its size is bounded by that of the file that the config came from.

    Other configs are not limited. On Linux the memory of the process is limited meanwhile, beyond which allocating
    fails as on a machine without more; elsewhere only the weights are counted.

    Raises:
        InputError: For more layers, or more weights, than that.
    """
    with ExitStack() as stack:
        if isinstance(cfg, ForeignConfig) and cfg.file_size:
            stack.enter_context(_limited_memory(cfg.file_size))
            stack.enter_context(_limited_parts(cfg))
        yield


@contextmanager
def _limited_parts(cfg: ForeignConfig) -> Iterator[None]:
    parts, weights = cfg.file_size // _BYTES_A_PART + _PARTS, _TIMES_FILE * cfg.file_size + _ALWAYS

    def count(module: nn.Module, name: str, part: nn.Module | Tensor | None) -> None:
        nonlocal parts, weights
        parts -= 1
        weights -= part.numel() * part.element_size() if isinstance(part, Tensor) else 0
        if parts < 0 or weights < 0:
            raise InputError(f'{cfg.path}: the config in it asks for a far larger network than the file holds weights '
                             'of; give the config file that belongs to it')

    handles = [register_module_parameter_registration_hook(count), register_module_module_registration_hook(count)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _limited_memory(file_size: int) -> Iterator[None]:
    if torch.cuda.is_available():
        torch.empty(1, device='cuda')  # what its driver takes for itself does not belong to the model
    used = _private_bytes() if resource else None
    if used is None:
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = (used + _TIMES_FILE * file_size + _ALWAYS, before, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (min(limit for limit in limits if limit != resource.RLIM_INFINITY), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _private_bytes() -> int | None:
    """The bytes that RLIMIT_DATA counts, at the moment; None where the system does not say."""
    try:
        with open('/proc/self/status') as file:
            kibibytes = [line.split()[1] for line in file if line.startswith('VmData:')]
    except OSError:
        return None
    return int(kibibytes[0]) * 1024 if kibibytes else None
