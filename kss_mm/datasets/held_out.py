"""Labels that a data set leaves out, as if nobody knew of them: for training without them."""

import os
from collections.abc import Sequence

import numpy as np

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph.class_names import did_you_mean
from kss_mm.graph.label_files import class_names_in

# Label indices of a sample in the data sets of this project, and numbers for each class.
_INDICES, _NUMBERS = ('label', 'gt_label', 'unknown'), ('gt_score',)


class HoldsOutLabels:
    """Mixin of a dataset of MMEngine: some labels are neither among its classes nor in its samples.

    Samples that have no other label stay, without any. Stands before the dataset among the bases.

    Args:
        held_out: Names of the labels, or a file with one name a line.

    Raises:
        InputError: For a name that is no class of the data set, or for all of them.
    """

    def __init__(self, *args, held_out: PathLike | Sequence[str] | None = None, **kwargs):
        self.held_out = held_out
        super().__init__(*args, **kwargs)

    def filter_data(self) -> list[dict]:
        samples = super().filter_data()
        if not self.held_out:
            return samples
        names = class_names_in(self.held_out)
        classes = self._metainfo['classes']
        if unknown := [name for name in names if name not in classes]:
            where = self.held_out if isinstance(self.held_out, str | os.PathLike) else 'held_out'
            raise InputError(f'{where}: {shown(unknown[0])} is no class of the data set'
                             f'{did_you_mean(str(unknown[0]), classes)}')
        kept = [label for label, name in enumerate(classes) if name not in set(names)]
        if not kept:
            raise InputError(f'held_out names all {len(classes)} classes of the data set: leave some to train on')
        place = {label: new for new, label in enumerate(kept)}
        self._metainfo['classes'] = tuple(classes[label] for label in kept)
        if getattr(self, 'num_classes', None) is not None:
            self.num_classes = len(kept)
        if 'missing' in self._metainfo:
            self._metainfo['missing'] = {name: _placed(labels, place) for name, labels in
                                         self._metainfo['missing'].items()}
        for sample in samples:
            sample.update({key: _placed(sample[key], place) for key in _INDICES if key in sample})
            sample.update({key: np.asarray(sample[key])[kept] for key in _NUMBERS if key in sample})
        return samples


def _placed(labels: Sequence[int], place: dict[int, int]) -> list[int]:
    return [place[label] for label in labels if label in place]
