"""The cost of a config's model as text."""

from collections.abc import Iterator, Sequence

from kss_mm.analysis.complexity.count import Part, input_layout, measure, total
from kss_mm.analysis.complexity.paper import beside_the_paper
from kss_mm.analysis.complexity.table import GIGA, MEBI, text_table
from kss_mm.analysis.complexity.untrained import untrained_model
from kss_mm.apis.config import load_config
from kss_mm.apis.input_shape import input_shape
from kss_mm.errors import InputError

_SIZE_NOTE = 'MiB: parameters and buffers, as a checkpoint holds them.'
_COUNT_NOTE = 'G multiply-adds: convolutions, matrix products and attention'
_LC_NOTE = '; LCs as eq. 7 is written, 2 K C a position.\nas evaluated: the same, LCs as this code computes them.'


def complexity_report(path: str, *, options: dict | None = None, shape: Sequence[int] | None = None,
                      paper: bool = False) -> Iterator[str]:
    """Yield block by block: parameters, MiB and multiply-adds of each part of the model of the config at ``path``.

    Args:
        path: A config file, or a published checkpoint with its config inside.
        options: What ``--cfg-options`` changes in the config.
        shape: (C, T, H, W) of a clip or (C, H, W) of an image; by default what the test pipeline makes.
        paper: Whether the paper's figures stand below.

    Raises:
        InputError: For a config whose model or input size cannot be had; behind the costs, for one that the paper has
            no figures of.
    """
    cfg = load_config(path, options)
    model, graph = untrained_model(cfg)
    layout = input_layout(model)
    shape = tuple(shape or input_shape(cfg, layout))
    if len(shape) != (4 if layout else 3) or min(shape) < 1:
        wanted = 'C T H W, a clip' if layout else 'C H W, an image'
        raise InputError(f'--shape {" ".join(map(str, shape))}: {path} takes {wanted}')
    parts = measure(model, shape)
    whole = total(parts.values())
    unit = {None: 'image', 'NCTHW': 'clip', 'NCHW': 'video, frame by frame'}[layout]
    yield '\n'.join(filter(None, (f'{path}: {type(model).__name__}', f'input: one {unit}, '
                                  f'{"x".join(map(str, shape))}', graph)))
    yield '\n' + _costs(parts, whole)
    if paper:
        yield '\n' + beside_the_paper(model, shape, whole)


def _costs(parts: dict[str, Part], whole: Part) -> str:
    header = ['', 'parameters', 'MiB', 'G multiply-adds', 'as evaluated']
    rows = [[name, f'{part.parameters:,}', f'{part.size / MEBI:.2f}', f'{part.macs / GIGA:.3f}',
             f'{part.evaluated / GIGA:.3f}'] for name, part in [*parts.items(), ('total', whole)]]
    if 'LCs' not in parts:  # nothing that there are two ways to count
        header, rows = header[:-1], [row[:-1] for row in rows]
    note = _LC_NOTE if 'LCs' in parts else '.'
    return f'{text_table(header, rows)}\n\n{_SIZE_NOTE}\n{_COUNT_NOTE}{note}'
