"""Whether label graph, GCN, lateral connections and head belong together; the same question for both hosts."""

from kss_mm.errors import InputError
from kss_mm.models.label_gcn import LabelGCN
from kss_mm.models.lc_backbone import Laterals


def check_parts(label_gcn: LabelGCN, laterals: Laterals | None, head) -> None:
    """Raise an InputError that names both sides of the first misfit."""
    if not isinstance(label_gcn, LabelGCN):
        raise InputError(f'neck must be a kss_mm.LabelGCN, got {type(label_gcn).__name__}')
    labels, channels, laterals = label_gcn.num_classes, label_gcn.channels, laterals or ()
    for part, number in [("the head's", head.num_classes), *(("the backbone's", lateral.num_classes)
                                                             for lateral in laterals)]:
        if number != labels:
            raise InputError(f'the label graph has {labels} labels, {part} num_classes is {number}: both must be the '
                             'classes of the same dataset')
    if channels[-1] != head.in_channels:
        raise InputError(f"the last layer of LabelGCN has {channels[-1]} channels, the head's in_channels is "
                         f'{head.in_channels}: both must be those of the pooled features')
    taps = tuple(lateral.channels for lateral in laterals)
    hidden = channels[:-1]
    if taps and hidden[-len(taps):] != taps:
        raise InputError(f'LabelGCN has channels={channels}, the taps of the backbone have {taps}: every layer but the '
                         'last must have the channels of its tap')
