"""Multi-label evaluation: pure functions in ``functional``, and thin metrics over them for MMEngine's evaluators."""

from kss_mm.evaluation.charades_metric import CharadesMetric
from kss_mm.evaluation.functional import (
    average_precision,
    charades_map,
    precision_recall_f1,
    sample_average_precision,
)
from kss_mm.evaluation.multi_label_metric import MultiLabelMetrics

__all__ = ['CharadesMetric', 'MultiLabelMetrics', 'average_precision', 'charades_map', 'precision_recall_f1',
           'sample_average_precision']
