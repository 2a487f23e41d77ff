"""A label graph that was just built, and can say what was found on the way."""

from dataclasses import dataclass, field

import numpy as np

from kss_mm.apis.graph_parts import Knowledge
from kss_mm.graph import LabelGraph
from kss_mm.graph.embeddings import WordReport
from kss_mm.graph.label_readers.label_samples import LabelMatrix
from kss_mm.graph.report import given_report, graph_report, knowledge_report, labels_report, words_report
from kss_mm.graph.superimpose import check_parameters

#: MS-COCO's values of the paper ("Implementation Details"); they only enter the report, not the file.
REPORT_LAM, REPORT_TAU, REPORT_ETA = 0.4, 0.02, 0.4


def default_lam(lam: float | None, *, with_knowledge: bool) -> float:
    """The share of the statistical graph that was asked for, else the paper's; 1 without a knowledge graph."""
    return lam if lam is not None else REPORT_LAM if with_knowledge else 1.0


def report_lam(lam: float | None, tau: float, eta: float, *, with_knowledge: bool) -> float:
    """Check the values of a report, and return lam or its default: 1, the statistical graph alone, without A_K.

    Raises:
        InputError: If one is outside its range.
    """
    lam = default_lam(lam, with_knowledge=with_knowledge)
    check_parameters(lam=lam, tau=tau, eta=eta, with_knowledge=with_knowledge)
    return lam


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ReportedGraph(LabelGraph):
    """A :class:`~kss_mm.graph.LabelGraph` and what its :meth:`report` needs beyond it; only the graph is saved.

    Args:
        labels: The labels of all samples.
        matched: Concepts of the labels, and what was read of ConceptNet; None without a knowledge graph.
        words: What was found among the word vectors; None without embeddings.
    """

    labels: LabelMatrix = field(repr=False)
    matched: Knowledge | None = field(default=None, repr=False)
    words: WordReport | None = field(default=None, repr=False)

    def report(self, *, lam: float | None = None, tau: float = REPORT_TAU, eta: float = REPORT_ETA) -> str:
        """Say in words what was found, and how the superimposed graph looks with these values of eq. 2 to 4.

        Args:
            lam: Share of the statistical graph, 0..1; by default the paper's for MS-COCO, 1 without a knowledge graph.
            tau: Weakest edge that is kept.
            eta: Share of the neighbours, 0..1.

        Raises:
            InputError: If one is outside its range.
        """
        lam = report_lam(lam, tau, eta, with_knowledge=self.matched is not None)
        matrix = self.labels.matrix
        samples = 'no samples' if self.counts is None else f'{self.total:,} samples, counted before'
        parts = ([f'Labels: {len(self.classes):,} classes, {samples}'] if matrix is None else
                 [labels_report(self, np.asarray((matrix > 0).sum(axis=1)).ravel(), self.labels.notes)])
        parts.append(knowledge_report(self, self.matched.matches, self.matched.assertions) if self.matched else
                     'Knowledge graph A_K: not built (--conceptnet FILE builds it)')
        parts.append(words_report(self, self.words) if self.words else
                     'Label embeddings E(0): not built (--words SOURCE builds them)')
        if self.counts is not None:
            parts.append(graph_report(self, lam=lam, tau=tau, eta=eta))
        if self.superimposed is not None:
            parts.append(given_report(self, tau=tau, eta=eta))
        return '\n\n'.join(parts)
