"""The head of video recognisers: MMAction2's frame around :class:`LabelClassifier`."""

from collections.abc import Sequence

from mmaction.models.heads import BaseHead
from torch import Tensor

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.heads.average_clips import average_logits
from kss_mm.models.heads.ground_truth import Truth, TruthCheck, check_known, from_indices, from_numbers, refusal
from kss_mm.models.heads.label_classifier import THRESHOLD, LabelClassifier
from kss_mm.models.unknown_labels import loss_of_known
from kss_mm.registry import MODELS

_REMEDY = ': set multi_class=True and num_classes={} in the dataset, and look at its annotation file'


@MODELS.register_module()
class KSSHead(BaseHead):
    r"""Multi-label head for MMAction2's recognisers.

    MMAction2's own head averages clips by softmax, predicts the single best class and squeezes a batch of one label
    row. Here ``pred_score`` holds K independent probabilities (sigmoid), ``pred_logit`` their log-odds, which keep
    their order where probabilities round to 1, and ``pred_label`` the indices of all labels that reach the threshold,
    possibly none. ``pool``, ``dropout``, ``residual_fc``, ``logit_scale``, ``prior``, ``tanh``, ``hold_out`` and
    ``threshold`` are those of :class:`LabelClassifier`.

    Shapes:
        - **input:** features :math:`(B \cdot clips, C, T, H, W)` or a tuple of such (SlowFast: slow, then fast), label
          embedding :math:`(K, C)` (KSSNet gives it)
        - **output:** logits :math:`(B \cdot clips, K)`

    Args:
        loss_cls: Binary cross-entropy with logits by default, mean over labels and samples. Unknown labels, -1 in
            ``gt_label``, are left out.
        average_clips: 'prob' averages the clips' probabilities, 'score' their logits; 'max' takes every label's
            highest clip, as Charades recipes do at test, where an action fills a few seconds of a video.
    """

    def __init__(self, num_classes: int, in_channels: int, *, loss_cls: dict | None = None,
                 threshold: float = THRESHOLD, average_clips: str = 'prob', pool: str = 'avg', dropout: float = 0.5,
                 residual_fc: bool = False, logit_scale: float | str = 1.,
                 prior: PathLike | LabelGraph | Sequence[float] | None = None, tanh: bool = True,
                 hold_out: float = 0., init_cfg: dict | None = None):
        if average_clips not in ('prob', 'score', 'max'):
            raise InputError(f"average_clips must be 'prob', 'score' or 'max', got {shown(average_clips)}")
        super().__init__(num_classes, in_channels, loss_cls or dict(type='mmaction.BCELossWithLogits'),
                         multi_class=True, average_clips=average_clips, init_cfg=init_cfg)
        self.classifier = LabelClassifier(in_channels, num_classes, pool=pool, dropout=dropout,
                                          residual_fc=residual_fc, logit_scale=logit_scale, prior=prior, tanh=tanh,
                                          hold_out=hold_out, threshold=threshold)
        self.check_truth = TruthCheck(self)

    def forward(self, x: Tensor | tuple[Tensor, ...], label_embedding: Tensor | None = None, **kwargs) -> Tensor:
        # The host passes `fcn_test` and `loss_aux` along, which are not for a pooling head.
        return self.classifier(x, label_embedding)

    def loss_by_feat(self, cls_scores: Tensor, data_samples: list) -> dict[str, Tensor]:
        labels = [sample.gt_label for sample in data_samples]
        targets, valid = self._truth(labels)  # (B, K), (B,)
        self.check_truth(valid, lambda number: self._refusal(data_samples[number], labels[number], number))
        check_known(self.check_truth, targets, self.loss_cls)
        targets = targets.to(cls_scores).repeat_interleave(len(cls_scores) // len(targets), dim=0)  # (B clips, K)
        loss = loss_of_known(self.loss_cls, cls_scores, targets)
        return loss if isinstance(loss, dict) else {'loss_cls': loss}

    def _truth(self, labels: list[Tensor]) -> Truth:
        """Truth of the host's labels: K numbers each, or the index of the one label of a single-label set."""
        if all(label.shape == (self.num_classes,) for label in labels):
            return from_numbers(labels)
        for label in labels:
            if label.is_floating_point() or label.shape != (1,):
                raise InputError(f'a ground-truth label has shape {tuple(label.shape)} and is neither '
                                 f'({self.num_classes},) zeros and ones nor an index below {self.num_classes}'
                                 + _REMEDY.format(self.num_classes))
        return from_indices(labels, self.num_classes)

    def _refusal(self, sample, label: Tensor, number: int) -> str:
        numbers = label.shape == (self.num_classes,)  # of whatever type
        return refusal(sample, label.float() if numbers else label, number, self.num_classes,
                       _REMEDY.format(self.num_classes))

    def predict_by_feat(self, cls_scores: Tensor, data_samples: list) -> list:
        self.check_truth.finish()
        clips = len(cls_scores) // len(data_samples)
        logits = average_logits(cls_scores.float().unflatten(0, (-1, clips)), self.average_clips)  # (B, K)
        scores = self.average_clip(cls_scores, clips)  # (B, K)
        for sample, score, logit, labels in zip(data_samples, scores, logits, self.classifier.predicted(logits)):
            sample.set_pred_score(score)
            sample.set_field(logit, 'pred_logit')
            sample.set_pred_label(labels)
        return data_samples

    def average_clip(self, cls_scores: Tensor, num_segs: int = 1) -> Tensor:
        """Probabilities of each sample, (B clips, K) logits -> (B, K)."""
        logits = cls_scores.float().unflatten(0, (-1, num_segs))  # (B, clips, K)
        if self.average_clips == 'score':
            return logits.mean(1).sigmoid()
        if self.average_clips == 'max':
            return logits.amax(1).sigmoid()
        return logits.sigmoid().mean(1)
