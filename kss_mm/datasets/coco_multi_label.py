"""MS-COCO as a multi-label dataset of MMPretrain, read from the official annotation files."""

import logging
import os
from collections.abc import Sequence

from mmengine.logging import print_log
from mmpretrain.datasets import MultiLabelDataset

from kss_mm.datasets.bad_samples import ReplacesBadSamples
from kss_mm.datasets.held_out import HoldsOutLabels
from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.graph.label_readers.coco_labels import CLASS_ORDERS, CocoLabels, read_coco
from kss_mm.registry import DATASETS

# How many names a message lists.
_NAMED = 5


@DATASETS.register_module()
class CocoMultiLabel(ReplacesBadSamples, HoldsOutLabels, MultiLabelDataset):
    """Images of MS-COCO with the categories of all their objects as labels.

    Each sample has ``img_path``, ``img_id`` and ``gt_label``, the sorted indices of its classes. The class names are
    ``metainfo['classes']``. With an empty pipeline only the annotations are read, and no image need be there.

    Args:
        ann_file: ``instances_*.json`` of an official release, or any file of that form; also LVIS' and panoptic ones.
        data_prefix: ``dict(img_path=folder)`` of the images.
        class_order: 'category_id', the order of COCO's own tools, or 'alphabetical', that of ML-GCN's files. A
            label graph must have the same: build it from the config, not from the JSON file.
        classes: Names of the classes in an order of your own; categories that it leaves out do not count, classes
            that the file lacks have no positives, which the log says.
        unlabelled: What to do with images without any label, in training and in evaluation: 'drop', as ML-GCN does
            (40,137 of the 40,504 images of val2014 stay), or 'keep'.
        crowd: Whether annotations of crowds count as objects: 'keep', as in ML-GCN, or 'drop'.
        held_out: As of :class:`~kss_mm.datasets.held_out.HoldsOutLabels`.
        max_bad_share: A training image that cannot be read (by ``kss_mm.SafeLoadImage``) is replaced by another and
            named in the log; past this share of the samples, 0..1, training stops. In evaluation each is an error.

    Raises:
        BadImageError: In evaluation, for an image that cannot be read, when it is fetched.
        MissingFileError: For a missing annotation file or image folder, or a folder without the first image.
        InputError: For annotations that do not read, naming file and entry.
    """

    def __init__(self, ann_file: str, *, data_prefix: str | dict = '', class_order: str = 'category_id',
                 classes: str | Sequence[str] | None = None, unlabelled: str = 'drop', crowd: str = 'keep',
                 max_bad_share: float = 0.1, **kwargs):
        for name, value, allowed in (('class_order', class_order, CLASS_ORDERS),
                                     ('unlabelled', unlabelled, ('keep', 'drop')), ('crowd', crowd, ('keep', 'drop'))):
            if value not in allowed:
                raise InputError(f'{name} must be {" or ".join(map(repr, allowed))}, got {value!r}')
        self.class_order = class_order
        self.unlabelled = unlabelled
        self.crowd = crowd
        super().__init__(ann_file, data_prefix=data_prefix, classes=classes, max_bad_share=max_bad_share, **kwargs)

    def load_data_list(self) -> list[dict]:
        if not os.path.isfile(self.ann_file):
            raise MissingFileError(f'{self.ann_file}: no such annotation file (data_root and ann_file of the dataset)')
        found = read_coco(self.ann_file, class_order=self.class_order, classes=self._metainfo.get('classes'),
                          crowd=self.crowd)
        self._metainfo['classes'] = found.classes
        self._tell(found)
        if None in found.file_names:
            raise InputError(f'{self.ann_file}: the image of id '
                             f'{shown(found.image_ids[found.file_names.index(None)])} has no file_name')
        samples = [dict(img_path=os.path.join(self.img_prefix or '', name), img_id=image, gt_label=labels)
                   for name, image, labels in zip(found.file_names, found.image_ids, found.labels)
                   if labels or self.unlabelled == 'keep']
        if not samples:
            raise InputError(f'{self.ann_file}: has no image with a label')
        if self.pipeline.transforms:
            self._check_images(samples[0]['img_path'])
        return samples

    def _tell(self, found: CocoLabels) -> None:
        notes = list(found.notes)
        if found.absent:
            notes.append(f'no image is a positive of {_names(found.absent)}, of which the file has no category'
                         + (f'; it has {_names(found.left_out)}, which classes leaves out' if found.left_out else ''))
        for note in notes:
            print_log(f'{self.ann_file}: {note}', logger='current', level=logging.WARNING)

    def _check_images(self, first: str) -> None:
        if not os.path.isdir(self.img_prefix or '.'):
            raise MissingFileError(f'{self.img_prefix}: no such folder of images (data_prefix.img_path of the dataset)')
        if not os.path.isfile(first):
            raise MissingFileError(f'{first}: no such image; data_prefix.img_path must be the folder of the images of '
                                   f'{self.ann_file}')


def _names(names: Sequence[str]) -> str:
    return ', '.join(map(shown, names[:_NAMED])) + (f' and {len(names) - _NAMED} more' if len(names) > _NAMED else '')
