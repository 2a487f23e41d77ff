"""Collecting benchmarks and running them."""

import importlib
from collections.abc import Callable, Iterator, Sequence

import torch

from kss_mm.analysis.benchmark.line import Line
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.errors import InputError

#: Modules beside this one that register benchmarks, in the order of the report.
FILES = ('lateral', 'labels', 'queries', 'evaluation', 'training', 'options', 'deploy', 'accuracy', 'export', 'data')

Benchmark = Callable[[Setting], Iterator[Line]]
#: By name. Filled when the files are imported.
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a benchmark; the first line of its docstring is the heading of its lines."""
    def register(function: Benchmark) -> Benchmark:
        BENCHMARKS[name] = function
        return function
    return register


def run_benchmarks(setting: Setting, only: Sequence[str] | None = None) -> Iterator[tuple[str, Line]]:
    """Run all benchmarks, or those of these names, and yield each line with its benchmark's name.

    Raises:
        InputError: For an unknown name.
    """
    load_benchmarks()
    for name in only or ():
        if name not in BENCHMARKS:
            raise InputError(f'--only {name}: no such benchmark; there are {", ".join(BENCHMARKS)}')
    for name in only or BENCHMARKS:
        torch.manual_seed(0)
        for line in BENCHMARKS[name](setting):
            yield name, line


def load_benchmarks() -> None:
    for file in FILES:
        importlib.import_module(f'kss_mm.analysis.benchmark.{file}')
