"""The label pathway of the paper's Figure 2: what the GCN makes of the labels, and who gets it.

:mod:`~kss_mm.models.kssnet` draws it. It is the same for the networks of both hosts.
"""

from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.graph_labels import graph_labels
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.models.laterals.lateral import Laterals, laterals_of
from kss_mm.models.necks.fixed_label_embedding import FixedLabelEmbedding
from kss_mm.models.necks.label_gcn import LabelGCN

Neck = LabelGCN | FixedLabelEmbedding


def encode_labels(neck: Neck | None, backbone: nn.Module, classifier: LabelClassifier | None = None) -> Tensor | None:
    """Encode the labels, feed E1 ... E(L-1) to the backbone's lateral connections, and return EL for the head.

    Where there are fewer connections than layers, the deepest layers before the last feed them; a backbone without
    any takes none. A network in deployed form has no neck: its labels are encoded already.

    Shapes:
        - **output:** label embedding :math:`(K, C_L)`; None without a GCN

    Args:
        classifier: The one that is going to be given the result, and may prepare for it.
    """
    if neck is None:
        return None
    *hidden, label_embedding = neck()  # (K, C_l) each
    laterals = laterals_of(backbone)
    if laterals is not None:
        laterals.feed(hidden[len(hidden) - len(laterals):])
    if classifier is not None and label_embedding is not None:
        classifier.prepare(label_embedding)
    return label_embedding


def set_widths(neck: Neck, laterals: Laterals | None, head: nn.Module) -> None:
    """Give a neck without widths those of the taps, and a GCN's last layer that of the pooled features."""
    _check_kinds(neck, head)
    if neck.channels is None:
        taps = tuple(lateral.channels for lateral in laterals or ())
        neck.set_channels((*taps, head.in_channels) if isinstance(neck, LabelGCN) else taps)


def check_pathway(neck: Neck, laterals: Laterals | None, head: nn.Module) -> None:
    """Check that label graph, widths, lateral connections and head belong together.

    Raises:
        InputError: For two that do not, naming both.
    """
    _check_kinds(neck, head)
    for part, number, wanted in [("the head's", head.num_classes, neck.num_classes),
                                 *(("the backbone's", lateral.num_classes, neck.seen) for lateral in laterals or ())]:
        if number != wanted:
            unseen = f', {neck.num_classes - wanted} of them unseen' if wanted < neck.num_classes else ''
            raise InputError(f'the label graph has {neck.num_classes} labels{unseen}, {part} num_classes is {number}: '
                             'both must be the classes of the same dataset')
    name, channels = type(neck).__name__, neck.channels
    for_head = isinstance(neck, LabelGCN)  # whether its last layer is the head's
    if for_head and channels[-1] != head.in_channels:
        raise InputError(f"the last layer of {name} has {channels[-1]} channels, the head's in_channels is "
                         f'{head.in_channels}: both must be those of the pooled features')
    if for_head and not head.classifier.takes_embedding:
        raise InputError(f"the head's queries are {head.classifier.kind!r} and take no label embedding, so the last "
                         f"layer of {name} would not be trained: set queries='graph' there, or neck to a "
                         'kss_mm.FixedLabelEmbedding')
    if not for_head and not head.classifier.classifies_alone:
        raise InputError(f"{name} has no embedding for the head, which must classify alone: set residual_fc=True "
                         "there, or other queries than 'graph'")
    graph_labels(nn.ModuleDict({'neck': neck, 'head': head}))  # which refuses another order
    taps = tuple(lateral.channels for lateral in laterals or ())
    hidden = channels[:-1] if for_head else channels
    if taps and hidden[-len(taps):] != taps:
        raise InputError(f'{name} has channels={channels}, the taps of the backbone have {taps}: every layer'
                         f'{" but the last" if for_head else ""} must have the channels of its tap')


def _check_kinds(neck: nn.Module | None, head: nn.Module) -> None:
    if not isinstance(neck, Neck):
        raise InputError(f'neck must be a kss_mm.LabelGCN or kss_mm.FixedLabelEmbedding, got {type(neck).__name__}')
    if not isinstance(getattr(head, 'classifier', None), LabelClassifier):
        raise InputError(f'the head must be a kss_mm.KSSHead or LabelQueryHead (videos), a kss_mm.KSSClsHead or '
                         f'LabelQueryClsHead (images), got {type(head).__name__}, to which label embeddings mean '
                         'nothing')
