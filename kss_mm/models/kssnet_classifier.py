"""KSSNet for images: the whole of the paper's Figure 2, as a classifier of MMPretrain.

:mod:`~kss_mm.models.kssnet` draws the label pathway, which is the same here.
"""

from mmpretrain.models import ImageClassifier
from torch import Tensor, nn

from kss_mm.models.deploy import Deployable
from kss_mm.models.heads.kss_cls_head import LabelledFeatures
from kss_mm.models.infer_sizes import infer_sizes
from kss_mm.models.label_pathway import encode_labels
from kss_mm.registry import MODELS


@MODELS.register_module()
class KSSNetClassifier(Deployable, ImageClassifier):
    r"""Label graph superimposing (paper, Figure 2): a GCN over the labels, injected into image backbone and head.

    The neck (:class:`LabelGCN`) encodes the labels as E1 ... EL; E1 ... E(L-1) go to the backbone's lateral
    connections, EL to the head (:class:`KSSClsHead`), which compares it with the pooled features. A backbone without
    lateral connections gives ML-GCN (Chen et al., CVPR 2019), :class:`FixedLabelEmbedding` as the neck lateral
    connections without a GCN. With ``deploy`` (:class:`~kss_mm.models.deploy.Deployable`) it is built in deployed form
    and takes no neck. ``num_classes`` and ``in_channels`` may be left out, see
    :func:`~kss_mm.models.infer_sizes.infer_sizes`.

    Shapes:
        - **input:** images :math:`(B, 3, H, W)`
        - **output:** logits :math:`(B, K)`; a tuple of feature maps :math:`(B, C, H', W')` from ``extract_feat``

    Raises:
        InputError: If the label graph, the lateral connections and the head do not fit each other.
    """

    def __init__(self, backbone: dict, neck: dict | None = None, head: dict | None = None, *,
                 deploy: bool | dict = False, data_preprocessor: dict | nn.Module | None = None, **kwargs):
        if not isinstance(data_preprocessor, nn.Module):
            # The host's default has no scope, and is not found where the default scope is another host's.
            data_preprocessor = {'type': 'mmpretrain.ClsDataPreprocessor', **(data_preprocessor or {})}
        backbone, head = infer_sizes(backbone, neck, head)
        super().__init__(backbone=backbone, neck=None if deploy else neck, head=head,
                         data_preprocessor=data_preprocessor, **kwargs)
        self.fit_or_deploy(deploy)

    @property
    def with_neck(self) -> bool:
        # The host would call the neck on the backbone's features. Ours encodes labels, not features.
        return False

    def extract_feat(self, inputs: Tensor, stage: str = 'neck') -> tuple[Tensor, ...] | Tensor:
        label_embedding = encode_labels(self.neck, self.backbone, self.head.classifier)  # (K, C)
        feats = super().extract_feat(inputs, 'backbone')
        if stage == 'backbone':
            return feats
        feats = LabelledFeatures(feats if isinstance(feats, tuple | list) else (feats,))
        feats.label_embedding = label_embedding
        return self.head.pre_logits(feats) if stage == 'pre_logits' else feats
