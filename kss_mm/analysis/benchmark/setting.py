"""The way the benchmarks measure: device, size, and rounds in which all sides take turns."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from kss_mm.analysis.benchmark.line import Ratio

MILLI = 1e-3
GPU_BATCH = 16  # the paper's on Charades


class Times:
    """Seconds of each function in each round."""

    def __init__(self, seconds: Mapping[str, list[float]]):
        self.seconds = {name: np.asarray(values) for name, values in seconds.items()}

    def ratio(self, side: str, other: str) -> Ratio:
        """Time of ``side`` over that of ``other``, round by round."""
        return Ratio.of(self.seconds[side] / self.seconds[other])

    def median(self, name: str) -> float:
        return float(np.median(self.seconds[name]))

    def rates(self, side: str, other: str, batch: int) -> str:
        """Samples a second of both."""
        return ' : '.join(f'{batch / self.median(name):.4g}/s' for name in (side, other))

    def figure(self, side: str, other: str) -> str:
        """Both medians, as the table has them."""
        return ' : '.join(f'{self.median(name) / MILLI:.4g} ms' for name in (side, other))


@dataclass(frozen=True)
class Setting:
    """The place and the thoroughness of a measurement.

    Args:
        quick: Toy sizes and few rounds, to see that everything runs; the figures then mean nothing.
        rounds: Measured rounds; None for each benchmark's own number.
        wanted_batch: Samples at a time; None for the device's own number.
    """

    device: torch.device
    quick: bool = False
    rounds: int | None = None
    wanted_batch: int | None = None

    @property
    def batch(self) -> int:
        """Samples at a time: as asked for, else one on a CPU, what fills it on a GPU."""
        default = self.pick(full=GPU_BATCH, quick=2) if self.device.type == 'cuda' else 1
        return self.wanted_batch or default

    def on_cpu(self) -> 'Setting':
        """Return a setting for what runs on the CPU alone, whose clock is the wall's."""
        return replace(self, device=torch.device('cpu'))

    def pick(self, *, full: Any, quick: Any) -> Any:
        return quick if self.quick else full

    def interleave(self, functions: Mapping[str, Callable[[], Any]], *, rounds: int = 7, warm_up: int = 1) -> Times:
        """Run all functions in turn, round after round, and time each call.

        ``torch.utils.benchmark`` times one function to its end before the next, and a change in the machine's load
        then falls on one of them alone.

        Args:
            rounds: How many rounds count, unless the setting says.
            warm_up: Rounds before these that do not count.
        """
        rounds = 1 if self.quick else self.rounds or rounds
        seconds: dict[str, list[float]] = {name: [] for name in functions}
        for index in range(warm_up + rounds):
            # There and back again, or one side would always find in the caches what the same other one left there.
            for name in list(functions)[::1 if index % 2 else -1]:
                elapsed = self.clock(functions[name])
                if index >= warm_up:
                    seconds[name].append(elapsed)
        return Times(seconds)

    def clock(self, function: Callable[[], Any]) -> float:
        """Seconds of one call, on a GPU between two events of its own clock."""
        if self.device.type != 'cuda':
            start = time.perf_counter()
            function()
            return time.perf_counter() - start
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize(self.device)
        start.record()
        function()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * MILLI
