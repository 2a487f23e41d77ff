"""Label graphs in NumPy and SciPy: statistics (A_S), knowledge (A_K), their superposition, and the .npz file.

Imports neither torch nor a host framework. Where the paper's equations and the inputs of a graph stand:

=====================================  ==========================================================================
A_S, "Graph Construction"              :mod:`~kss_mm.graph.statistics`: :func:`cooccurrence`,
                                       :func:`statistical_adjacency` (ML-GCN's or conditional probabilities);
                                       of partly annotated data also ``unknown_counts``
A_K, eq. 1                             :mod:`~kss_mm.graph.knowledge`: :func:`knowledge_adjacency`
A'_S, A'_K, text above eq. 2           :mod:`~kss_mm.graph.superimpose`: :func:`normalize_adjacency`
A = lam A'_S + (1 - lam) A'_K, eq. 2   the same file: ``mix``
A_tau, eq. 3                           the same file: ``threshold_edges``
A_KS, eq. 4, normalised for eq. 6      the same file: ``ks_graph``; eq. 2-4 in one: :func:`superimpose`
E(0), below eq. 6                      :mod:`~kss_mm.graph.embeddings`
E_KS, eq. 5                            the entries of A_KS other than zero; ``matrices.edge_count``
eq. 6 and 7                            the network: ``kss_mm/models/necks`` and ``kss_mm/models/laterals``
-------------------------------------  --------------------------------------------------------------------------
input: which sample has which label    ``label_files`` (by suffix; a reader a form in ``label_readers/``),
                                       ``class_names``
input: ConceptNet                      ``conceptnet`` reads it; ``concepts`` says which of its names a label means,
                                       by the rules of ``concept_names`` and ``lemmas`` or by a file
                                       (``concept_mapping``)
input: word vectors                    ``word_files`` (NumPy, GloVe's package), ``text_vectors`` (text files),
                                       ``word_forms`` (spellings of a word)
output: the graph                      ``label_graph`` (:class:`LabelGraph`), packed by ``archive``; told in words by
                                       ``report``, ``report_warnings`` and ``neighbours``
checks                                 ``matrices`` (of what functions are given), ``same_order`` (of two label
                                       orders, by ``label_counts`` and ``pair_agreement``)
=====================================  ==========================================================================
"""

from kss_mm.graph.knowledge import knowledge_adjacency
from kss_mm.graph.label_graph import LabelGraph
from kss_mm.graph.statistics import UnseenLabelWarning, cooccurrence, statistical_adjacency
from kss_mm.graph.superimpose import normalize_adjacency, superimpose
from kss_mm.graph.unknown_counts import UnknownCounts, unknown_counts

__all__ = ['LabelGraph', 'UnknownCounts', 'UnseenLabelWarning', 'cooccurrence', 'knowledge_adjacency',
           'normalize_adjacency', 'statistical_adjacency', 'superimpose', 'unknown_counts']
