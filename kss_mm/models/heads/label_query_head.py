"""The label-query head of video recognisers."""

from collections.abc import Sequence

from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.heads.kss_head import KSSHead
from kss_mm.models.heads.label_classifier import THRESHOLD
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier
from kss_mm.registry import MODELS


@MODELS.register_module()
class LabelQueryHead(KSSHead):
    r"""Multi-label head for MMAction2's recognisers whose labels attend to the features, which are not pooled.

    Losses, predictions and averaging of clips are those of :class:`KSSHead`, the logits those of
    :class:`LabelQueryClassifier`, where the options from ``queries`` on are described. With ``queries='graph'`` it is
    the head of a :class:`KSSNet` with a :class:`LabelGCN`; with 'learned' or 'words' it works in any recogniser.

    Shapes:
        - **input:** features :math:`(B \cdot clips, C, T, H, W)`, label embedding :math:`(K, C)` for 'graph'
        - **output:** logits :math:`(B \cdot clips, K)`

    Args:
        loss_cls: See :class:`KSSHead`.
        average_clips: Likewise.
    """

    def __init__(self, num_classes: int, in_channels: int, *, loss_cls: dict | None = None,
                 average_clips: str = 'prob', init_cfg: dict | None = None, queries: str = 'learned',
                 graph: PathLike | LabelGraph | dict | None = None, groups: int | None = None, embed_dims: int = 768,
                 num_heads: int = 8, feedforward_channels: int = 2048, num_layers: int = 1,
                 self_attention: bool = False, positions: str | None = None, dropout: float = 0.1,
                 prior: PathLike | LabelGraph | Sequence[float] | None = None, hold_out: float = 0.,
                 threshold: float = THRESHOLD):
        super().__init__(num_classes, in_channels, loss_cls=loss_cls, average_clips=average_clips, init_cfg=init_cfg)
        # The one that was built there has no weights.
        self.classifier = LabelQueryClassifier(
            in_channels, num_classes, queries=queries, graph=graph, groups=groups, embed_dims=embed_dims,
            num_heads=num_heads, feedforward_channels=feedforward_channels, num_layers=num_layers,
            self_attention=self_attention, positions=positions, dropout=dropout, prior=prior, hold_out=hold_out,
            threshold=threshold)
