"""Label graphs in NumPy and SciPy: statistics (A_S), knowledge (A_K), their superposition, and the .npz file.

Imports neither torch nor a host framework.
"""

from kss_mm.graph.knowledge import knowledge_adjacency
from kss_mm.graph.label_graph import LabelGraph
from kss_mm.graph.statistics import UnseenLabelWarning, cooccurrence, statistical_adjacency
from kss_mm.graph.superimpose import normalize_adjacency, superimpose

__all__ = ['LabelGraph', 'UnseenLabelWarning', 'cooccurrence', 'knowledge_adjacency', 'normalize_adjacency',
           'statistical_adjacency', 'superimpose']
