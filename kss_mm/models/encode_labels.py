"""One pass of the GCN pathway, the same for the networks of both hosts."""

from torch import Tensor, nn

from kss_mm.models.label_gcn import LabelGCN
from kss_mm.models.lc_backbone import laterals_of


def encode_labels(label_gcn: LabelGCN, backbone: nn.Module) -> Tensor:
    """Encode the labels, feed E1 ... E(L-1) to the backbone's lateral connections, and return EL for the head.

    Where there are fewer connections than layers, the deepest layers before the last feed them; a backbone without
    any takes none.

    Shapes:
        - **output:** label embedding :math:`(K, C_L)`
    """
    *hidden, label_embedding = label_gcn()  # (K, C_l) each
    laterals = laterals_of(backbone)
    if laterals is not None:
        laterals.feed(hidden[len(hidden) - len(laterals):])
    return label_embedding
