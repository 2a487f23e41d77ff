"""Multi-label evaluation: pure functions in ``functional``, and thin metrics over them for MMEngine's evaluators."""

from kss_mm.evaluation.functional import (
    average_precision,
    charades_map,
    precision_recall_f1,
    sample_average_precision,
)
from kss_mm.lazy import lazy_names

__all__ = ['CharadesMetric', 'KSSMultiLabelMetric', 'average_precision', 'charades_map', 'precision_recall_f1',
           'sample_average_precision']

__getattr__ = lazy_names(__name__, {
    'CharadesMetric': 'charades_metric', 'KSSMultiLabelMetric': 'multi_label_metric',
    'MultiLabelMetrics': 'multi_label_metric'})  # its old name
