"""One pass of the GCN pathway, the same for the networks of both hosts."""

from torch import Tensor, nn

from kss_mm.models.laterals.lc_backbone import laterals_of
from kss_mm.models.many_labels import Squashed, squashed
from kss_mm.models.necks.fixed_label_embedding import FixedLabelEmbedding
from kss_mm.models.necks.label_gcn import LabelGCN


def encode_labels(neck: LabelGCN | FixedLabelEmbedding | None, backbone: nn.Module) -> Tensor | Squashed | None:
    """Encode the labels, feed E1 ... E(L-1) to the backbone's lateral connections, and return EL for the head.

    Where there are fewer connections than layers, the deepest layers before the last feed them; a backbone without
    any takes none. A network in deployed form has no neck: its labels are encoded already.

    Shapes:
        - **output:** label embedding :math:`(K, C_L)`, see :func:`squashed`; None without a GCN
    """
    if neck is None:
        return None
    *hidden, label_embedding = neck()  # (K, C_l) each
    laterals = laterals_of(backbone)
    if laterals is not None:
        laterals.feed(hidden[len(hidden) - len(laterals):])
    return squashed(label_embedding)
