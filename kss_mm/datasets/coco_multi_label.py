"""MS-COCO as a multi-label dataset of MMPretrain, read from the official annotation files."""

import json
import os
from collections.abc import Sequence

from mmpretrain.datasets import MultiLabelDataset

from kss_mm.datasets.bad_samples import ReplacesBadSamples
from kss_mm.errors import InputError, MissingFileError
from kss_mm.registry import DATASETS

CLASS_ORDERS = ('category_id', 'alphabetical')


@DATASETS.register_module()
class CocoMultiLabel(ReplacesBadSamples, MultiLabelDataset):
    """Images of MS-COCO with the categories of all their objects as labels.

    Each sample has ``img_path``, ``img_id`` and ``gt_label``, the sorted indices of its classes. The class names are
    ``metainfo['classes']``. With an empty pipeline only the annotations are read, and no image need be there.

    Args:
        ann_file: ``instances_*.json`` of an official release, or any file of that form.
        data_prefix: ``dict(img_path=folder)`` of the images.
        class_order: 'category_id', the order of COCO's own tools, or 'alphabetical', that of ML-GCN's files. A
            label graph must have the same: build it from the config, not from the JSON file.
        classes: Names of the classes in an order of your own; categories that it leaves out do not count.
        unlabelled: What to do with images without any label, in training and in evaluation: 'drop', as ML-GCN does
            (40,137 of the 40,504 images of val2014 stay), or 'keep'.
        crowd: Whether annotations of crowds count as objects: 'keep', as in ML-GCN, or 'drop'.
        max_bad_share: A training image that cannot be read (by ``kss_mm.SafeLoadImage``) is replaced by another and
            named in the log; past this share of the samples, 0..1, training stops. In evaluation each is an error.

    Raises:
        BadImageError: in evaluation, for an image that cannot be read, when it is fetched.
        MissingFileError: for a missing annotation file or image folder, or a folder without the first image.
        InputError: for annotations that do not read, naming file and entry.
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
        content = self._read()
        try:
            index = self._index_categories(content['categories'])
            labels: dict = {image['id']: set() for image in content['images']}
            for number, annotation in enumerate(content['annotations']):
                if self.crowd == 'drop' and annotation.get('iscrowd', 0):
                    continue
                if annotation['image_id'] not in labels or annotation['category_id'] not in index:
                    raise InputError(f'{self.ann_file}: annotation {annotation.get("id", number)} is of image '
                                     f'{annotation["image_id"]} and category {annotation["category_id"]}, one of '
                                     'which is not in the file')
                labels[annotation['image_id']].add(index[annotation['category_id']])
            samples = [dict(img_path=os.path.join(self.img_prefix or '', image['file_name']), img_id=image['id'],
                            gt_label=sorted(labels[image['id']] - {None})) for image in content['images']]
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f'{self.ann_file}: no COCO instances file: {type(error).__name__} {error}; expected '
                             'images (id, file_name), annotations (image_id, category_id) and categories (id, name)'
                             ) from error
        if self.unlabelled == 'drop':
            samples = [sample for sample in samples if sample['gt_label']]
        if not samples:
            raise InputError(f'{self.ann_file}: has no image with a label')
        if self.pipeline.transforms:
            self._check_images(samples[0]['img_path'])
        return samples

    def _read(self) -> dict:
        if not os.path.isfile(self.ann_file):
            raise MissingFileError(f'{self.ann_file}: no such annotation file (data_root and ann_file of the dataset)')
        try:
            with open(self.ann_file, encoding='utf-8-sig') as file:
                content = json.load(file)
        except ValueError as error:  # not JSON, or not UTF-8
            raise InputError(f'{self.ann_file}: not a whole JSON file ({error}); download it again') from error
        if not isinstance(content, dict) or not {'images', 'annotations', 'categories'} <= content.keys():
            raise InputError(f'{self.ann_file}: has no images, annotations and categories; COCO calls the file '
                             'instances_*.json, not captions_* or person_keypoints_*, and image_info_* has no labels')
        return content

    def _index_categories(self, categories: list[dict]) -> dict[int, int | None]:
        """Label index of every category id, None for one that does not count; sets the class names."""
        names = {category['id']: category['name'] for category in categories}
        wanted = self._metainfo.get('classes')
        if wanted is None:
            wanted = sorted(names.values()) if self.class_order == 'alphabetical' else [names[i] for i in sorted(names)]
        unknown = [name for name in wanted if name not in names.values()]
        if unknown or len(set(wanted)) < len(wanted):
            raise InputError(f'{self.ann_file}: ' + (f'has no category {unknown[0]!r}, which classes asks for'
                                                     if unknown else 'two of the classes have the same name'))
        self._metainfo['classes'] = tuple(wanted)
        position = {name: index for index, name in enumerate(wanted)}
        return {category: position.get(name) for category, name in names.items()}

    def _check_images(self, first: str) -> None:
        if not os.path.isdir(self.img_prefix or '.'):
            raise MissingFileError(f'{self.img_prefix}: no such folder of images (data_prefix.img_path of the dataset)')
        if not os.path.isfile(first):
            raise MissingFileError(f'{first}: no such image; data_prefix.img_path must be the folder of the images of '
                                   f'{self.ann_file}')
