"""The head of image classifiers: MMPretrain's frame around :class:`LabelClassifier`."""

from collections.abc import Sequence

from mmpretrain.models.heads import MultiLabelClsHead
from mmpretrain.structures import DataSample
from torch import Tensor

from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.heads.ground_truth import Truth, TruthCheck, check_known, from_indices, from_numbers, refusal
from kss_mm.models.heads.label_classifier import THRESHOLD, LabelClassifier
from kss_mm.models.unknown_labels import loss_of_known
from kss_mm.numeric import check_integer
from kss_mm.registry import MODELS


class LabelledFeatures(tuple):
    """Feature maps in the host's form, a tuple whose last item is the deepest, with the label embedding beside them.

    MMPretrain hands one object from network to head; this is how the embedding comes along.
    """

    label_embedding: Tensor | None = None


@MODELS.register_module()
class KSSClsHead(MultiLabelClsHead):
    r"""Multi-label head for MMPretrain's image classifiers.

    In a KSSNetClassifier it compares the pooled features with the label embedding; with ``residual_fc=True`` it also
    works alone, as a fully connected multi-label head of any ImageClassifier. The prediction is the host's:
    ``pred_score`` holds K independent probabilities (sigmoid), ``pred_label`` the indices of the predicted labels. It
    adds ``pred_logit``, the logits, which keep their order where probabilities round to 1.
    ``residual_fc``, ``logit_scale``, ``prior``, ``tanh``, ``hold_out`` and ``threshold`` are those of
    :class:`LabelClassifier`.

    Shapes:
        - **input:** a tuple of features, the last :math:`(B, C, H, W)` or pooled already :math:`(B, C)`
        - **output:** logits :math:`(B, K)`

    Args:
        loss: Any of MMPretrain's multi-label losses or ours; binary cross-entropy by default. It is the mean over
            labels and samples; MMPretrain's own heads divide by the samples only, that is ``loss_weight=K`` here.
            Unknown labels, -1 in ``gt_score``, are left out.
        topk: Predict the k highest labels, whatever their probability, where no threshold is given.
        pool: 'max' as in ML-GCN, whose procedure the paper follows on images, or 'avg'.
        dropout: The paper has it on Charades only, ML-GCN not at all.
    """

    def __init__(self, num_classes: int, in_channels: int, *, loss: dict | None = None,
                 threshold: float | None = None, topk: int | None = None, pool: str = 'max', dropout: float = 0.,
                 residual_fc: bool = False, logit_scale: float | str = 1.,
                 prior: PathLike | LabelGraph | Sequence[float] | None = None, tanh: bool = True,
                 hold_out: float = 0., init_cfg: dict | None = None):
        if topk is not None:
            check_integer('topk', topk, 1, num_classes)
        super().__init__(loss or dict(type='mmpretrain.CrossEntropyLoss', use_sigmoid=True), threshold, topk, init_cfg)
        self.num_classes = num_classes
        self.in_channels = in_channels
        self.classifier = LabelClassifier(in_channels, num_classes, pool=pool, dropout=dropout,
                                          residual_fc=residual_fc, logit_scale=logit_scale, prior=prior, tanh=tanh,
                                          hold_out=hold_out, threshold=THRESHOLD if threshold is None else threshold)
        self.check_truth = TruthCheck(self)

    def forward(self, feats: tuple[Tensor, ...]) -> Tensor:
        return self.classifier(self.pre_logits(feats), getattr(feats, 'label_embedding', None))

    def _get_loss(self, cls_score: Tensor, data_samples: list, **kwargs) -> dict[str, Tensor]:
        # Zeros and ones by the preprocessor's to_onehot, or what mixing images (Mixup, CutMix) leaves of them.
        scored = 'gt_score' in data_samples[0]
        labels = [sample.gt_score if scored else sample.gt_label for sample in data_samples]
        targets, valid = self._truth(labels, scored)  # (B, K), (B,)
        self.check_truth(valid, lambda number: refusal(data_samples[number], labels[number], number, self.num_classes))
        check_known(self.check_truth, targets, self.loss_module)
        targets = targets.to(cls_score.device)
        # The host's own method divides the sum by the batch alone.
        return {'loss': loss_of_known(self.loss_module, cls_score.float(), targets, avg_factor=targets.numel(),
                                      **kwargs)}

    def _truth(self, labels: list[Tensor], scored: bool) -> Truth:
        if not scored and not any(label.is_floating_point() for label in labels):
            return from_indices(labels, self.num_classes)
        for label in labels:
            if label.shape != (self.num_classes,):
                raise InputError(f'a ground-truth score has shape {tuple(label.shape)}, the head {self.num_classes} '
                                 'labels: both must be the classes of the same dataset')
        return from_numbers(labels)

    def _get_predictions(self, cls_score: Tensor, data_samples: list | None) -> list:
        self.check_truth.finish()
        logits = cls_score.float()
        scores = logits.sigmoid()
        if data_samples is None:
            data_samples = [DataSample() for _ in logits]
        labels = logits.topk(self.topk).indices if self.thr is None else self.classifier.predicted(logits)
        for sample, score, logit, label in zip(data_samples, scores, logits, labels):
            sample.set_pred_score(score).set_pred_label(label)
            sample.set_field(logit, 'pred_logit')
        return data_samples
