"""Label graph, GCN, lateral connections and head must belong together; the same for both hosts."""

from kss_mm.errors import InputError
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.models.laterals.lc_backbone import Laterals
from kss_mm.models.necks.fixed_label_embedding import FixedLabelEmbedding
from kss_mm.models.necks.label_gcn import LabelGCN


def fit_parts(neck: LabelGCN | FixedLabelEmbedding, laterals: Laterals | None, head) -> None:
    """Give the neck its widths where it has none yet, and raise an InputError that names both sides of a misfit."""
    if not isinstance(neck, LabelGCN | FixedLabelEmbedding):
        raise InputError(f'neck must be a kss_mm.LabelGCN or kss_mm.FixedLabelEmbedding, got {type(neck).__name__}')
    if not isinstance(getattr(head, 'classifier', None), LabelClassifier):
        raise InputError(f'the head must be a kss_mm.KSSHead (videos) or kss_mm.KSSClsHead (images), got '
                         f'{type(head).__name__}, to which label embeddings mean nothing')
    taps = tuple(lateral.channels for lateral in laterals or ())
    for_head = isinstance(neck, LabelGCN)  # whether its last layer is the head's
    if neck.channels is None:
        neck.set_channels((*taps, head.in_channels) if for_head else taps)
    name, channels = type(neck).__name__, neck.channels
    for part, number in [("the head's", head.num_classes), *(("the backbone's", lateral.num_classes)
                                                             for lateral in laterals or ())]:
        if number != neck.num_classes:
            raise InputError(f'the label graph has {neck.num_classes} labels, {part} num_classes is {number}: both '
                             'must be the classes of the same dataset')
    if for_head and channels[-1] != head.in_channels:
        raise InputError(f"the last layer of {name} has {channels[-1]} channels, the head's in_channels is "
                         f'{head.in_channels}: both must be those of the pooled features')
    if not for_head and head.classifier.fc is None:
        raise InputError(f'{name} has no embedding for the head, which must classify alone: set residual_fc=True there')
    hidden = channels[:-1] if for_head else channels
    if taps and hidden[-len(taps):] != taps:
        raise InputError(f'{name} has channels={channels}, the taps of the backbone have {taps}: every layer'
                         f'{" but the last" if for_head else ""} must have the channels of its tap')
