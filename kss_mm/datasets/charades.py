"""Charades as a dataset of MMAction2, read from the official files as they unpack."""

import logging
import os
from collections.abc import Callable, Sequence

from mmaction.datasets import BaseActionDataset
from mmengine.logging import print_log

from kss_mm.datasets.bad_samples import ReplacesBadSamples
from kss_mm.datasets.charades_files import clips_of, read_classes, read_videos
from kss_mm.datasets.held_out import HoldsOutLabels
from kss_mm.errors import InputError, MissingFileError
from kss_mm.registry import DATASETS

# How many names a message lists.
_NAMED = 5


@DATASETS.register_module()
class CharadesDataset(ReplacesBadSamples, HoldsOutLabels, BaseActionDataset):
    """Videos of Charades with all actions of a video as its labels.

    Each sample has ``filename``, ``video_id``, ``seconds`` and a many-hot ``label`` of shape (K,). The class names
    are ``metainfo['classes']``. With an empty pipeline only the annotations are read, and no video need be there.

    Args:
        ann_file: ``Charades_v1_train.csv`` or ``Charades_v1_test.csv``.
        data_prefix: ``dict(video=folder)`` of the ``{id}.mp4`` files.
        class_file: Class list; by default ``Charades_v1_classes.txt`` beside ``ann_file``.
        unlabelled: What to do with training videos without any action: 'keep' or 'drop'. Evaluation keeps them; the
            Charades protocol does not count them.
        allow_missing: In evaluation, leave missing videos out of the data instead of stopping; the metric then counts
            them as videos without a prediction, as the Charades protocol does.
        clips: Training samples are the annotated actions instead of whole videos: each has ``clip_seconds``, within
            which ``kss_mm.SafeDecordInit`` lets frames be taken, and all labels that are active in half of it.
        held_out: As of :class:`~kss_mm.datasets.held_out.HoldsOutLabels`.
        max_bad_share: A training video that cannot be read (by ``kss_mm.SafeDecordInit``) is replaced by another
            and named in the log; past this share of the samples, 0..1, training stops. In evaluation each is an error.

    Raises:
        BadVideoError: In evaluation, for a video that cannot be read, when it is fetched.
        MissingFileError: For a missing annotation file or video folder, and in evaluation for missing videos. In
            training, missing videos are left out with a warning.
        InputError: For annotations that do not read, naming file and row.
    """

    sample_kind = 'video'

    def __init__(self, ann_file: str, pipeline: Sequence[dict | Callable], *, data_prefix: dict | None = None,
                 class_file: str | None = None, unlabelled: str = 'keep', allow_missing: bool = False,
                 clips: bool = False, max_bad_share: float = 0.1, test_mode: bool = False, **kwargs):
        if unlabelled not in ('keep', 'drop'):
            raise InputError(f"unlabelled must be 'keep' or 'drop', got {unlabelled!r}")
        self.class_file = class_file
        if clips and test_mode:
            raise InputError('clips=True is for training; evaluation by the Charades protocol takes whole videos')
        self.unlabelled = unlabelled
        self.clips = clips
        self.allow_missing = allow_missing
        super().__init__(ann_file, pipeline=list(pipeline), data_prefix=data_prefix or dict(video=''),
                         test_mode=test_mode, multi_class=True, max_bad_share=max_bad_share, **kwargs)

    def load_data_list(self) -> list[dict]:
        class_file = self.class_file or os.path.join(os.path.dirname(self.ann_file), 'Charades_v1_classes.txt')
        classes = read_classes(class_file)
        if self.num_classes not in (None, len(classes)):
            raise InputError(f'num_classes={self.num_classes}, but {class_file} lists {len(classes)} classes')
        self.num_classes = len(classes)
        self._metainfo['classes'] = tuple(classes)
        folder = self.data_prefix['video']
        decodes = bool(self.pipeline.transforms)
        if decodes and folder and not os.path.isdir(folder):
            raise MissingFileError(f'{folder}: no such folder of videos (data_prefix.video of the dataset)')
        samples = []
        for video in read_videos(self.ann_file, self.num_classes):
            sample = dict(filename=os.path.join(folder, f'{video.id}.mp4'), video_id=video.id, seconds=video.length)
            if self.clips:
                samples += [dict(sample, clip_seconds=clip, label=labels) for clip, labels in clips_of(video)]
            else:
                samples.append(dict(sample, label=video.labels))
        if self.unlabelled == 'drop' and not self.test_mode:
            samples = [sample for sample in samples if sample['label']]
        return self._without_missing(samples) if decodes else samples

    def _without_missing(self, samples: list[dict]) -> list[dict]:
        there: list[dict] = []
        missing: list[dict] = []
        for sample in samples:
            (there if os.path.isfile(sample['filename']) else missing).append(sample)
        if not missing:
            return samples
        names = [sample['filename'] for sample in missing[:_NAMED]]
        what = (f'{len(missing)} of {len(samples)} videos of {self.ann_file} are missing: {", ".join(names)}'
                f'{", ..." if len(missing) > _NAMED else ""}')
        if not there or self.test_mode and not self.allow_missing:
            raise MissingFileError(f'{what}; unpack the videos there, or take their rows out of the CSV')
        if self.test_mode:
            self._metainfo['missing'] = {sample['video_id']: sample['label'] for sample in missing}
            what += '; they count as videos without a prediction'
        print_log(f'{what}; the others are used', logger='current', level=logging.WARNING)
        return there
