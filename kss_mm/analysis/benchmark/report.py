"""The benchmark's results as a table, and as data."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import torch

from kss_mm._version import __version__
from kss_mm.analysis.benchmark.line import Line
from kss_mm.analysis.benchmark.run import BENCHMARKS
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.errors import InputError
from kss_mm.files import write_whole

HEADER = ('', 'time or size', 'ratio', 'quartiles', 'target', '')
_NOTE = ('Ratios are medians over rounds in which all sides took turns; the quartiles show their spread. What is not '
         'time is exact.')
FORMATS = ('.md', '.json')


def hardware(setting: Setting) -> str:
    """The hardware that was measured on, in one line."""
    if setting.device.type == 'cuda':
        where = f'{torch.cuda.get_device_name(setting.device)}, CUDA {torch.version.cuda}'
    else:
        where = f'{_cpu()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads'
    return f'{where}, batch {setting.batch}, torch {torch.__version__}, kss_mm {__version__}'


def _cpu() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor() or platform.machine()


def markdown(results: Sequence[tuple[str, Line]], setting: Setting) -> str:
    """A table for each benchmark."""
    blocks = [f'Measured on {hardware(setting)}. {_NOTE}']
    if setting.quick:
        blocks.append('**Toy sizes: these figures mean nothing.**')
    for name in dict.fromkeys(name for name, _ in results):
        rows = [row(line, setting) for other, line in results if other == name]
        notes = [f'- {line.name}: {line.note}.' for other, line in results if other == name and line.note]
        table = [HEADER, ('---',) * len(HEADER), *rows]
        blocks.append(f'### {heading(name)} (`{name}`)')
        blocks.append('\n'.join('| ' + ' | '.join(cells) + ' |' for cells in table))
        if notes:
            blocks.append('\n'.join(notes))
    return '\n\n'.join(blocks) + '\n'


def heading(name: str) -> str:
    return (BENCHMARKS[name].__doc__ or name).strip().splitlines()[0]


def row(line: Line, setting: Setting) -> tuple[str, ...]:
    """The cells of :data:`HEADER`; at toy sizes nothing is met or missed."""
    ratio = line.ratio
    spread = '' if ratio.low == ratio.high else f'{ratio.low:.3g} to {ratio.high:.3g}'
    return (line.name, line.figure, f'{ratio.median:.3g}', spread, str(line.target or ''),
            '' if setting.quick else line.verdict)


def sentence(line: Line, setting: Setting) -> str:
    """A line of the report as text, with its note."""
    name, figure, ratio, spread, target, verdict = row(line, setting)
    parts = [f'{figure}, ratio {ratio}', spread and f' ({spread})', target and f', target {target}',
             verdict and f': {verdict}', line.note and f'; {line.note}']
    return f'{name}: {"".join(parts)}'


def as_data(results: Sequence[tuple[str, Line]], setting: Setting) -> dict:
    """The results for programs, as JSON values."""
    lines = [dict(benchmark=name, name=line.name, figure=line.figure, ratio=line.ratio._asdict(),
                  target=str(line.target or ''), verdict=line.verdict, note=line.note) for name, line in results]
    return dict(hardware=hardware(setting), toy_sizes=setting.quick, lines=lines)


def check_out(path: str) -> None:
    """Raise an InputError now for a file that could not be written at the end."""
    if Path(path).suffix not in FORMATS:
        raise InputError(f'--out {path}: must end in {" or ".join(FORMATS)}')
    if not Path(path).absolute().parent.is_dir():
        raise InputError(f'--out {path}: there is no folder {Path(path).parent}: make it, or choose another')


def write(path: str, results: Sequence[tuple[str, Line]], setting: Setting) -> None:
    """Write the results as Markdown or JSON, whichever the name ends in."""
    text = markdown(results, setting) if Path(path).suffix == '.md' else json.dumps(as_data(results, setting), indent=2)
    write_whole(text.encode(), path)
