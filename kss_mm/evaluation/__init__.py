"""Multi-label evaluation: pure functions in ``functional``, and thin metrics over them for MMEngine's evaluators."""

from kss_mm.evaluation.charades_metric import CharadesMetric
from kss_mm.evaluation.functional import average_precision, charades_map

__all__ = ['CharadesMetric', 'average_precision', 'charades_map']
