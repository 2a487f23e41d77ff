"""Label queries for thousands of labels: what ML-Decoder's groups cost in time and memory."""

from collections.abc import Iterator

import torch

from kss_mm.analysis.benchmark.labels import CLIP, MANY, QUICK_MANY
from kss_mm.analysis.benchmark.line import Line, Ratio, at_least, at_most
from kss_mm.analysis.benchmark.memory import MEBI, peak_memory, size_of
from kss_mm.analysis.benchmark.networks import I3D_WIDTHS, Network, clip_of, training_step
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting, Times
from kss_mm.models import InceptionI3d, LabelClassifier, LabelQueryClassifier

GROUPS, QUICK_GROUPS = 100, 10  # the released ML-Decoder's
FEATURE = (8, 7, 7)  # of Inception-I3D for a clip of 64x224x224
QUICK_FEATURE = (2, 3, 3)
GROUPED, FC, EACH = 'groups', 'fully connected', 'one query a label'


@benchmark('queries')
def label_queries(setting: Setting) -> Iterator[Line]:
    """10,000 labels: training step with label queries, float32"""
    labels, groups = setting.pick(full=(MANY, GROUPS), quick=(QUICK_MANY, QUICK_GROUPS))
    width = setting.pick(full=1., quick=.125)
    channels = round(I3D_WIDTHS[-1] * width)
    heads = {
        GROUPED: LabelQueryClassifier(channels, labels, groups=groups),
        FC: LabelClassifier(channels, labels, residual_fc=True),
        EACH: LabelQueryClassifier(channels, labels)}
    feature = torch.randn(setting.batch, channels, *setting.pick(full=FEATURE, quick=QUICK_FEATURE),
                          device=setting.device, requires_grad=True)
    steps = {name: training_step(head.to(setting.device), feature, labels) for name, head in heads.items()}
    times = setting.interleave(steps, rounds=5)
    yield from _lines('head alone', EACH, GROUPED, times, _memory(heads, steps, setting), (at_least(3), at_least(3)))
    clip = clip_of(setting, CLIP)
    networks = {name: Network(InceptionI3d(width=width).to(setting.device), heads[name]) for name in (GROUPED, FC)}
    steps = {name: training_step(network, clip, labels) for name, network in networks.items()}
    times = setting.interleave(steps, rounds=4)
    yield from _lines('I3D', GROUPED, FC, times, _memory(networks, steps, setting), (at_most(1.2), at_most(1.1)))


def _memory(networks: dict, steps: dict, setting: Setting) -> dict[str, int]:
    """Bytes of each network's parameters and of all that a step needs beside them, gradients included."""
    found = {}
    for name, network in networks.items():
        network.zero_grad()
        found[name] = peak_memory(steps[name], setting.device) + size_of([*network.parameters(), *network.buffers()])
    return found


def _lines(what: str, side: str, other: str, times: Times, memory: dict[str, int], targets: tuple) -> Iterator[Line]:
    yield Line(f'{what}, {side} : {other}, time', times.figure(side, other), times.ratio(side, other), targets[0])
    yield Line(f'{what}, {side} : {other}, peak memory',
               f'{memory[side] / MEBI:.0f} MiB : {memory[other] / MEBI:.0f} MiB',
               Ratio.exact(memory[side] / memory[other]), targets[1], 'with parameters and their gradients')
