"""A label graph as a small table in HTML, for notebooks."""

import html
from collections.abc import Iterator

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import short_name
from kss_mm.graph.matrices import Matrix

_PAIRS = 5
# Two labels that are together in fewer samples may be so by chance; where no pair has as many, all count.
_ENOUGH = 5
_SOURCE_KEYS = ('dataset', 'file', 'source')


def html_summary(graph) -> str:
    """Labels, samples, edges, strongest pairs and sources of a :class:`~kss_mm.graph.LabelGraph`.

    >>> from kss_mm.graph import LabelGraph
    >>> html_summary(LabelGraph(('dog', 'cat'), superimposed=[[1, .5], [.5, 1]]))[:24]
    '<b>label graph</b><table'
    """
    title = 'label graph' if graph.path is None else short_name(str(graph.path))
    rows = ''.join(f'<tr><th style="text-align:left">{name}</th><td style="text-align:left">{value}</td></tr>'
                   for name, value in _rows(graph))
    return f'<b>{html.escape(title)}</b><table>{rows}</table>'


def _rows(graph) -> Iterator[tuple[str, str]]:
    shown = [html.escape(short_name(name)) for name in graph.classes[:_PAIRS]]
    more = len(graph.classes) - len(shown)
    yield 'labels', f'{len(graph.classes):,}: {", ".join(shown)}{f" and {more:,} more" if more else ""}'
    if graph.counts is not None:
        yield 'samples', (f'{graph.total:,}, {graph.num_samples.sum() / max(graph.total, 1):.2f} labels each; '
                          f'{int((graph.num_samples == 0).sum()):,} labels in none')
        if graph.unknown is not None:
            yield 'unknown', f'{int(graph.unknown.samples.sum()):,} of {graph.total * len(graph.classes):,} labels'
        yield 'seen together', _pairs(graph, *_together(graph))
    if graph.knowledge is not None:
        yield 'knowledge', _pairs(graph, *strongest(graph.knowledge))
    if graph.superimposed is not None:
        yield 'superimposed', _pairs(graph, *strongest(graph.superimposed))
    if graph.embeddings is not None:
        yield 'word vectors', f'of {graph.embeddings.shape[1]:,} numbers'
    for part, source in graph.provenance.items():
        said = [short_name(source[key]) for key in _SOURCE_KEYS
                if isinstance(source, dict) and isinstance(source.get(key), str)]
        if said:
            yield f'{html.escape(short_name(str(part)))} from', html.escape(', '.join(said))


def _pairs(graph, count: int, found: list[tuple[int, int, str]]) -> str:
    names = [short_name(name) for name in (graph.classes[label] for pair in found for label in pair[:2])]
    named = [html.escape(f'{first} – {second}{note}')
             for first, second, (*_, note) in zip(names[::2], names[1::2], found)]
    return ''.join([f'{count:,} pairs', *(f'<br>{line}' for line in named)])


def _together(graph) -> tuple[int, list[tuple[int, int, str]]]:
    """How many pairs there are, and those that are together most of the time that either is there: by the cosine."""
    rows, columns, counts = _upper(graph.counts)
    total = len(rows)
    enough = counts >= _ENOUGH
    if enough.any():
        rows, columns, counts = rows[enough], columns[enough], counts[enough]
    samples = graph.num_samples.astype(np.float64)
    cosines = counts / np.sqrt(np.maximum(samples[rows] * samples[columns], 1))
    said = ': {:,} of {:,} and {:,} samples'
    return total, [(row, column, said.format(int(counts[place]), int(samples[row]), int(samples[column])))
                   for place in np.argsort(-cosines, kind='stable')[:_PAIRS]
                   for row, column in [(int(rows[place]), int(columns[place]))]]


def strongest(matrix: Matrix, count: int = _PAIRS) -> tuple[int, list[tuple[int, int, str]]]:
    """How many pairs of labels have a weight, and those with the largest, each once, with that weight.

    >>> strongest(np.array([[1., .2, .5], [.2, 1., 0.], [.5, 0., 1.]]))
    (2, [(0, 2, ': 0.5'), (0, 1, ': 0.2')])
    """
    rows, columns, weights = _upper(matrix)
    return len(rows), [(int(rows[place]), int(columns[place]), f': {weights[place]:.3g}')
                       for place in np.argsort(-weights, kind='stable')[:count]]


def _upper(matrix: Matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and values above the diagonal, those that are not 0; of a directed matrix the larger direction."""
    found = sp.coo_array(matrix)
    first, second = np.minimum(found.row, found.col), np.maximum(found.row, found.col)
    above = (first < second) & (found.data != 0)
    first, second, values = first[above], second[above], found.data[above]
    order = np.lexsort((-values, second, first))
    first, second, values = first[order], second[order], values[order]
    new = np.ones(len(first), dtype=bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return first[new], second[new], values[new]
