"""Models, in the order the data flows: label embeddings, lateral connections, backbones, heads, recognisers."""

from kss_mm.hosts import is_usable
from kss_mm.models.backbones.efficientnet_lite import EfficientNetLite
from kss_mm.models.backbones.frozen_stages import FrozenBackbone
from kss_mm.models.backbones.inception_i3d import InceptionI3d, LCInceptionI3d
from kss_mm.models.backbones.inflate import Inflated2D
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier
from kss_mm.models.hill_loss import HillLoss
from kss_mm.models.label_attention import label_attention
from kss_mm.models.laterals.lateral import LateralConnection
from kss_mm.models.laterals.lc_backbone import LCBackbone, inject
from kss_mm.models.losses import AsymmetricBCELoss, WeightedBCELoss
from kss_mm.models.necks.fixed_label_embedding import FixedLabelEmbedding
from kss_mm.models.necks.label_gcn import GraphConv, LabelGCN
from kss_mm.registry import MODELS, register_absent

__all__ = ['AsymmetricBCELoss', 'EfficientNetLite', 'FixedLabelEmbedding', 'FrozenBackbone', 'GraphConv', 'HillLoss',
           'InceptionI3d', 'Inflated2D', 'LCBackbone', 'LCInceptionI3d', 'LabelClassifier', 'LabelGCN',
           'LabelQueryClassifier', 'LateralConnection', 'WeightedBCELoss', 'inject', 'label_attention']

if is_usable('mmaction2'):
    from kss_mm.models.heads.kss_head import KSSHead
    from kss_mm.models.heads.label_query_head import LabelQueryHead
    from kss_mm.models.kssnet import KSSNet, KSSNet2D

    __all__ += ['KSSHead', 'KSSNet', 'KSSNet2D', 'LabelQueryHead']
else:
    register_absent(MODELS, 'mmaction2', ('KSSHead', 'KSSNet', 'KSSNet2D', 'LabelQueryHead'))

if is_usable('mmpretrain'):
    from kss_mm.models.backbones.lc_resnet import LCResNet, LCResNetV1d, LCResNeXt, LCSEResNet
    from kss_mm.models.heads.kss_cls_head import KSSClsHead
    from kss_mm.models.heads.label_query_cls_head import LabelQueryClsHead
    from kss_mm.models.kssnet_classifier import KSSNetClassifier

    __all__ += ['KSSClsHead', 'KSSNetClassifier', 'LCResNet', 'LCResNetV1d', 'LCResNeXt', 'LCSEResNet',
                'LabelQueryClsHead']
else:
    register_absent(MODELS, 'mmpretrain', ('KSSClsHead', 'KSSNetClassifier', 'LCResNet', 'LCResNetV1d', 'LCResNeXt',
                                           'LCSEResNet', 'LabelQueryClsHead'))
