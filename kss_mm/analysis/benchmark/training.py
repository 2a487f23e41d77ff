"""A training step and inference, against the plain backbone."""

from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from kss_mm.analysis.benchmark.line import Line, Ratio, Target, at_most
from kss_mm.analysis.benchmark.memory import MEBI, peak_memory, size_of
from kss_mm.analysis.benchmark.networks import Network, clip_of, gcn_for, inference, kss_i3d, plain_i3d, training_step
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting, Times
from kss_mm.hosts import is_usable
from kss_mm.models import LabelClassifier

I3D_LABELS, RESNET_LABELS = 157, 80
ROUNDS = {'i3d': 6, 'resnet101': 12}
CLIP, IMAGE = (64, 224, 224), (448, 448)
RESNET_WIDTHS = (256, 512, 1024, 2048)


@benchmark('i3d')
def inception(setting: Setting) -> Iterator[Line]:
    """KSSNet-I3D against Inception-I3D, clips of 64x224x224, K=157"""
    width = setting.pick(full=1., quick=.125)
    networks = {'KSSNet': kss_i3d(I3D_LABELS, width=width), 'plain': plain_i3d(I3D_LABELS, width=width),
                'literal': kss_i3d(I3D_LABELS, width=width, literal=True)}
    yield from _against_plain(networks, clip_of(setting, CLIP), I3D_LABELS, setting, rounds=ROUNDS['i3d'],
                              time=1.12, memory=1.1)


@benchmark('resnet101')
def resnet(setting: Setting) -> Iterator[Line]:
    """KSSNet-ResNet101 against ResNet-101, images of 448x448, K=80"""
    if not is_usable('mmpretrain'):
        return
    from kss_mm.models.backbones.lc_resnet import LCResNet, ResNet

    depth, scale = setting.pick(full=(101, 1), quick=(18, 4))
    widths = tuple(channels // scale for channels in RESNET_WIDTHS)
    backbone = LCResNet(RESNET_LABELS, depth=depth, zero_init=False)
    networks = {
        'KSSNet': Network(backbone, LabelClassifier(widths[-1], RESNET_LABELS, pool='max', dropout=0.),
                          gcn_for(RESNET_LABELS, widths)),
        'plain': Network(ResNet(depth=depth),
                         LabelClassifier(widths[-1], RESNET_LABELS, pool='max', dropout=0., residual_fc=True))}
    yield from _against_plain(networks, clip_of(setting, IMAGE, quick=(64, 64)), RESNET_LABELS, setting,
                              rounds=ROUNDS['resnet101'], time=1.05)


def _against_plain(networks: Mapping[str, nn.Module], x: Tensor, num_classes: int, setting: Setting, *, rounds: int,
                   time: float, memory: float | None = None) -> Iterator[Line]:
    networks = {name: network.to(setting.device) for name, network in networks.items()}
    for amp in (False, True) if setting.device.type == 'cuda' else (False,):
        dtype = 'bfloat16 autocast' if amp else 'float32'
        steps = {name: training_step(network, x, num_classes, amp=amp) for name, network in networks.items()}
        times = setting.interleave(steps, rounds=rounds)
        for name in steps:
            if name != 'plain':
                target = at_most(time) if name == 'KSSNet' and not amp else None
                yield _line(f'training step, {name} : plain, {dtype}', times, name, len(x), target)
        if not amp:
            yield _memory(networks, steps, setting, at_most(memory) if memory else None)
        runs = {name: inference(network, x, amp=amp) for name, network in networks.items()}
        times = setting.interleave(runs, rounds=rounds)
        for name in runs:
            if name != 'plain':
                yield _line(f'inference, {name} : plain, {dtype}', times, name, len(x))


def _line(title: str, times: Times, name: str, batch: int, target: Target | None = None) -> Line:
    return Line(title, times.figure(name, 'plain'), times.ratio(name, 'plain'), target,
                times.rates(name, 'plain', batch))


def _memory(networks: Mapping[str, nn.Module], steps: Mapping, setting: Setting, target: Target | None) -> Line:
    peaks = {}
    for name in ('KSSNet', 'plain'):
        own = size_of([*networks[name].parameters(), *networks[name].buffers()])
        peaks[name] = own + peak_memory(steps[name], setting.device)
    figure = ' : '.join(f'{peak / MEBI:.0f} MiB' for peak in peaks.values())
    ratio = Ratio.exact(peaks['KSSNet'] / peaks['plain'])
    return Line('training step, KSSNet : plain, peak memory', figure, ratio, target,
                'parameters and buffers included')
