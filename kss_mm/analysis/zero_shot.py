"""The table of labels that no run was trained on: what adding them by a graph gains over simpler ways."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kss_mm.checkpoints.stored_graph import label_graph_of
from kss_mm.errors import MissingFileError
from kss_mm.evaluation.functional import average_precision
from kss_mm.evaluation.score_files import Scores, load_scores
from kss_mm.evaluation.zero_shot import zero_shot_figures
from kss_mm.files import PathLike

# Seen labels whose scores make that of an unseen one, as in ConSE.
_NEAREST = 10
_SHOWN = ('ZS_mAP', 'ZS_F1@3', 'ZS_F1@5', 'seen_mAP', 'GZS_mAP', 'GZS_F1@3', 'GZS_F1@5')


def similarity_scores(probabilities: np.ndarray, seen: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    r"""Scores of unseen labels by word vectors alone, without any training for them.

    .. math::
        f(x) = \sum_{k \in T(x)} p_k(x) \, v_k, \qquad s_u(x) = \cos(f(x), v_u)

    with T(x) the ten seen labels of the highest probability (ConSE, Norouzi et al., ICLR 2014).

    Shapes:
        - **probabilities:** of the seen labels, :math:`(N, K)`
        - **seen, unseen:** word vectors, :math:`(K, D)` and :math:`(n, D)`
        - **output:** :math:`(N, n)`
    """
    lowest = np.sort(probabilities, axis=1)[:, -min(_NEAREST, probabilities.shape[1])][:, None]
    mixed = np.where(probabilities >= lowest, probabilities, 0) @ _unit(seen)  # (N, D)
    return _unit(mixed) @ _unit(unseen).T


def zero_shot_table(folder: PathLike) -> str:
    """Markdown of the runs of tools/zero_shot_table.sh below a folder: one line a method, mean and standard deviation
    over the splits, and the paired difference of ZS_mAP from word vectors alone.

    Raises:
        MissingFileError: If no split there is finished.
    """
    splits = [split for split in sorted(Path(folder).glob('split_*')) if (split / 'graph' / 'scores.npz').is_file()]
    if not splits:
        raise MissingFileError(f'{os.fspath(folder)}: no finished run below it; make them by '
                               'bash tools/zero_shot_table.sh')
    rows: dict[str, list[dict[str, float]]] = {}
    for split in splits:
        for name, figures in _of_split(split).items():
            rows.setdefault(name, []).append(figures)
    base = rows.get('words')
    lines = [f'{len(splits)} splits', '', f'| | {" | ".join(_SHOWN)} | ZS_mAP - words |',
             '|---' * (len(_SHOWN) + 2) + '|']
    for name, found in rows.items():
        gain = [mine['ZS_mAP'] - other['ZS_mAP'] for mine, other in zip(found, base or ())]
        cells = [_spread([figures[key] for figures in found]) for key in _SHOWN if key in found[0]]
        cells += [''] * (len(_SHOWN) - len(cells))
        cells.append(_spread(gain, sign='+') if gain and name != 'words' else '')
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def _of_split(split: Path) -> dict[str, dict[str, float]]:
    runs = {path.parent.name: load_scores(path) for path in sorted(split.glob('*/scores.npz'))}
    names = label_graph_of(str(split / 'graph' / 'wider.pth')).provenance['added']
    content = runs['graph']
    unseen = [content.classes.index(name) for name in names]
    targets = content.targets[:, unseen]
    found = {'prior': {'ZS_mAP': float((targets == 1).mean(axis=0)[(targets == 1).any(axis=0)].mean())}}
    if (split / 'words' / 'wider.pth').is_file():
        found['similarity of word vectors'] = {'ZS_mAP': _by_similarity(split, content, unseen)}
    return found | {name: zero_shot_figures(run.ranking, run.targets, [run.classes.index(label) for label in names])
                    for name, run in runs.items()}


def _by_similarity(split: Path, content: Scores, unseen: Sequence[int]) -> float:
    """ZS_mAP of :func:`similarity_scores` from the seen labels of the run with everything."""
    graph = label_graph_of(str(split / 'words' / 'wider.pth'))
    vector = dict(zip(graph.classes, graph.embeddings))
    seen = [index for index in range(len(content.classes)) if index not in set(unseen)]
    vectors = [np.stack([vector[content.classes[index]] for index in part]) for part in (seen, unseen)]
    precisions = average_precision(similarity_scores(content.scores[:, seen], *vectors), content.targets[:, unseen])
    return float(np.nanmean(precisions))


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def _spread(values: Sequence[float], sign: str = '') -> str:
    text = f'{np.mean(values):{sign}.3f}' + (f' ± {np.std(values, ddof=1):.3f}' if len(values) > 1 else '')
    return re.sub(r'\bnan\b', '', text)
