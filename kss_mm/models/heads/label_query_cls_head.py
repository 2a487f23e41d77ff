"""The label-query head of image classifiers."""

from collections.abc import Sequence

from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.heads.kss_cls_head import KSSClsHead
from kss_mm.models.heads.label_classifier import THRESHOLD
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier
from kss_mm.registry import MODELS


@MODELS.register_module()
class LabelQueryClsHead(KSSClsHead):
    r"""Multi-label head for MMPretrain's classifiers whose labels attend to the features, which are not pooled.

    Losses and predictions are those of :class:`KSSClsHead`, the logits those of :class:`LabelQueryClassifier`, where
    the options from ``queries`` on are described. With ``queries='graph'`` it is the head of a
    :class:`KSSNetClassifier` with a :class:`LabelGCN`; with 'learned' or 'words' it works in any ImageClassifier.

    Shapes:
        - **input:** a tuple of features, of which it takes the last, :math:`(B, C, H, W)`
        - **output:** logits :math:`(B, K)`

    Args:
        loss: See :class:`KSSClsHead`.
        threshold: Likewise.
        topk: Likewise.
    """

    def __init__(self, num_classes: int, in_channels: int, *, loss: dict | None = None,
                 threshold: float | None = None, topk: int | None = None, queries: str = 'learned',
                 graph: PathLike | LabelGraph | dict | None = None, groups: int | None = None, embed_dims: int = 768,
                 num_heads: int = 8, feedforward_channels: int = 2048, num_layers: int = 1,
                 self_attention: bool = False, positions: str | None = None, dropout: float = 0.1,
                 prior: PathLike | LabelGraph | Sequence[float] | None = None, init_cfg: dict | None = None):
        super().__init__(num_classes, in_channels, loss=loss, threshold=threshold, topk=topk, init_cfg=init_cfg)
        # The one that was built there has no weights.
        self.classifier = LabelQueryClassifier(
            in_channels, num_classes, queries=queries, graph=graph, groups=groups, embed_dims=embed_dims,
            num_heads=num_heads, feedforward_channels=feedforward_channels, num_layers=num_layers, prior=prior,
            self_attention=self_attention, positions=positions, dropout=dropout,
            threshold=THRESHOLD if threshold is None else threshold)
