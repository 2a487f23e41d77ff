"""Numbers that the config of a model leaves out: labels are counted in the label graph, channels in the backbone."""

import copy
import os
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph
from kss_mm.models.laterals.lateral import laterals_of
from kss_mm.models.laterals.lc_backbone import with_scope
from kss_mm.models.laterals.taps import layout_of, shapes_to_try
from kss_mm.registry import MODELS

_VIDEO_HEADS = ('KSSHead', 'LabelQueryHead')
_IMAGE_HEADS = ('KSSClsHead', 'LabelQueryClsHead')
_WITH_LATERALS = ('LCBackbone', 'LCInceptionI3d', 'LCResNet', 'LCResNetV1d', 'LCResNeXt', 'LCSEResNet')
# Characters of another's error message that ours repeats.
_QUOTED = 150


def infer_sizes(backbone: Mapping | nn.Module, neck: Mapping | None,
                head: Mapping | None) -> tuple[Mapping | nn.Module, Mapping | None]:
    """The configs of a backbone and a head of ours, with ``num_classes`` and ``in_channels`` where they lack them.

    What is there stays, right or wrong; parts that are not ours or are built already stay, too. The number of labels
    is that of the neck's label graph, of the head's ``prior`` or ``graph``, or what the other part says; the channels
    are found by a forward pass of a small input, as those of the taps.

    Raises:
        InputError: Where nothing says a number.
    """
    if not _is_of(head, (*_VIDEO_HEADS, *_IMAGE_HEADS)):
        return backbone, head
    lateral = _part_with_laterals(backbone)
    lacking = [part for part in (head, lateral) if part is not None and part.get('num_classes') is None]
    if lacking:
        number = _number_of_labels(neck, head, lateral)
        backbone, head = copy.deepcopy(backbone), copy.copy(head)
        unseen = neck.get('unseen', 0) if isinstance(neck, Mapping) else 0  # have no lateral connections
        for part, count in ((head, number), (_part_with_laterals(backbone), number - unseen)):
            if part is not None and part.get('num_classes') is None:
                part['num_classes'] = count
    if head.get('in_channels') is None:
        head = copy.copy(head)
        head['in_channels'] = _pooled_channels(backbone, last_only=_is_of(head, _IMAGE_HEADS))
    return backbone, head


def _is_of(part: object, names: Sequence[str]) -> bool:
    kind = part.get('type') if isinstance(part, Mapping) else None
    name = kind if isinstance(kind, str) else getattr(kind, '__name__', '')
    scope, _, name = name.rpartition('.')
    return name in names and scope in ('', MODELS.scope)


def _part_with_laterals(backbone: object) -> Mapping | None:
    """The config within a backbone's that says how many labels its lateral connections have."""
    while isinstance(backbone, Mapping):
        if _is_of(backbone, _WITH_LATERALS):
            return backbone
        backbone = backbone.get('backbone')
    return None


def _number_of_labels(neck: Mapping | None, head: Mapping, lateral: Mapping | None) -> int:
    named = [neck.get('graph') if isinstance(neck, Mapping) else getattr(neck, 'classes', None), head.get('graph'),
             head.get('prior')]
    for source in named:
        if source is not None:
            return _labels_in(source)
    number = next((part['num_classes'] for part in (head, lateral)
                   if part is not None and part.get('num_classes') is not None), None)
    if number is None:
        raise InputError('num_classes of the head is not given, and no label graph says how many labels there are: '
                         'give num_classes, or graph of the neck')
    return number


def _labels_in(source: object) -> int:
    if isinstance(source, str | os.PathLike):
        source = LabelGraph.load(source)
    if isinstance(source, Mapping):  # of a published checkpoint
        source = source['classes']
    return len(getattr(source, 'classes', source))


def _pooled_channels(backbone: Mapping | nn.Module, *, last_only: bool) -> int:
    """Channels of the features that a backbone gives to the head, whose config may name any pooling.

    Args:
        last_only: The head takes the last of several features, as MMPretrain's heads do; ours for videos takes all.
    """
    failures: dict[int, str] = {}
    with torch.random.fork_rng(devices=[]), torch.no_grad():  # the weights of the model itself are drawn as without it
        built = copy.deepcopy(backbone) if isinstance(backbone, nn.Module) else _build(backbone)
        built.eval()
        if laterals := laterals_of(built):
            laterals.feed([torch.zeros(lateral.num_classes, lateral.channels) for lateral in laterals])
        for shape in shapes_to_try(built, None):
            try:
                features = built(torch.zeros(shape))
            except Exception as error:  # whatever a backbone says to an input that it cannot take
                failures[len(shape)] = f'{shape}: {" ".join(str(error).split())[:_QUOTED] or type(error).__name__}'
                continue
            return _channels(features, last_only, type(built).__name__)
    raise InputError(f'in_channels of the head is not given and cannot be found, as no forward pass of '
                     f'{type(built).__name__} succeeds ({"; ".join(failures.values())}): give in_channels')


def _build(backbone: Mapping) -> nn.Module:
    return MODELS.build(with_scope(copy.deepcopy(dict(backbone))))


def _channels(features: Tensor | Sequence, last_only: bool, name: str) -> int:
    several = (features,) if isinstance(features, Tensor) else tuple(features)
    # Patches and class token of a transformer: heads take the token.
    several = [feature if isinstance(feature, Tensor) else feature[-1]
               for feature in (several[-1:] if last_only else several)]
    for feature in several:
        if feature.ndim > 2 and layout_of(feature.shape, square=True) == 'channels_last':
            raise InputError(f'{name} returns features of shape {tuple(feature.shape)}, channels last, which heads do '
                             'not pool: take a backbone that returns them channels first, (B, C, ...), or pooled')
    return sum(feature.shape[1] for feature in several)
