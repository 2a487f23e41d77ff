"""Lateral connections alone, against eq. 7 as it is written."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from kss_mm.analysis.benchmark.line import Line, at_least
from kss_mm.analysis.benchmark.literal import LiteralConnection
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.models.laterals.lateral import LateralConnection

# Features (C, T, H, W) where the paper's Figure 2 has them in Inception-I3D, of a clip of 64x224x224.
TAPPED = ((192, 32, 56, 56), (480, 32, 28, 28), (832, 16, 14, 14))
QUICK_TAPPED = ((24, 4, 8, 8), (60, 4, 4, 4), (104, 2, 2, 2))
LABELS = 157


@benchmark('lc')
def lateral_connections(setting: Setting) -> Iterator[Line]:
    """The three LCs of Inception-I3D together against literal eq. 7, clips of 64x224x224, K=157, float32"""
    shapes = setting.pick(full=TAPPED, quick=QUICK_TAPPED)
    for layout in ('contiguous_format', 'channels_last_3d'):
        sides = {side: _prepared(connection, shapes, layout, setting)
                 for side, connection in (('ours', LateralConnection), ('literal', LiteralConnection))}
        for work, target in (('forward', 1.7), ('training', 2.)):
            times = setting.interleave({side: lambda steps=steps, work=work: [step(work) for step in steps]
                                        for side, steps in sides.items()})
            yield Line(f'{work}, {layout}', times.figure('literal', 'ours'), times.ratio('literal', 'ours'),
                       at_least(target) if layout == 'contiguous_format' else None)


def _prepared(connection: type[LateralConnection], shapes: Sequence[tuple[int, ...]], layout: str,
              setting: Setting) -> list[Callable[[str], None]]:
    """One function per connection: 'forward' without gradients, or 'training', forward and backward."""
    def prepare(shape: tuple[int, ...]) -> Callable[[str], None]:
        channels = shape[0]
        lateral = connection(channels, LABELS, zero_init=False).to(setting.device)
        x = torch.randn(setting.batch, *shape, device=setting.device).contiguous(memory_format=getattr(torch, layout))
        x.requires_grad_()
        embedding = torch.randn(LABELS, channels, device=setting.device, requires_grad=True)
        gradient = torch.randn_like(x)

        def step(work: str) -> None:
            lateral.train()  # forgets: what evaluation remembers between batches is measured elsewhere
            with torch.set_grad_enabled(work == 'training'):
                y: Tensor = lateral(x, embedding)
            if work == 'training':
                torch.autograd.backward(y, gradient, inputs=[x, embedding, lateral.g.weight])
                x.grad = embedding.grad = lateral.g.weight.grad = None
        return step
    return [prepare(shape) for shape in shapes]
