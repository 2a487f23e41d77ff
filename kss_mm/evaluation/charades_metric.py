"""The Charades protocol as a metric for MMEngine's evaluator."""

from collections.abc import Mapping, Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from kss_mm.evaluation.check_scores import as_scores, matching_logits, warn_of_softmax
from kss_mm.evaluation.class_table import log_class_table
from kss_mm.evaluation.collect import Result, collect
from kss_mm.evaluation.functional import average_precision, charades_map
from kss_mm.evaluation.score_files import Scores, save_scores, write_class_csv, write_submission
from kss_mm.registry import METRICS
from kss_mm.sample_ids import name_of


@METRICS.register_module()
class CharadesMetric(BaseMetric):
    """mAP and weighted AP by the Charades protocol, 0..1; see :func:`charades_map`.

    It also reports ``prior_mAP``: what the label frequencies of the evaluated videos alone would score, that is,
    the mAP of giving every video the same scores. A model that does not beat it has learnt nothing from the videos.
    Labels of -1, unknown, do not count.
    Videos that the dataset lists as missing count with a score of -inf. Any scores will do that rank the videos of a
    label: those of MMAction2's own heads with ``average_clips='score'``, or of our heads, whose logits rank where
    probabilities round to 1.

    Args:
        dump: ``.npz`` to write ids, scores, logits and targets to, for ``tools/evaluate_scores.py``.
        class_csv: ``.csv`` to write every class's AP to.
        per_class: Log a table of every class's name, AP and positives, the highest AP first; its mean is the mAP.
        submission: Text file to write in the format of ``Charades_v1_classify.m``.
    """

    default_prefix = 'charades'

    def __init__(self, *, dump: str | None = None, class_csv: str | None = None, submission: str | None = None,
                 per_class: bool = False, collect_device: str = 'cpu', prefix: str | None = None):
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.dump = dump
        self.class_csv = class_csv
        self.submission = submission
        self.per_class = per_class
        self.class_precisions: list[tuple[str, float]] = []  # name and AP, NaN without positives

    def process(self, data_batch: dict, data_samples: list[dict]) -> None:
        for sample in data_samples:
            scores = as_scores(sample['pred_score'])
            self.results.append(Result(name_of(sample), scores, matching_logits(sample, scores),
                                       sample['gt_label'].cpu().numpy()))

    def compute_metrics(self, results: list[Result]) -> dict[str, float]:
        content = collect(results, self.dataset_meta)
        if content.logits is None:
            warn_of_softmax(content.scores)
        content = _with_missing(content, (self.dataset_meta or {}).get('missing', {}))
        mean, weighted = charades_map(content.ranking, content.targets)
        prior, _ = charades_map(np.zeros_like(content.scores), content.targets)
        absent = int(((content.targets > 0).sum(axis=0) == 0).sum())
        if absent:
            MMLogger.get_current_instance().info(f'{absent} of {content.targets.shape[1]} classes have no positive in '
                                                 'the evaluated videos and are left out of mAP')
        labelled = (content.targets == 1).any(axis=1)
        precisions = average_precision(content.ranking[labelled], content.targets[labelled])
        self.class_precisions = list(zip(content.classes, precisions.tolist()))
        if self.per_class:
            log_class_table(content.classes, precisions, (content.targets == 1).sum(axis=0))
        for path, write in ((self.dump, save_scores), (self.class_csv, write_class_csv),
                            (self.submission, write_submission)):
            if path:
                write(path, content)
        return {'mAP': mean, 'wAP': weighted, 'prior_mAP': prior}


def _with_missing(content: Scores, missing: Mapping[str, Sequence[int]]) -> Scores:
    """The results, and a row of -inf for every video that the dataset could not offer: its id, and its labels."""
    if not missing:
        return content
    rows = np.full((len(missing), len(content.classes)), -np.inf, dtype=np.float32)
    targets = [np.isin(np.arange(len(content.classes)), labels) for labels in missing.values()]
    return content._replace(
        ids=[*content.ids, *missing], scores=np.concatenate([content.scores, rows]),
        targets=np.concatenate([content.targets, np.asarray(targets, dtype=np.float32)]),
        logits=None if content.logits is None else np.concatenate([content.logits, rows]))
