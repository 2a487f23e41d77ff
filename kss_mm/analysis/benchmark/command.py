"""The benchmark as the command line asks for it."""

import argparse
from collections.abc import Iterator

import torch

from kss_mm.analysis.benchmark.report import check_out, hardware, heading, sentence, write
from kss_mm.analysis.benchmark.run import run_benchmarks
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.errors import InputError


def report_benchmarks(args: argparse.Namespace) -> Iterator[str]:
    """Run what ``tools/benchmark.py`` was asked for, and yield its report line by line, as the results come in.

    Raises:
        InputError: for a device that is not there, an unknown benchmark or an impossible file.
    """
    for out in args.out or ():
        check_out(out)
    if args.device == 'cuda' and not torch.cuda.is_available():
        raise InputError('--device cuda: torch finds no GPU here; measure with --device cpu')
    for name in ('threads', 'rounds', 'batch'):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise InputError(f'--{name} {value}: must be 1 or more')
    torch.set_num_threads(args.threads)
    setting = Setting(torch.device(args.device), quick=args.quick, rounds=args.rounds, wanted_batch=args.batch)
    yield hardware(setting)
    results = []
    try:
        for name, line in run_benchmarks(setting, args.only):
            if not results or results[-1][0] != name:
                yield f'\n{heading(name)} ({name})'
            results.append((name, line))
            yield f'  {sentence(line, setting)}'
    except torch.OutOfMemoryError as error:
        raise InputError(f'{hardware(setting)}: not memory enough; give a smaller --batch, or choose by '
                         '--only') from error
    for out in args.out or ():
        write(out, results, setting)
