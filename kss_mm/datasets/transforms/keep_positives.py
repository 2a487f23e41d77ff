"""Positive labels taken away on purpose, to try what missing annotations do."""

import hashlib
import os

import numpy as np
import torch

from kss_mm.errors import InputError, shown
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.numeric import check_integer, check_number
from kss_mm.registry import TRANSFORMS
from kss_mm.sample_ids import path_of

OTHERS = ('unknown', 'negative')


@TRANSFORMS.register_module()
class KeepPositives:
    """Keeps a share of the positive labels of a data set; the others become unknown (-1), or negative.

    Each positive is drawn by itself from the seed, the name of the sample and the index of the label: the same in every
    epoch, process and run, and a larger share keeps all that a smaller one does. The name is the video's id or that of
    the file without its folders, else the sample's number; samples of one file name in different folders are drawn
    alike. It is the first step of a pipeline of either host, after which labels are as before, but for MMPretrain's
    with ``others='unknown'``: those also get ``gt_score``, K numbers, which losses and metrics take before the indices.
    ``tools/build_label_graph.py CONFIG`` counts what is left.

    Args:
        share: Probability with which a positive is kept.
        others: 'unknown' leaves the other positives out of loss and counts, all negatives stay known; 'negative'
            makes them false negatives, as annotators do who miss them.
        seed: Another seed draws others.
        num_classes: Number K of labels, which MMPretrain's indices with ``others='unknown'`` need.
    """

    def __init__(self, share: float, others: str = 'unknown', *, seed: int = 0, num_classes: int | None = None):
        check_number('share', share, 0, 1)
        check_integer('seed', seed)
        if others not in OTHERS:
            raise InputError(f'others must be one of {", ".join(OTHERS)}, got {shown(others)}')
        if num_classes is not None:
            check_integer('num_classes', num_classes, 1)
        self.share, self.others, self.seed, self.num_classes = share, others, seed, num_classes

    def __call__(self, results: dict) -> dict:
        name = _name(results)
        if _is_many_hot(results.get('label')):
            results['label'] = self._reduced(results['label'], name)
            return results
        labels = results.get('gt_label')
        if not isinstance(labels, list | tuple | np.ndarray | torch.Tensor) or np.ndim(labels) != 1:
            raise InputError(f'sample {name} has no multi-label annotation, which KeepPositives needs: K zeros and '
                             'ones under label (MMAction2: multi_class=True), or indices under gt_label')
        indices = [int(label) for label in labels]
        scores = results.get('gt_score')
        if scores is None and self.others == 'unknown':
            scores = self._scores(indices, name)
        if scores is not None:
            results['gt_score'] = self._reduced(scores, name)
        results['gt_label'] = [label for label in indices if self.keeps(name, label)]
        return results

    def keeps(self, name: str, label: int) -> bool:
        """True for a positive of the sample ``name`` that stays one."""
        digest = hashlib.sha256(f'{self.seed}/{label}/{name}'.encode()).digest()
        return int.from_bytes(digest[:8], 'big') < self.share * 2 ** 64

    def _reduced(self, values, name: str):
        tensor = isinstance(values, torch.Tensor)
        reduced = values.clone() if tensor else np.array(values, dtype=np.float32)
        for label in (values == 1).nonzero()[:, 0].tolist() if tensor else np.flatnonzero(reduced == 1).tolist():
            if not self.keeps(name, label):
                reduced[label] = UNKNOWN if self.others == 'unknown' else 0
        return reduced

    def _scores(self, indices: list[int], name: str) -> np.ndarray:
        if self.num_classes is None:
            raise InputError(f"others='unknown' needs num_classes with labels that are indices (sample {name})")
        if indices and not 0 <= min(indices) <= max(indices) < self.num_classes:
            raise InputError(f'sample {name} has labels {shown(indices)}, and num_classes={self.num_classes}')
        scores = np.zeros(self.num_classes, np.float32)
        scores[indices] = 1
        return scores

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.share}, {self.others!r}, seed={self.seed})'


def _name(results: dict) -> str:
    """The name of a sample, whatever folder its data set lies in and whatever hook names it."""
    if results.get('video_id') is not None:
        return str(results['video_id'])
    path = path_of(results)
    name = os.path.basename(path.rstrip('/')) if path else results.get('sample_idx')
    if name is None:
        raise InputError(f'a sample has neither a file nor a number to draw its labels by; it has '
                         f'{shown(", ".join(map(str, results)))}')
    return str(name)


def _is_many_hot(label) -> bool:
    return (isinstance(label, torch.Tensor) and label.ndim == 1 and label.is_floating_point()
            or isinstance(label, np.ndarray) and label.ndim == 1 and label.dtype.kind == 'f')
