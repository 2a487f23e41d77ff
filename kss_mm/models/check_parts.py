"""Whether label graph, GCN, lateral connections and head belong together; the same question for both hosts."""

from kss_mm.errors import InputError
from kss_mm.models.label_gcn import LabelGCN
from kss_mm.models.lc_backbone import Laterals


def check_parts(label_gcn: LabelGCN, laterals: Laterals | None, head) -> None:
    """Raise an InputError that names both sides of the first misfit."""
    labels = label_gcn.num_classes
    if head.num_classes != labels:
        raise InputError(f'the label graph has {labels} labels, cls_head.num_classes is {head.num_classes}: both must '
                         'be the classes of the same dataset')
    if label_gcn.channels[-1] != head.in_channels:
        raise InputError(f'the last layer of LabelGCN has {label_gcn.channels[-1]} channels, cls_head.in_channels is '
                         f'{head.in_channels}: both must be those of the pooled features')
    hidden = label_gcn.channels[:-1]
    for index, lateral in enumerate(laterals or (), start=len(hidden) - len(laterals or ())):
        if lateral.num_classes != labels:
            raise InputError(f'the label graph has {labels} labels, backbone.num_classes is {lateral.num_classes}: '
                             'both must be the classes of the same dataset')
        if index < 0 or lateral.channels != hidden[index]:
            taps = tuple(lateral.channels for lateral in laterals)
            raise InputError(f'LabelGCN has channels={label_gcn.channels}, the taps of the backbone have {taps}: every '
                             'layer but the last must have the channels of its tap')
