"""Multi-label figures for the evaluators of both hosts."""

import os
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from scipy.special import expit, logit

from kss_mm.errors import InputError, shown
from kss_mm.evaluation.annotation_protocol import (
    ANNOTATION_LENGTH,
    annotation_figures,
    frequency_means,
    training_counts,
)
from kss_mm.evaluation.check_scores import as_scores, matching_logits, warn_of_softmax
from kss_mm.evaluation.class_table import log_class_table
from kss_mm.evaluation.collect import Result, collect
from kss_mm.evaluation.functional import average_precision, precision_recall_f1, sample_average_precision
from kss_mm.evaluation.match_classes import unnamed_classes
from kss_mm.evaluation.score_files import save_scores, write_class_csv
from kss_mm.evaluation.zero_shot import unseen_indices, zero_shot_figures
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.graph.label_files import class_names_in
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.registry import METRICS
from kss_mm.sample_ids import name_of


@METRICS.register_module(name=['KSSMultiLabelMetric', 'MultiLabelMetrics'])  # the second is its old name, for configs
class KSSMultiLabelMetric(BaseMetric):
    """The figures that papers report on MS-COCO, by ML-GCN's protocol, each in 0..1.

    mAP is class-wise and every sample counts (:func:`~kss_mm.evaluation.average_precision`); a class without
    positives is left out, and the log says how many. CP CR CF1 OP OR OF1, and the same ``@3`` for the three highest
    of each sample, see :func:`~kss_mm.evaluation.precision_recall_f1`; CF1 is not MMPretrain's macro F1.
    ``sample_mAP`` is the meter of the released KSSNet code, which ranks labels and not samples; never call it mAP.
    Unknown labels (-1) do not count in any of them, and the log says how many there are.

    Args:
        threshold: Probability from which a label counts as predicted.
        topk: The k of the second set.
        annotation: Add P@5, R@5, F1@5 and N+@5 of image annotation, see
            :func:`~kss_mm.evaluation.annotation_protocol.annotation_figures`.
        frequency: Add mAP_rare, mAP_middle and mAP_frequent, by how many training samples each label has, see
            :func:`~kss_mm.evaluation.annotation_protocol.frequency_means`: K counts, or a label graph or its file.
        unseen: Add the figures of :func:`~kss_mm.evaluation.zero_shot.zero_shot_figures`, of these labels, which
            training never saw: their names, or a file with one a line. ``kss-mm add-labels`` sets it.
        logits: ``pred_score`` holds logits, as MMAction2's own heads give with ``average_clips='score'``. Our heads
            give logits beside it, which rank where probabilities round to 1.
        dump: ``.npz`` to write ids, scores, logits and targets to.
        class_csv: ``.csv`` to write every class's AP to.
        per_class: Log a table of every class's name, AP and positives, the highest AP first.
    """

    default_prefix = 'multi-label'

    def __init__(self, *, threshold: float = .5, topk: int = 3, annotation: bool = False,
                 frequency: PathLike | LabelGraph | Sequence[int] | None = None,
                 unseen: PathLike | Sequence[str] | None = None, logits: bool = False,
                 dump: str | None = None, class_csv: str | None = None, per_class: bool = False,
                 collect_device: str = 'cpu', prefix: str | None = None):
        super().__init__(collect_device=collect_device, prefix=prefix)
        if not 0 <= threshold <= 1 or topk < 1:
            raise InputError(f'threshold={threshold} must be a probability in 0..1 and topk={topk} at least 1')
        self.threshold = threshold
        self.topk = topk
        self.annotation = annotation
        if isinstance(frequency, str | os.PathLike):
            frequency = LabelGraph.load(frequency)
        self.counts = None if frequency is None else training_counts(frequency)
        self.counted = frequency.classes if isinstance(frequency, LabelGraph) else None  # whose they are
        self.unseen = class_names_in(unseen or ())
        self.logits = logits
        self.dump = dump
        self.class_csv = class_csv
        self.per_class = per_class
        self.class_precisions: list[tuple[str, float]] = []  # name and AP, NaN without positives

    def process(self, data_batch: dict, data_samples: list[dict]) -> None:
        for sample in data_samples:
            scores = as_scores(sample['pred_score'])
            logits = matching_logits(sample, scores)
            if logits is None and self.logits:
                logits, scores = scores, expit(scores.astype(np.float64))
            elif (scores < 0).any() or (scores > 1).any():
                raise InputError(f'pred_score must hold probabilities, got {scores.min():.3g} to {scores.max():.3g}: '
                                 'set logits=True in the metric if they are logits')
            self.results.append(Result(name_of(sample), scores, logits, many_hot(sample, len(scores))))

    def compute_metrics(self, results: list[Result]) -> dict[str, float]:
        content = collect(results, self.dataset_meta)
        if content.logits is None:
            warn_of_softmax(content.scores)
        ranking, targets = content.ranking, content.targets  # (N, K)
        precisions = average_precision(ranking, targets)  # (K,)
        self.class_precisions = list(zip(content.classes, precisions.tolist()))
        present = ~np.isnan(precisions)
        if not present.all():
            MMLogger.get_current_instance().info(f'{int((~present).sum())} of {len(present)} classes have no positive '
                                                 'in the evaluated samples and are left out of mAP, CP and CR')
        for path, write in ((self.dump, save_scores), (self.class_csv, write_class_csv)):
            if path:
                write(path, content)
        if self.per_class:
            log_class_table(content.classes, precisions, (targets == 1).sum(axis=0))
        figures = {'mAP': float(precisions[present].mean()) if present.any() else float('nan')}
        threshold = self.threshold if content.logits is None else float(logit(self.threshold))
        figures |= precision_recall_f1(ranking, targets, threshold=threshold)
        figures |= {f'{name}@{self.topk}': value
                    for name, value in precision_recall_f1(ranking, targets, self.topk, threshold=threshold).items()}
        if self.annotation:
            figures |= {f'{name}@{ANNOTATION_LENGTH}': value
                        for name, value in annotation_figures(ranking, targets).items()}
        if self.counts is not None:
            figures |= {f'mAP_{name}': value for name, value in self._by_frequency(precisions, content.classes).items()}
        if self.unseen:
            figures |= zero_shot_figures(ranking, targets, unseen_indices(self.unseen, content.classes))
        return figures | {'sample_mAP': sample_average_precision(ranking, targets)}

    def _by_frequency(self, precisions: np.ndarray, classes: list[str]) -> dict[str, float]:
        if len(self.counts) != len(precisions):
            raise InputError(f'frequency has counts of {len(self.counts)} labels, pred_score has {len(precisions)}: '
                             'they must be the same labels')
        if self.counted is None or classes == unnamed_classes(len(classes)):
            return frequency_means(precisions, self.counts)
        place = {name: index for index, name in enumerate(self.counted)}
        if other := [name for name in classes if name not in place]:
            raise InputError(f'frequency is a label graph without {shown(other[0])}, a class of the evaluated samples: '
                             'give the graph of these labels')
        return frequency_means(precisions, self.counts[[place[name] for name in classes]])


