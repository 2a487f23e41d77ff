"""Layers that may be folded into others, seen in a forward pass and not from names.

Two layers that stand beside each other need not follow each other in ``forward``, and what a stage returns may be read
in several places. A record of which operator reads which tensor shows both, for any network.
"""

import copy
from collections import defaultdict
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from kss_mm.models.laterals.lateral import laterals_of

_CONVOLUTION = 'aten::convolution'
_NORMALISATIONS = ('aten::native_batch_norm', 'aten::cudnn_batch_norm', 'aten::miopen_batch_norm')
_AVERAGES = ('aten::avg_pool2d', 'aten::avg_pool3d')
_PADDING = 'aten::constant_pad_nd'
_COPY = 'aten::clone'  # to another layout in memory


class Foldable(NamedTuple):
    """Layers of a backbone that may be folded, by the names of its modules.

    Args:
        normalised: A batch normalisation and the convolution whose output it alone reads.
        absorbing: By the index of a lateral connection, the convolutions that alone read its output.
    """

    normalised: dict[str, str]
    absorbing: dict[int, tuple[str, ...]]


@torch.no_grad()
def find_foldable(backbone: nn.Module, x: Tensor) -> tuple[Foldable, list[Tensor]]:
    """Find what may be folded in a backbone whose lateral connections have been fed; return it, and the output for x.

    It runs as a copy in evaluation mode, for the reasons that :func:`~kss_mm.models.laterals.taps.find_channels` has.
    """
    twin = copy.deepcopy(backbone)
    twin.eval()
    record, injected = _Record(), defaultdict(list)

    def inject(index: int, y: Tensor) -> None:
        record.forget_readers(y)  # the connection's own, which add x to it
        injected[index].append(y)

    laterals = laterals_of(twin)
    if laterals is not None:
        laterals.feed(laterals_of(backbone).embeddings)  # a copy comes without
        for index, lateral in enumerate(laterals):
            lateral.register_forward_hook(lambda module, args, y, index=index: inject(index, y))
    with record:
        returned = tree_leaves(twin(x))
    record.returned = {id(value) for value in returned}
    convolutions = {id(module.weight): name for name, module in _once(twin, _ConvNd)
                    if len(record.readers(module.weight)) == 1}
    normalised = {name: record.convolution_before(module, convolutions) for name, module in _once(twin, _BatchNorm)
                  if _normalises_first(module)}
    absorbing = {index: record.convolutions_behind(outputs[0], convolutions) for index, outputs in injected.items()
                 if len(outputs) == 1 and laterals[index].attention is None}
    return Foldable({name: convolution for name, convolution in normalised.items() if convolution},
                    {index: names for index, names in absorbing.items() if names}), returned


def _normalises_first(norm: _BatchNorm) -> bool:
    """True for torch's own, and for timm's, which then run their layers ``drop`` and ``act``."""
    children = {name for name, _ in norm.named_children()}
    own = type(norm).forward in (_BatchNorm.forward, nn.SyncBatchNorm.forward)
    return own and not children or bool(children) and children <= {'drop', 'act'}


def _once(network: nn.Module, kind: type) -> list[tuple[str, nn.Module]]:
    """The modules of a kind that have one name only."""
    named = [(name, module) for name, module in network.named_modules(remove_duplicate=False)
             if isinstance(module, kind)]
    modules = [id(module) for _, module in named]
    return [(name, module) for name, module in named if modules.count(id(module)) == 1]


class _Call(NamedTuple):
    name: str
    args: tuple
    kwargs: dict
    output: object


class _Record(TorchDispatchMode):
    """Every operator that runs, by the tensors that it reads and makes."""

    def __init__(self):
        super().__init__()
        # Tensors go by their ids, which are theirs alone as long as the calls keep them all.
        self._readers: dict[int, list[_Call]] = defaultdict(list)
        self._makers: dict[int, _Call] = {}
        self.returned: set[int] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        output = func(*args, **(kwargs or {}))
        call = _Call(func.name(), args, kwargs or {}, output)
        for value in tree_leaves((args, kwargs)):
            if isinstance(value, Tensor):
                self._readers[id(value)].append(call)
        for value in tree_leaves(output):
            self._makers.setdefault(id(value), call)  # what is changed in place stays its first maker's
        return output

    def readers(self, tensor: Tensor) -> list[_Call]:
        return self._readers.get(id(tensor), [])

    def forget_readers(self, tensor: Tensor) -> None:
        self._readers.pop(id(tensor), None)

    def convolution_before(self, norm: _BatchNorm, convolutions: dict[int, str]) -> str | None:
        """The convolution whose output goes into this normalisation as it is or copied, and nowhere else."""
        calls = [] if norm.running_var is None else self.readers(norm.running_var)
        if len(calls) != 1 or calls[0].name not in _NORMALISATIONS:
            return None
        x = calls[0].args[0]
        while len(self.readers(x)) == 1 and id(x) not in self.returned and (maker := self._makers.get(id(x))):
            if _is_convolution(maker):
                return convolutions.get(id(maker.args[1]))
            if maker.name != _COPY:
                break
            x = maker.args[0]
        return None

    def convolutions_behind(self, y: Tensor, convolutions: dict[int, str]) -> tuple[str, ...]:
        """The convolutions that alone read y, directly or behind what a pointwise map without bias may as well follow:
        the average over positions and the padding with zeros. None where y goes anywhere else."""
        found: list[str] = []
        for call in self.readers(y):
            if _is_convolution(call) and call.args[8] == 1:  # groups would part the channels
                behind = tuple(filter(None, [convolutions.get(id(call.args[1]))]))
            else:
                behind = self.convolutions_behind(call.output, convolutions) if _commutes(call) else ()
            if not behind:
                return ()
            found += behind
        return () if id(y) in self.returned else tuple(found)


def _is_convolution(call: _Call) -> bool:
    return call.name == _CONVOLUTION and not call.args[6]  # transposed


def _commutes(call: _Call) -> bool:
    if call.name == _PADDING:
        x, sizes, *value = call.args
        return not call.kwargs and not any(value) and len(sizes) <= 2 * (x.ndim - 2)  # positions, not channels
    return call.name in (*_AVERAGES, _COPY)
