"""The deployed form against the trained one, and against the plain backbone in the same form."""

from collections.abc import Callable, Iterator

import torch
from mmengine.registry import MODELS, init_default_scope

from kss_mm.analysis.benchmark.line import Line, at_least, at_most
from kss_mm.analysis.benchmark.networks import ETA, TAU, random_graph
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting, Times
from kss_mm.hosts import is_usable
from kss_mm.models.deploy import switch_to_deploy
from kss_mm.models.deploy.pixels_to_logits import PixelsToLogits

VIDEO_LABELS, IMAGE_LABELS = 157, 80
ROUNDS = 12  # targets are a few percent apart from 1
GRAPH = dict(lam=None, tau=TAU, eta=ETA)
_LAYOUTS = 'the deployed form keeps its features channels_last, the trained one as torch does by default'


@benchmark('deploy')
def deployed_form(setting: Setting) -> Iterator[Line]:
    """The deployed form, clips of 64x224x224 (K=157) and images of 448x448 (K=80), inference"""
    if is_usable('mmaction2'):
        yield from _videos(setting)
    if is_usable('mmpretrain'):
        yield from _images(setting)


def _videos(setting: Setting) -> Iterator[Line]:
    shape = setting.pick(full=(3, 64, 224, 224), quick=(3, 4, 32, 32))
    width = setting.pick(full=1., quick=.125)
    kssnet, plain = _kssnet_i3d(width), _plain_i3d(width)
    trained = _network(kssnet, 'mmaction', setting)
    deployed = {dtype: _deployed(kssnet, 'mmaction', setting, dtype) for dtype in ('float32', 'bfloat16')}
    for dtype, target in (('float32', at_most(1.08)), ('bfloat16', None)):
        times = _times(setting, shape, deployed=deployed[dtype], plain=_deployed(plain, 'mmaction', setting, dtype))
        yield Line(f'KSSNet-I3D / plain Inception-I3D, both deployed, {dtype}', times.figure('deployed', 'plain'),
                   times.ratio('deployed', 'plain'), target)
    times = _times(setting, shape, trained=trained, **deployed)
    for dtype, target in (('float32', at_least(1.5)), ('bfloat16', at_least(4.))):
        yield Line(f'KSSNet-I3D, trained float32 / deployed {dtype}', times.figure('trained', dtype),
                   times.ratio('trained', dtype), target, _LAYOUTS)


def _images(setting: Setting) -> Iterator[Line]:
    shape = setting.pick(full=(3, 448, 448), quick=(3, 64, 64))
    depth = setting.pick(full=101, quick=50)
    kssnet, plain = _kssnet_resnet(depth), _deployed(_plain_resnet(depth), 'mmpretrain', setting)
    trained = _network(kssnet, 'mmpretrain', setting)
    deployed = {dtype: _deployed(kssnet, 'mmpretrain', setting, dtype) for dtype in ('float32', 'bfloat16')}
    times = _times(setting, shape, deployed=deployed['float32'], plain=plain)
    weights = ' : '.join(f'{sum(parameter.numel() for parameter in network.model.backbone.parameters()):,}'
                         for network in (deployed['float32'], plain))
    yield Line(f'KSSNet-ResNet{depth} / plain ResNet{depth}, both deployed, float32', times.figure('deployed', 'plain'),
               times.ratio('deployed', 'plain'), at_most(1.01), f'parameters of the backbones: {weights}')
    times = _times(setting, shape, trained=trained, **deployed)
    for dtype in deployed:
        yield Line(f'KSSNet-ResNet{depth}, trained float32 / deployed {dtype}', times.figure('trained', dtype),
                   times.ratio('trained', dtype), note=_LAYOUTS)


def deployed_networks(setting: Setting) -> Iterator[tuple[str, PixelsToLogits]]:
    """The deployed networks of both hosts, as far as they are here."""
    if is_usable('mmaction2'):
        yield 'KSSNet-I3D', _deployed(_kssnet_i3d(setting.pick(full=1., quick=.125)), 'mmaction', setting)
    if is_usable('mmpretrain'):
        yield 'KSSNet-ResNet', _deployed(_kssnet_resnet(setting.pick(full=101, quick=50)), 'mmpretrain', setting)


def _times(setting: Setting, shape: tuple[int, ...], **networks: PixelsToLogits) -> Times:
    """Only sides that are compared take turns: a network is slower after one that leaves other things in the caches."""
    def call(network: PixelsToLogits) -> Callable[[], None]:
        x = network.random_pixels(shape, setting.batch).to(setting.device)
        return lambda: _run(network, x)

    return setting.interleave({side: call(network) for side, network in networks.items()}, rounds=ROUNDS)


def _kssnet_i3d(width: float) -> dict:
    return dict(
        type='kss_mm.KSSNet',
        backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=VIDEO_LABELS, width=width, zero_init=False),
        neck=dict(type='kss_mm.LabelGCN', graph=random_graph(VIDEO_LABELS), **GRAPH),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=VIDEO_LABELS, in_channels=round(1024 * width)),
        data_preprocessor=dict(type='mmaction.ActionDataPreprocessor', format_shape='NCTHW'))


def _plain_i3d(width: float) -> dict:
    return {**_without_graph(_kssnet_i3d(width), 'cls_head'), 'type': 'mmaction.Recognizer3D',
            'backbone': dict(type='kss_mm.InceptionI3d', width=width)}


def _kssnet_resnet(depth: int) -> dict:
    return dict(
        type='kss_mm.KSSNetClassifier',
        backbone=dict(type='kss_mm.LCResNet', depth=depth, num_classes=IMAGE_LABELS, zero_init=False),
        neck=dict(type='kss_mm.LabelGCN', graph=random_graph(IMAGE_LABELS), **GRAPH),
        head=dict(type='kss_mm.KSSClsHead', num_classes=IMAGE_LABELS, in_channels=2048))


def _plain_resnet(depth: int) -> dict:
    return {**_without_graph(_kssnet_resnet(depth), 'head'), 'type': 'mmpretrain.ImageClassifier',
            'backbone': dict(type='mmpretrain.ResNet', depth=depth),
            'data_preprocessor': dict(type='mmpretrain.ClsDataPreprocessor')}


def _without_graph(config: dict, head: str) -> dict:
    rest = {key: value for key, value in config.items() if key != 'neck'}
    return {**rest, head: dict(config[head], residual_fc=True)}


def _network(config: dict, scope: str, setting: Setting) -> PixelsToLogits:
    init_default_scope(scope)
    return PixelsToLogits(MODELS.build(config)).to(setting.device)


def _deployed(config: dict, scope: str, setting: Setting, dtype: str = 'float32') -> PixelsToLogits:
    network = _network(config, scope, setting)
    switch_to_deploy(network.model, dtype=dtype)
    return network


@torch.inference_mode()
def _run(network: PixelsToLogits, x: torch.Tensor) -> None:
    network(x)
