"""Labels of a data set in another order of the classes than its own."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from kss_mm.errors import InputError, shown
from kss_mm.registry import TRANSFORMS

#: Where samples of both hosts hold labels, packed or not, as indices or as a number for each class.
KEYS = ('gt_label', 'gt_score', 'label', 'gt_label_difficult')


@TRANSFORMS.register_module()
class MapLabels:
    """Gives each label of a sample the place that its name has among other classes.

    It is the last step of a pipeline: ``data_samples`` of MMAction2 and MMPretrain, or the labels of a sample that is
    not packed. Integers are indices of classes; a vector of floating-point numbers has one for each class, and classes
    that the data set lacks get 0. A sample without labels stays as it is.

    Args:
        own: Names of the data set's classes, in the order of its labels.
        classes: Names in the order wanted, all of ``own`` among them.

    Raises:
        InputError: For names that repeat or are not among ``classes``, and for a label that is not one of ``own``.
    """

    def __init__(self, own: Sequence[str], classes: Sequence[str]):
        self.own = tuple(own)
        self.classes = tuple(classes)
        for names in (self.own, self.classes):
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise InputError(f'the class name {shown(twice)} comes twice, so labels cannot be mapped by name; make '
                                 'the names different')
        position = {name: index for index, name in enumerate(self.classes)}
        if unknown := [name for name in self.own if name not in position]:
            raise InputError(f'labels of class {shown(unknown[0])} have no place among the {len(self.classes)} classes')
        self.places = np.array([position[name] for name in self.own], dtype=np.int64)  # (K of the data set,)

    def __call__(self, results: dict) -> dict:
        if not isinstance(results, dict) or not {'data_samples', *KEYS} & results.keys():
            raise InputError('the pipeline ends in something without data_samples and without '
                             f'{", ".join(KEYS)}, so labels cannot be mapped to the order of the model: give the data '
                             'set that order')
        packed = results.get('data_samples', results)
        samples = packed if isinstance(packed, list | tuple) else [packed]  # test-time augmentation has several
        for sample in {id(sample): sample for sample in samples}.values():
            if 'gt_instances' in sample:
                raise InputError('labels of boxes (gt_instances) are not mapped to another order of the classes: give '
                                 'the data set the order of the model')
            for key in KEYS:
                if sample.get(key) is not None:
                    _put(sample, key, self.place(sample.get(key), scores=key == 'gt_score'))
        return results

    def place(self, labels, *, scores: bool = False):
        """Labels in their new places, of the type that they have: an index, a list or vector of indices, or K numbers
        of which each belongs to a class, as ``scores`` always are."""
        if isinstance(labels, Mapping | str):
            raise InputError(f'label {shown(labels)} is neither indices nor a number for each class')
        if isinstance(labels, list | tuple | set | frozenset) and not labels:
            return labels
        values = labels.numpy() if isinstance(labels, torch.Tensor) else np.asarray(
            list(labels) if isinstance(labels, set | frozenset) else labels)
        placed = self._scattered(values) if scores or values.dtype.kind in 'fb' else self._indices(values)
        if isinstance(labels, torch.Tensor):
            return torch.from_numpy(placed)
        return placed if isinstance(labels, np.ndarray) else type(labels)(placed.tolist())

    def _scattered(self, values: np.ndarray) -> np.ndarray:
        if values.shape != self.places.shape:
            raise InputError(f'a label has {len(values)} numbers for the {len(self.own)} classes of its data set'
                             if values.ndim == 1 else f'a label of shape {values.shape} is not that of one sample')
        placed = np.zeros(len(self.classes), values.dtype)
        placed[self.places] = values
        return placed

    def _indices(self, values: np.ndarray) -> np.ndarray:
        if values.dtype.kind not in 'iu' or values.ndim > 1:
            raise InputError(f'label {shown(values.tolist())} is neither indices nor a number for each class')
        if values.size and not 0 <= values.min() <= values.max() < len(self.own):
            raise InputError(f'label {shown(values.tolist())} holds an index outside 0..{len(self.own) - 1}, the '
                             f'{len(self.own)} classes of its data set')
        return np.asarray(self.places[values], dtype=values.dtype)

    def __repr__(self) -> str:
        return f'{type(self).__name__}({len(self.own)} classes to {len(self.classes)})'


def _put(sample, key: str, value) -> None:
    """Set a label of a data sample, among what is about it or what it holds, or of a plain dict."""
    if isinstance(sample, dict):
        sample[key] = value
    elif key in sample.metainfo_keys():
        sample.set_metainfo({key: value})
    else:
        sample.set_field(value, key)
