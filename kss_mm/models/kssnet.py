"""KSSNet for videos: the whole of the paper's Figure 2, as a recogniser of MMAction2."""

from mmaction.models.recognizers import Recognizer3D
from torch import Tensor

from kss_mm.models.check_parts import check_parts
from kss_mm.models.encode_labels import encode_labels
from kss_mm.models.lc_backbone import laterals_of
from kss_mm.registry import MODELS


@MODELS.register_module()
class KSSNet(Recognizer3D):
    r"""Label graph superimposing: a GCN over the labels, injected into a video backbone and its classifier.

    The neck (:class:`LabelGCN`) encodes the labels as E1 ... EL; E1 ... E(L-1) go to the backbone's lateral
    connections, EL to the head, which compares it with the pooled features. A backbone without lateral connections
    gives ML-GCN (Chen et al., CVPR 2019).

    Shapes:
        - **input:** clips :math:`(B, clips, C, T, H, W)`
        - **output:** features :math:`(B \cdot clips, C, T', H', W')`; logits :math:`(B \cdot clips, K)` at
          ``stage='head'``

    Raises:
        InputError: if the label graph, the lateral connections and the head do not fit each other.
    """

    def __init__(self, backbone: dict, cls_head: dict, neck: dict, **kwargs):
        super().__init__(backbone=backbone, cls_head=cls_head, neck=neck, **kwargs)
        check_parts(self.neck, laterals_of(self.backbone), self.cls_head)

    @property
    def with_neck(self) -> bool:
        # The host would call the neck on the backbone's features, once per view. Ours encodes labels, not features.
        return False

    def extract_feat(self, inputs: Tensor, stage: str = 'neck', data_samples: list | None = None,
                     test_mode: bool = False) -> tuple[Tensor, dict]:
        label_embedding = encode_labels(self.neck, self.backbone)  # (K, C)
        feats, kwargs = super().extract_feat(inputs, 'backbone', data_samples, test_mode)  # (B clips, C, T', H', W')
        kwargs['label_embedding'] = label_embedding
        if stage == 'head':
            feats = self.cls_head(feats, **kwargs)  # (B clips, K)
        return feats, kwargs
