"""One pass of the GCN pathway, the same for the networks of both hosts."""

from torch import Tensor, nn

from kss_mm.models.fixed_label_embedding import FixedLabelEmbedding
from kss_mm.models.label_gcn import LabelGCN
from kss_mm.models.lc_backbone import laterals_of


def encode_labels(neck: LabelGCN | FixedLabelEmbedding, backbone: nn.Module) -> Tensor | None:
    """Encode the labels, feed E1 ... E(L-1) to the backbone's lateral connections, and return EL for the head.

    Where there are fewer connections than layers, the deepest layers before the last feed them; a backbone without
    any takes none.

    Shapes:
        - **output:** label embedding :math:`(K, C_L)`; None without a GCN
    """
    *hidden, label_embedding = neck()  # (K, C_l) each
    laterals = laterals_of(backbone)
    if laterals is not None:
        laterals.feed(hidden[len(hidden) - len(laterals):])
    return label_embedding