MultiLabelMetrics = KSSMultiLabelMetric  # its old name, for imports


def many_hot(sample: dict, num_classes: int) -> np.ndarray:
    """The true labels of a sample of either host, as (K,) int8.

    MMAction2's ``gt_label`` holds K floating-point zeros and ones, MMPretrain's the integer indices of the labels,
    maybe none; beside it MMPretrain may have set ``gt_score``, K zeros and ones. In K numbers -1 is an unknown label.

    Raises:
        InputError: For a label that is neither.
    """
    values = torch.as_tensor(sample['gt_score'] if 'gt_score' in sample else sample['gt_label']).cpu().numpy()
    if 'gt_score' in sample or values.dtype.kind in 'fb':
        if values.shape != (num_classes,) or not np.isin(values, (0, 1, UNKNOWN)).all():
            raise InputError(f'a many-hot label must hold {num_classes} zeros and ones ({UNKNOWN} for unknown), as '
                             f'many as pred_score has entries, got shape {values.shape} from {values.min()} to '
                             f'{values.max()}')
        return values.astype(np.int8)
    different = set(values.tolist())
    if len(different) < values.size or not different <= set(range(num_classes)):
        raise InputError(f'gt_label {values.tolist()[:10]} must hold different label indices in 0..{num_classes - 1}; '
                         'a vector of zeros and ones must be floating-point')
    target = np.zeros(num_classes, dtype=np.int8)
    target[values] = 1
    return target
