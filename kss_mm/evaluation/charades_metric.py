"""The Charades protocol as a metric for MMEngine's evaluator."""

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from kss_mm.evaluation.functional import charades_map
from kss_mm.registry import METRICS


@METRICS.register_module()
class CharadesMetric(BaseMetric):
    """mAP and weighted AP by the Charades protocol, 0..1; see :func:`charades_map`.

    It also reports ``prior_mAP``: what the label frequencies of the evaluated videos alone would score, that is,
    the mAP of giving every video the same scores. A model that does not beat it has learnt nothing from the videos.
    """

    default_prefix = 'charades'

    def process(self, data_batch: dict, data_samples: list[dict]) -> None:
        for sample in data_samples:
            self.results.append((sample['pred_score'].float().cpu().numpy(), sample['gt_label'].cpu().numpy()))

    def compute_metrics(self, results: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
        scores, targets = (np.stack(column) for column in zip(*results))  # (N, K)
        mean, weighted = charades_map(scores, targets)
        prior, _ = charades_map(np.zeros_like(scores), targets)
        absent = int((targets.sum(axis=0) == 0).sum())
        if absent:
            MMLogger.get_current_instance().info(f'{absent} of {targets.shape[1]} classes have no positive in the '
                                                 'evaluated videos and are left out of mAP')
        return {'mAP': mean, 'wAP': weighted, 'prior_mAP': prior}
