"""The common part of the data sets of one's own: samples and classes from a label file, files from a folder."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence

from mmengine.logging import print_log

from kss_mm.datasets.bad_samples import ReplacesBadSamples
from kss_mm.datasets.held_out import HoldsOutLabels
from kss_mm.datasets.labelled_files import (
    LabelledFile,
    class_names,
    read_labelled_files,
    unlabelled_note,
    without_missing,
)
from kss_mm.errors import InputError, shown


class ReadsLabelFiles(ReplacesBadSamples, HoldsOutLabels):
    """Mixin of a data set of a host, which reads its samples by :meth:`read_samples`.

    Args:
        ann_file: The label file, below ``data_root``.
        pipeline: Steps of the host.
        data_prefix: Folder of the files, below ``data_root``; or a dict with it under the host's key.
        classes: Class names, or a file of them.
        split, separator, label_column, id_column: As of :func:`~kss_mm.graph.label_files.read_label_file`.
        unlabelled: What to do with training samples without any label: 'keep' or 'drop'. Evaluation keeps them.
    """

    #: The host's key of the folder in ``data_prefix``.
    prefix_key = ''

    def __init__(self, ann_file: str, pipeline: Sequence[dict | Callable] = (), *, data_prefix: str | Mapping = '',
                 data_root: str = '', classes: str | Sequence[str] | None = None,
                 split: str | int | Sequence[str | int] | None = None, separator: str | None = None,
                 label_column: str | None = None, id_column: str | None = None, unlabelled: str = 'keep',
                 metainfo: Mapping | None = None, **kwargs):
        if unlabelled not in ('keep', 'drop'):
            raise InputError(f"unlabelled must be 'keep' or 'drop', got {shown(unlabelled)}")
        if isinstance(data_prefix, Mapping) and set(data_prefix) != {self.prefix_key}:
            raise InputError(f'data_prefix must be a folder, or dict({self.prefix_key}=folder), got '
                             f'{shown(data_prefix)}')
        folder = data_prefix[self.prefix_key] if isinstance(data_prefix, Mapping) else data_prefix
        self.unlabelled = unlabelled
        self.reading = dict(split=split, separator=separator, label_column=label_column, id_column=id_column)
        if (names := class_names(classes, data_root or '')) is not None:
            metainfo = {**(metainfo or {}), 'classes': names}
        super().__init__(os.path.expanduser(ann_file), pipeline=list(pipeline), data_root=data_root, metainfo=metainfo,
                         data_prefix={self.prefix_key: os.path.expanduser(folder or '')}, **kwargs)

    def read_samples(self) -> list[LabelledFile]:
        """The samples; ``metainfo['classes']`` is then set, and the log has how the file was read.

        Files that are missing are left out in training, and an error in evaluation; with an empty pipeline none need
        be there.
        """
        folder, files = self.data_prefix[self.prefix_key], f'{self.sample_kind}s'
        samples, read = read_labelled_files(self.ann_file, folder, self.sample_kind, **self.reading,
                                            classes=self._metainfo.get('classes'))
        self._metainfo['classes'] = read.classes
        notes, missing = list(read.notes), None
        if self.pipeline.transforms:
            samples, missing = without_missing(samples, self.ann_file, folder, files, strict=self.test_mode)
        if self.unlabelled == 'drop' and not self.test_mode:
            samples = [sample for sample in samples if sample.labels]
            if not samples:
                raise InputError(f'{self.ann_file}: none of its samples has a label')
        elif note := unlabelled_note(samples):
            notes.append(note)
        print_log(f'{self.ann_file}: {len(samples)} samples, {len(read.classes)} labels'
                  + ''.join(f'; {note}' for note in notes), logger='current')
        if missing:
            print_log(missing, logger='current', level=logging.WARNING)
        return samples
