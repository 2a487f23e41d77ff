"""Corel-5k, the data set of image annotation, as a multi-label dataset of MMPretrain."""

import os

import numpy as np
from mmpretrain.datasets import MultiLabelDataset

from kss_mm.datasets.bad_samples import ReplacesBadSamples
from kss_mm.datasets.corel5k_files import ENDING, SPLITS, check_folder, read_annotations, read_words
from kss_mm.datasets.held_out import HoldsOutLabels
from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.numeric import check_integer, check_number
from kss_mm.registry import DATASETS

#: Parts of the training pictures.
PARTS = ('all', 'fit', 'held_out')
# Every ninth training picture is held out: 500, as many as the test set has.
_HELD_OUT = 9


@DATASETS.register_module()
class Corel5k(ReplacesBadSamples, HoldsOutLabels, MultiLabelDataset):
    """4,500 training and 499 test photographs with 1 to 5 words each (Duygulu et al., ECCV 2002).

    Labels are the 260 words that occur in both parts, as in the literature of image annotation, in the order of the
    file of words; the others are left out. Each sample has ``img_path`` and ``gt_label``, the sorted indices of its
    labels. With an empty pipeline only the annotations are read. Pictures without a label stay.

    Args:
        data_root: Folder that holds ``labels/``, ``train_jpeg/`` and ``test_jpeg/``.
        split: 'train' or 'test'.
        part: Of the training pictures 'all', those to 'fit' on, or those 'held_out' to choose settings with: every
            ninth in the order of the file, the first among them.
        share: How much of the part is taken, above 0 and up to 1; which pictures, chance decides by ``seed``.
        seed: See ``share``.
        held_out: As of :class:`~kss_mm.datasets.held_out.HoldsOutLabels`.
        max_bad_share: As of :class:`CocoMultiLabel`.

    Raises:
        MissingFileError: For a missing folder, annotation file or picture.
        InputError: For annotations that do not read, naming file and line.
    """

    def __init__(self, data_root: str = '', *, split: str = 'train', part: str = 'all', share: float = 1.,
                 seed: int = 0, max_bad_share: float = 0.1, **kwargs):
        for name, value, allowed in (('split', split, tuple(SPLITS)), ('part', part, PARTS)):
            if value not in allowed:
                raise InputError(f'{name} must be {" or ".join(map(repr, allowed))}, got {shown(value)}')
        if part != 'all' and split != 'train':
            raise InputError(f'part={part!r} is of the training pictures: set split="train"')
        check_number('share', share, 0, 1)
        check_integer('seed', seed, 0)
        if not share:
            raise InputError('share must be above 0')
        self.split, self.part, self.share, self.seed = split, part, share, seed
        super().__init__('', data_root=data_root, max_bad_share=max_bad_share, **kwargs)

    def load_data_list(self) -> list[dict]:
        root = self.data_root or '.'
        check_folder(root)
        words = read_words(root)
        found = {split: read_annotations(root, split, len(words)) for split in SPLITS}
        both = set.intersection(*(set().union(*annotations.values()) for annotations in found.values()))
        if not both:
            raise InputError(f'{root}: no word occurs in the training and in the test pictures; take the files as they '
                             'were released')
        label_of = {word: label for label, word in enumerate(sorted(both))}
        self._metainfo['classes'] = tuple(words[word] for word in label_of)
        folder = os.path.join(root, SPLITS[self.split][1])
        samples = [dict(img_path=os.path.join(folder, name + ENDING),
                        gt_label=[label_of[word] for word in numbers if word in label_of])
                   for name, numbers in self._chosen(found[self.split])]
        if self.pipeline.transforms and not os.path.isfile(samples[0]['img_path']):
            raise MissingFileError(f'{samples[0]["img_path"]}: no such picture; {folder} must hold those of '
                                   f'{SPLITS[self.split][0]}')
        return samples

    def _chosen(self, annotations: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
        entries = list(annotations.items())
        if self.part != 'all':
            entries = [entry for number, entry in enumerate(entries)
                       if (number % _HELD_OUT == 0) == (self.part == 'held_out')]
        count = round(len(entries) * self.share)
        if not count:
            raise InputError(f'share={self.share}: leaves none of {len(entries)} pictures')
        taken = np.random.default_rng(self.seed).permutation(len(entries))[:count]
        return [entries[number] for number in sorted(taken)]
