"""The Charades protocol as a metric for MMEngine's evaluator."""

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from kss_mm.evaluation.check_scores import as_scores, warn_of_softmax
from kss_mm.evaluation.functional import charades_map
from kss_mm.evaluation.score_files import Scores, save_scores, write_class_csv, write_submission
from kss_mm.registry import METRICS


@METRICS.register_module()
class CharadesMetric(BaseMetric):
    """mAP and weighted AP by the Charades protocol, 0..1; see :func:`charades_map`.

    It also reports ``prior_mAP``: what the label frequencies of the evaluated videos alone would score, that is,
    the mAP of giving every video the same scores. A model that does not beat it has learnt nothing from the videos.
    Videos that the dataset lists as missing count with a score of -inf. Any scores will do that rank the videos of a
    label: probabilities or logits, of our head or of MMAction2's own with ``average_clips='score'``.

    Args:
        dump: ``.npz`` to write ids, scores and targets to, for ``tools/evaluate_scores.py``.
        class_csv: ``.csv`` to write every class's AP to.
        submission: Text file to write in the format of ``Charades_v1_classify.m``.
    """

    default_prefix = 'charades'

    def __init__(self, *, dump: str | None = None, class_csv: str | None = None, submission: str | None = None,
                 collect_device: str = 'cpu', prefix: str | None = None):
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.dump = dump
        self.class_csv = class_csv
        self.submission = submission

    def process(self, data_batch: dict, data_samples: list[dict]) -> None:
        for sample in data_samples:
            self.results.append((sample.get('video_id', str(len(self.results))),
                                 as_scores(sample['pred_score']), sample['gt_label'].cpu().numpy()))

    def compute_metrics(self, results: list[tuple[str, np.ndarray, np.ndarray]]) -> dict[str, float]:
        warn_of_softmax(np.stack([scores for _, scores, _ in results]))
        content = self._with_missing(results)
        mean, weighted = charades_map(content.scores, content.targets)
        prior, _ = charades_map(np.zeros_like(content.scores), content.targets)
        absent = int((content.targets.sum(axis=0) == 0).sum())
        if absent:
            MMLogger.get_current_instance().info(f'{absent} of {content.targets.shape[1]} classes have no positive in '
                                                 'the evaluated videos and are left out of mAP')
        for path, write in ((self.dump, save_scores), (self.class_csv, write_class_csv),
                            (self.submission, write_submission)):
            if path:
                write(path, content)
        return {'mAP': mean, 'wAP': weighted, 'prior_mAP': prior}

    def _with_missing(self, results: list[tuple[str, np.ndarray, np.ndarray]]) -> Scores:
        """All results, and a row of -inf for every video that the dataset could not offer."""
        ids, scores, targets = (list(column) for column in zip(*results))
        num_classes = len(scores[0])
        meta = self.dataset_meta or {}
        for name, labels in meta.get('missing', {}).items():
            ids.append(name)
            scores.append(np.full(num_classes, -np.inf, dtype=np.float32))
            targets.append(np.isin(np.arange(num_classes), labels).astype(np.float32))
        classes = meta.get('classes') or [str(index) for index in range(num_classes)]
        return Scores(ids, np.stack(scores), np.stack(targets), list(classes))  # (N, K)
