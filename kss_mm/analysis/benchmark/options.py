"""The gain of a config's options: channels_last, bfloat16, torch.compile."""

from collections.abc import Callable, Iterator, Mapping

import torch

from kss_mm.analysis.benchmark.line import Line
from kss_mm.analysis.benchmark.networks import clip_of, inference, kss_i3d, training_step
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting

LABELS = 157
CLIP = (32, 112, 112)


@benchmark('options')
def options(setting: Setting) -> Iterator[Line]:
    """KSSNet-I3D with one option against float32 without any, clips of 32x112x112, K=157"""
    width = setting.pick(full=1., quick=.125)
    clip = clip_of(setting, CLIP)
    state = kss_i3d(LABELS, width=width).state_dict()

    def network(channels_last: bool = False):
        built = kss_i3d(LABELS, width=width, channels_last=channels_last)
        built.load_state_dict(state)
        return built.to(setting.device)

    backend = setting.pick(full='inductor', quick='aot_eager')
    networks = {'none': network(), 'channels_last': network(True), 'bfloat16': network(),
                'channels_last + bfloat16': network(True),
                'torch.compile': torch.compile(network(), backend=backend, dynamic=False)}
    # Compiling falls into the warm-up; compiled once, as it takes minutes on two cores.
    steps = {name: training_step(net, clip, LABELS, amp='bfloat16' in name) for name, net in networks.items()}
    yield from _lines('training step', steps, len(clip), setting)
    del networks['torch.compile']
    runs = {name: inference(net, clip, amp='bfloat16' in name) for name, net in networks.items()}
    yield from _lines('inference', runs, len(clip), setting)


def _lines(work: str, functions: Mapping[str, Callable], batch: int, setting: Setting) -> Iterator[Line]:
    times = setting.interleave(functions)
    for name in functions:
        if name != 'none':
            yield Line(f'{work}, none : {name}', times.figure('none', name), times.ratio('none', name),
                       note=times.rates('none', name, batch))
