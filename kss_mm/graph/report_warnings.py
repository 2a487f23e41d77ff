"""Warnings of a report: shares of labels so large that the graph can hardly help."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.graph.concepts import ConceptMatch
from kss_mm.graph.matrices import Matrix

#: From this share of all labels on. Below it a few rare labels without neighbours are usual.
WARN_SHARE = 0.8


def isolated_labels(adj: Matrix) -> np.ndarray:
    """Indices of the labels without an edge to or from any other."""
    adj = sp.csr_matrix(adj)
    linked = adj != sp.diags(adj.diagonal())  # (K, K) edges off the diagonal
    return np.flatnonzero(np.asarray(linked.sum(axis=0)).ravel() + np.asarray(linked.sum(axis=1)).ravel() == 0)


def _warning(count: int, total: int, what: str, remedy: str) -> list[str]:
    """One warning, or none; a single label has no neighbours anyway."""
    if total < 2 or count < WARN_SHARE * total:
        return []
    return [f'Warning: {count:,} of {total:,} labels ({count / total:.0%}) {what}; {remedy}']


def knowledge_warnings(matches: Sequence[ConceptMatch], knowledge: Matrix) -> list[str]:
    """Too few labels have a concept, or too few an edge in A_K, (K, K)."""
    unknown = sum(not match.concepts for match in matches)
    return _warning(
        unknown, len(matches), 'have no concept in ConceptNet',
        'name their concepts in a mapping file (--concepts), check --language, or take a fuller dump; without them '
        'only co-occurrence and word vectors (--words) tell what these labels mean') or _warning(
        len(isolated_labels(knowledge)), len(matches), 'have no edge in the knowledge graph A_K',
        'allow more relations (--relations, --exclude-relations), map labels to more common concepts (--concepts), or '
        'take a fuller dump of ConceptNet')


def superimposed_warnings(mixed: Matrix, kept: Matrix, *, tau: float, remedy: str) -> list[str]:
    """Too few labels have an edge after tau.

    Args:
        mixed: (K, K) mixture of the graphs.
        kept: (K, K) what tau leaves of it.
        remedy: What can be done besides lowering tau, which is named only where that would help.
    """
    isolated = len(isolated_labels(kept))
    helps = len(isolated_labels(mixed)) < isolated
    lower = f'lower tau, which is {tau:g} (--tau here, tau in the config), or ' if helps else ''
    return _warning(isolated, kept.shape[0], 'are isolated in the superimposed graph, which tells nothing about them',
                    lower + remedy)
