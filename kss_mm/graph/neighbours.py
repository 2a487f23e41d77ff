"""The neighbours of one label in each of its graphs, as text."""

import difflib
import warnings

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, one_line
from kss_mm.graph.label_graph import LabelGraph
from kss_mm.graph.matrices import Matrix
from kss_mm.graph.statistics import UnseenLabelWarning


def find_label(graph: LabelGraph, name: str) -> int:
    """Index of the class called ``name``, upper and lower case alike.

    >>> graph = LabelGraph(('Person', 'dog'), superimposed=np.eye(2))
    >>> find_label(graph, 'person')
    0

    Raises:
        InputError: There is none; it names the closest ones.
    """
    lowered = [label.lower() for label in graph.classes]
    if name in graph.classes:
        return graph.classes.index(name)
    if lowered.count(name.lower()) == 1:
        return lowered.index(name.lower())
    close = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)
    hint = ', '.join(repr(graph.classes[lowered.index(label)]) for label in close)
    raise InputError(f'{name!r} is not one of the {len(graph.classes)} labels' + (f'; did you mean {hint}?' if hint
                                                                                  else ''))


def neighbours(adj: Matrix, index: int) -> list[tuple[int, float]]:
    """(label, weight) of row ``index``, heaviest first, without the label itself and without zeros.

    >>> neighbours(np.array([[1., .2, .5, 0.], [.2, 1., 0., 0.], [.5, 0., 1., 0.], [0., 0., 0., 1.]]), 0)
    [(2, 0.5), (1, 0.2)]
    """
    row = adj[[index]].toarray().ravel() if sp.issparse(adj) else np.array(adj[index])  # (K,)
    row[index] = 0
    order = np.argsort(-row, kind='stable')
    return [(int(label), float(row[label])) for label in order if row[label]]


def neighbours_report(graph: LabelGraph, name: str, *, lam: float, tau: float, eta: float, limit: int = 10) -> str:
    """Heaviest neighbours of a label, side by side: P(j|label), A_S, A_K and the normalised A_KS.

    Row i of A_KS holds what label i takes from the others in a graph convolution (eq. 6).

    >>> graph = LabelGraph(('person', 'dog'), counts=np.array([[4, 2], [2, 2]]), num_samples=np.array([4, 2]), total=8)
    >>> print(neighbours_report(graph, 'dog', lam=1, tau=0, eta=.5))
    dog: 2 of 8 samples (25.0%); lam = 1, tau = 0, eta = 0.5
      P(j|label)        A_S (raw)         A_K (raw)   A_KS (normalised)
       1.0000  person    0.2500  person   not built    0.1000  person
    """
    graph.require_counts('a list of neighbours')
    index = find_label(graph, name)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UnseenLabelWarning)  # the first line says how many samples there are
        columns = {'P(j|label)': graph.statistical(form='conditional'), 'A_S (raw)': graph.statistical(),
                   'A_K (raw)': graph.knowledge, 'A_KS (normalised)': graph.adjacency(lam=lam, tau=tau, eta=eta)}
    share = graph.priors[index]
    lines = [f'{one_line(graph.classes[index])}: {graph.num_samples[index]:,} of {graph.known[index]:,} samples '
             f'({share:.1%}); lam = {lam:g}, tau = {tau:g}, eta = {eta:g}']
    blocks = []
    for title, adj in columns.items():
        found = [] if adj is None else neighbours(adj, index)
        cells = [f'{weight:7.4f}  {one_line(graph.classes[label])}' for label, weight in found[:limit]]
        if len(found) > limit:
            cells.append(f'   ...   {len(found) - limit} more')
        blocks.append([title, *(cells or ['not built' if adj is None else 'none'])])
    widths = [max(map(len, block)) + 3 for block in blocks]
    for row in range(max(map(len, blocks))):
        cells = [block[row] if row < len(block) else '' for block in blocks]
        lines.append('  ' + ''.join(f'{cell:<{width}}' for cell, width in zip(cells, widths, strict=True)).rstrip())
    return '\n'.join(lines)
