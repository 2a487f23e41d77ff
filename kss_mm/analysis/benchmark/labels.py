"""Thousands of labels: what they cost in time and memory."""

import gc
from collections.abc import Callable, Iterator

from torch import Tensor, nn

from kss_mm.analysis.benchmark.line import Line, Ratio, at_most
from kss_mm.analysis.benchmark.memory import MEBI, peak_memory, size_of
from kss_mm.analysis.benchmark.networks import clip_of, kss_i3d, training_step
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting

FEW, MANY = 157, 10_000
QUICK_FEW, QUICK_MANY = 7, 1100
CLIP = (64, 224, 224)
# The literal form keeps two matrices of positions times labels, 8 GB at 64x224x224 for the first connection alone.
LITERAL_CLIP = (16, 112, 112)


@benchmark('labels')
def many_labels(setting: Setting) -> Iterator[Line]:
    """10,000 labels: training step of KSSNet-I3D, float32"""
    few, many = setting.pick(full=(FEW, MANY), quick=(QUICK_FEW, QUICK_MANY))
    width = setting.pick(full=1., quick=.125)
    clip = clip_of(setting, CLIP)
    networks = {labels: kss_i3d(labels, width=width).to(setting.device) for labels in (few, many)}
    steps = {str(labels): training_step(network, clip, labels) for labels, network in networks.items()}
    times = setting.interleave(steps, rounds=4)
    yield Line(f'{many} : {few} labels, time', times.figure(str(many), str(few)), times.ratio(str(many), str(few)),
               at_most(1.3))
    peaks = {labels: _peak(networks[labels], steps[str(labels)], setting) for labels in (few, many)}
    own = {labels: size_of([*network.parameters(), *network.buffers()]) for labels, network in networks.items()}
    growth = (peaks[many] - peaks[few]) / (peaks[few] + own[few])
    yield Line(f'{many} : {few} labels, peak memory',
               ' : '.join(f'{(peaks[labels] + own[labels]) / MEBI:.0f} MiB' for labels in (many, few)),
               Ratio.exact(1 + growth), at_most(1.1),
               f'without the {(own[many] - own[few]) / MEBI:.0f} MiB by which parameters and graph are larger; their '
               'gradients count')
    del networks, steps
    gc.collect()
    clip = clip_of(setting, LITERAL_CLIP)
    sides = {side: training_step(kss_i3d(many, width=width, literal=side == 'literal').to(setting.device), clip, many)
             for side in ('ours', 'literal')}
    times = setting.interleave(sides, rounds=3)
    size = 'x'.join(map(str, clip.shape[2:]))
    yield Line(f'{many} labels at {size}, literal : ours, time', times.figure('literal', 'ours'),
               times.ratio('literal', 'ours'))
    literal, ours = (peak_memory(sides[side], setting.device) for side in ('literal', 'ours'))
    yield Line(f'{many} labels at {size}, literal : ours, peak memory',
               f'{literal / MEBI:.0f} MiB : {ours / MEBI:.0f} MiB', Ratio.exact(literal / ours),
               note='beyond parameters and graph')


def _peak(network: nn.Module, step: Callable[[], Tensor], setting: Setting) -> int:
    network.zero_grad()
    return peak_memory(step, setting.device)
