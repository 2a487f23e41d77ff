"""Numbers of the released implementations, from the text files in ``goldens``, each of which states its source."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

GOLDENS = Path(__file__).parent / 'goldens'
COCO_COUNTS = GOLDENS / 'coco80_counts.csv'


class Coco80(NamedTuple):
    """Statistics of COCO train2014 and what ML-GCN's released code makes of them."""

    classes: list[str]
    num_samples: np.ndarray
    counts: np.ndarray
    adjacency: np.ndarray
    normalised: np.ndarray


def figures(name: str) -> dict:
    return json.loads((GOLDENS / f'{name}.json').read_text())


def metric_inputs() -> tuple[np.ndarray, np.ndarray]:
    """Scores of either sign and many-hot labels whose figures are ``figures('metrics')``."""
    lines = [line.split() for line in (GOLDENS / 'metrics_scores.txt').read_text().splitlines() if line[0] != '#']
    scores = np.array([[int(cell.rstrip('*')) for cell in line] for line in lines])
    # Small enough that a sigmoid keeps their order.
    return scores / 1000, np.array([[cell[-1] == '*' for cell in line] for line in lines]).astype('int8')


def released_graph() -> tuple[np.ndarray, np.ndarray]:
    """The superimposed matrix and the word vectors of the released network's run."""
    rows = np.loadtxt(GOLDENS / 'released_graph_12.txt')
    return rows[:, :len(rows)], rows[:, len(rows):]


def coco80() -> Coco80:
    rows = [line.split(',') for line in COCO_COUNTS.read_text().splitlines()[1:]]
    counts = np.array([row[1:] for row in rows], dtype=int)
    adjacency, normalised = np.zeros((2, len(rows), len(rows)))
    for row, column, value, of_transpose in np.loadtxt(GOLDENS / 'coco80_mlgcn.csv', delimiter=','):
        adjacency[int(row), int(column)] = value
        normalised[int(column), int(row)] = of_transpose
    return Coco80([row[0] for row in rows], counts[:, 0], counts[:, 1:], adjacency, normalised)
