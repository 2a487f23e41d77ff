"""True labels as the losses of multi-label heads want them, checked."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError, shown
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.models.unknown_labels import leaves_out_unknown, unknown_refusal
from kss_mm.sample_ids import id_of

# Mixing two samples that share a label may round its 1 up.
_ROUNDING = 1e-3
# How many steps a check may be behind before it waits for the GPU: by then it has run.
_STEPS = 8


class Truth(NamedTuple):
    """True labels of a batch.

    Shapes:
        - **targets:** :math:`(B, K)`, float32; -1 for an unknown label
        - **valid:** :math:`(B,)`, whether a sample's label is a valid one
    """

    targets: Tensor
    valid: Tensor


def from_numbers(labels: Sequence[Tensor]) -> Truth:
    """Truth of labels that hold K numbers in 0..1: zeros and ones, or what mixing leaves of them, or -1."""
    targets = torch.stack(list(labels)).float()
    return Truth(targets, _is_target(targets).all(1))


def _is_target(values: Tensor) -> Tensor:
    return (values >= -_ROUNDING) & (values <= 1 + _ROUNDING) | (values == UNKNOWN)


def from_indices(labels: Sequence[Tensor], num_classes: int) -> Truth:
    """Truth of labels that hold different indices below K, or an empty list of them."""
    flat = torch.cat(list(labels)).long()
    rows = torch.arange(len(labels)).repeat_interleave(torch.tensor([len(label) for label in labels]))
    rows = rows.to(flat.device, non_blocking=True)
    inside = (flat >= 0) & (flat < num_classes)
    counts = flat.new_zeros((len(labels), num_classes + 1), dtype=torch.float32)  # the last counts what is outside
    counts.index_put_((rows, torch.where(inside, flat, num_classes)), inside.new_ones(()).float(), accumulate=True)
    targets, outside = counts[:, :-1], counts[:, -1]
    # A label twice is mostly a vector of zeros and ones, taken for indices by the host.
    return Truth(targets.clamp(max=1), (outside == 0) & (targets.amax(1) <= 1))


def check_known(check: 'TruthCheck', targets: Tensor, loss: nn.Module) -> None:
    """Refuse (B, K) targets of which some are unknown, where the loss cannot leave them out."""
    if not leaves_out_unknown(loss):
        check((targets != UNKNOWN).all(1), lambda number: unknown_refusal(loss))


class TruthCheck:
    """Check of true labels, which raises at once on the CPU, and on a GPU without waiting for it.

    On a GPU the answer is copied beside the computation and looked at in one of the next steps, at the latest
    before the next evaluation or checkpoint.

    Args:
        head: The head whose weights a checkpoint must not hold before all answers are in.
    """

    def __init__(self, head: nn.Module | None = None):
        if head is not None:
            head.register_state_dict_pre_hook(_finish_check_of)
        self._pending: deque[tuple[Callable[[], bool], Tensor, Callable[[int], str]]] = deque()

    @torch.compiler.disable
    def __call__(self, valid: Tensor, message: Callable[[int], str]) -> None:
        """Check (B,) answers; ``message`` says what is wrong with a sample of the batch."""
        if valid.device.type != 'cuda':
            return _raise(valid, message)
        answer = torch.empty(valid.shape, dtype=valid.dtype, pin_memory=True)
        answer.copy_(valid, non_blocking=True)
        copied = torch.cuda.Event()
        copied.record()
        self._pending.append((copied, answer, message))
        while self._pending and (self._pending[0][0].query() or len(self._pending) > _STEPS):
            self._next()

    @torch.compiler.disable
    def finish(self) -> None:
        """Wait for the answers that are not in yet."""
        while self._pending:
            self._next()

    def _next(self) -> None:
        copied, answer, message = self._pending.popleft()
        copied.synchronize()
        _raise(answer, message)

    def __deepcopy__(self, memo: dict) -> 'TruthCheck':
        return TruthCheck()  # a copy of the model, as for a moving average, has checked nothing

    def __getstate__(self) -> dict:
        return {}

    def __setstate__(self, state: dict) -> None:
        self.__init__()


def _finish_check_of(head: nn.Module, *args) -> None:
    head.check_truth.finish()


def _raise(valid: Tensor, message: Callable[[int], str]) -> None:
    if not valid.all():
        raise InputError(message(int(valid.logical_not().nonzero()[0])))


def refusal(sample, label: Tensor, number: int, num_classes: int, remedy: str = '') -> str:
    """Message about a sample whose label is not valid.

    Args:
        number: Place in the batch, for a sample without a name.
    """
    name = id_of(sample) or f'number {number} of a batch (counted from 0)'
    if label.is_floating_point():
        wrong, what = label[~_is_target(label)].tolist(), f'{num_classes} numbers in 0..1, or {UNKNOWN} for unknown'
        if any(UNKNOWN < value < 0 for value in wrong):
            remedy = '; unknown labels cannot be mixed with others: take Mixup and CutMix out of the config'
    else:
        wrong, what = label.tolist(), f'different label indices in 0..{num_classes - 1}'
    return f'the true label of sample {name} holds {shown(wrong)}, where it must hold {what}{remedy}'
