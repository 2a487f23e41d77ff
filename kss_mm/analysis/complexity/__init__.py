"""The cost of a model: parameters, checkpoint size and multiply-adds of its parts, beside the paper's figures."""

from kss_mm.analysis.complexity.count import Part, measure, total
from kss_mm.analysis.complexity.report import complexity_report

__all__ = ['Part', 'complexity_report', 'measure', 'total']
