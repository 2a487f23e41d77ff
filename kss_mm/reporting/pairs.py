"""Pairs of labels for the page: lists of those that stand out, and the counts of a map."""

import numpy as np

from kss_mm.evaluation.label_pairs import LabelPairs, label_pairs
from kss_mm.graph.pictured import MAX_LABELS, cluster_order
from kss_mm.reporting.compact import compact
from kss_mm.reporting.run import Run

#: Rows of each list; classes among which pairs are counted, the most frequent.
ROWS, MOST_CLASSES = 200, 2000


def pair_content(run: Run) -> dict:
    """Lists of pairs by what is wrong with them, and counts of the most frequent classes in an order of clusters."""
    chosen = np.sort(np.argsort(-run.positives, kind='stable')[:MOST_CLASSES])
    pairs = label_pairs(run.predicted[:, chosen], run.targets[:, chosen])
    return {'together': _together(pairs, chosen), 'confused': _confused(pairs, chosen),
            'missed': _missed(pairs, chosen), 'map': _map(pairs, chosen), 'classes': len(chosen)}


def _together(pairs: LabelPairs, chosen: np.ndarray) -> list[list]:
    """[i, j, samples with both, predictions of both]"""
    difference = np.abs(pairs.predicted - pairs.together)
    return _rows(np.triu(difference, 1), chosen, pairs.together, pairs.predicted)


def _confused(pairs: LabelPairs, chosen: np.ndarray) -> list[list]:
    """[i, j, confusions, those to expect by chance, misses of i]"""
    excess = pairs.confused - pairs.by_chance
    np.fill_diagonal(excess, 0)
    misses = np.broadcast_to(np.diag(pairs.missed)[:, None], excess.shape)
    return _rows(excess, chosen, pairs.confused, pairs.by_chance, misses)


def _missed(pairs: LabelPairs, chosen: np.ndarray) -> list[list]:
    """[i, j, samples where both are missed, samples with both]"""
    return _rows(np.triu(pairs.missed, 1), chosen, pairs.missed, pairs.together)


def _rows(by: np.ndarray, chosen: np.ndarray, *columns: np.ndarray) -> list[list]:
    """The pairs with the highest values above 0, and what each column says of them."""
    flat = by.ravel()
    places = np.argsort(-flat, kind='stable')[:ROWS]
    first, second = np.unravel_index(places[flat[places] > 0], by.shape)
    return [list(row) for row in zip(chosen[first].tolist(), chosen[second].tolist(),
                                     *(compact(column[first, second], 1) for column in columns))]


def _map(pairs: LabelPairs, chosen: np.ndarray) -> dict:
    places = np.sort(np.argsort(-np.diag(pairs.together), kind='stable')[:MAX_LABELS])
    together, predicted = (matrix[np.ix_(places, places)] for matrix in (pairs.together, pairs.predicted))
    share = together / np.maximum(np.diag(together), 1)[:, None]
    order = cluster_order(share)
    return {'classes': chosen[places][order].tolist(), 'together': together[np.ix_(order, order)].tolist(),
            'predicted': predicted[np.ix_(order, order)].tolist()}
