r"""KSSNet for videos: the whole of the paper's Figure 2, as a recogniser of MMAction2.

::

    label graph: A'_KS (K, K), E(0) (K, D)
      |
    GConv ------> GConv ------> GConv ------> GConv         LabelGCN, eq. 6
      | E1          | E2          | E3          | E4        (K, C_l) each
      v             v             v             |
     LC 1          LC 2          LC 3           |           LateralConnection, eq. 7
     ^  |          ^  |          ^  |           |
     x  y          x  y          x  y           v
     |  v          |  v          |  v        tanh(E4)
    stage ------> stage ------> stage ------> pool -------> logits (B, K)
      ^                                                     KSSHead, LabelClassifier
    clips (B, C, T, H, W)                                   InceptionI3d

One forward pass is read in eight files, in this order: this one (the recogniser), ``label_pathway.py`` (who gets which
embedding), ``necks/label_gcn.py`` (GCN and graph convolution), ``laterals/lateral.py`` (the lateral connection and its
injection), ``backbones/inception_i3d.py`` and ``backbones/same_padding.py``, ``heads/kss_head.py`` and
``heads/label_classifier.py``. What they import beside it changes time and memory, not results: ``many_labels.py``
(thousands of labels), ``evaluation_cache.py``, ``necks/sparse_adjacency.py``, ``heads/precision.py``.
``laterals/lc_backbone.py`` attaches the connections, ``deploy/`` removes them.
"""

from mmaction.models.recognizers import Recognizer2D, Recognizer3D
from torch import Tensor

from kss_mm.hosts.runs import repair_hosts
from kss_mm.models.deploy import Deployable
from kss_mm.models.infer_sizes import infer_sizes
from kss_mm.models.label_pathway import encode_labels
from kss_mm.registry import MODELS


class _WithLabelGraph(Deployable):
    """Base of both networks below, before a recogniser of MMAction2."""

    def __init__(self, backbone: dict, cls_head: dict, neck: dict | None = None, *, deploy: bool | dict = False,
                 data_preprocessor: dict | None = None, **kwargs):
        repair_hosts()
        backbone, cls_head = infer_sizes(backbone, neck, cls_head)
        # The host's default has no scope, and is not found where the default scope is another host's.
        super().__init__(backbone=backbone, cls_head=cls_head, neck=None if deploy else neck, **kwargs,
                         data_preprocessor=data_preprocessor or dict(type='mmaction.ActionDataPreprocessor'))
        self.fit_or_deploy(deploy)

    @property
    def with_neck(self) -> bool:
        # The host would call the neck on the backbone's features, once per view. Ours encodes labels, not features.
        return False

    def extract_feat(self, inputs: Tensor, stage: str = 'neck', data_samples: list | None = None,
                     test_mode: bool = False) -> tuple[Tensor | tuple[Tensor, ...], dict]:
        label_embedding = encode_labels(self.neck, self.backbone, self.cls_head.classifier)  # (K, C)
        feats, kwargs = super().extract_feat(inputs, 'backbone', data_samples, test_mode)
        if stage != 'backbone':
            feats = self.unfold_time(feats, inputs)  # (B clips, C, T', H', W')
        kwargs['label_embedding'] = label_embedding
        if stage == 'head':
            feats = self.cls_head(feats, **kwargs)  # (B clips, K)
        return feats, kwargs

    def unfold_time(self, feats: Tensor | tuple[Tensor, ...], inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return feats


@MODELS.register_module()
class KSSNet(_WithLabelGraph, Recognizer3D):
    r"""Label graph superimposing (paper, Figure 2): a GCN over the labels, injected into video backbone and head.

    The neck (:class:`LabelGCN`) encodes the labels as E1 ... EL; E1 ... E(L-1) go to the backbone's lateral
    connections, EL to the head, which compares it with the pooled features. A backbone without lateral connections
    gives ML-GCN (Chen et al., CVPR 2019), :class:`FixedLabelEmbedding` as the neck lateral connections without a GCN.
    With ``deploy`` (:class:`~kss_mm.models.deploy.Deployable`) it is built in deployed form and takes no neck.
    ``num_classes`` and ``in_channels`` may be left out, see :func:`~kss_mm.models.infer_sizes.infer_sizes`.

    Shapes:
        - **input:** clips :math:`(B, clips, C, T, H, W)`
        - **output:** features :math:`(B \cdot clips, C, T', H', W')`; logits :math:`(B \cdot clips, K)` at
          ``stage='head'``

    Raises:
        InputError: If the label graph, the lateral connections and the head do not fit each other.
    """


@MODELS.register_module()
class KSSNet2D(_WithLabelGraph, Recognizer2D):
    r""":class:`KSSNet` with a 2D backbone, to which the frames of a clip are a batch (TSN, TSM, TIN, TANet, ...).

    A backbone that mixes frames says by ``num_segments`` how many make a clip; without it all frames of a sample do.

    Shapes:
        - **input:** frames :math:`(B, clips \cdot T, C, H, W)`
        - **output:** features :math:`(B \cdot clips, C, T', H', W')`, at ``stage='backbone'`` with time still in the
          batch; logits :math:`(B \cdot clips, K)` at ``stage='head'``
    """

    def unfold_time(self, feats: Tensor | tuple[Tensor, ...], inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        if isinstance(feats, tuple | list):
            return tuple(self.unfold_time(feat, inputs) for feat in feats)
        batch, frames = inputs.shape[:2]
        clips = batch * frames // (getattr(self.backbone, 'num_segments', None) or frames)
        return feats.unflatten(0, (clips, -1)).transpose(1, 2)  # (B clips T', C, ...) -> (B clips, C, T', ...)
