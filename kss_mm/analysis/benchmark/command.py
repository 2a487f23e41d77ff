"""Benchmarks chosen by name, and their report."""

from collections.abc import Iterator, Sequence

import torch

from kss_mm.analysis.benchmark.report import check_out, hardware, heading, sentence, write
from kss_mm.analysis.benchmark.run import run_benchmarks
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.errors import InputError


def report_benchmarks(only: Sequence[str] | None = None, *, device: str = 'cpu', threads: int = 2,
                      batch: int | None = None, rounds: int | None = None, quick: bool = False,
                      out: Sequence[str] = ()) -> Iterator[str]:
    """Run benchmarks, and yield their report line by line, as the results come in.

    Args:
        only: Names of benchmarks; by default all.
        device: 'cpu' or 'cuda'.
        threads: On the CPU.
        batch: Samples at a time; by default 1, on a GPU 16.
        rounds: Measured rounds of every comparison; by default as many as its noise needs.
        quick: Use toy sizes, to see that everything runs.
        out: Files for the results, ``.md`` or ``.json``.

    Raises:
        InputError: For a device that is not there, an unknown benchmark or an impossible file.
    """
    for file in out:
        check_out(file)
    if device == 'cuda' and not torch.cuda.is_available():
        raise InputError('--device cuda: torch finds no GPU here; measure with --device cpu')
    for name, value in (('threads', threads), ('rounds', rounds), ('batch', batch)):
        if value is not None and value < 1:
            raise InputError(f'--{name} {value}: must be 1 or more')
    torch.set_num_threads(threads)
    setting = Setting(torch.device(device), quick=quick, rounds=rounds, wanted_batch=batch)
    yield hardware(setting)
    results = []
    try:
        for name, line in run_benchmarks(setting, only):
            if not results or results[-1][0] != name:
                yield f'\n{heading(name)} ({name})'
            results.append((name, line))
            yield f'  {sentence(line, setting)}'
    except torch.OutOfMemoryError as error:
        raise InputError(f'{hardware(setting)}: not memory enough; give a smaller --batch, or choose by '
                         '--only') from error
    for file in out:
        write(file, results, setting)
