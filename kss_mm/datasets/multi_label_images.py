"""Images of one's own with their labels, from any label file, as a dataset of MMPretrain."""

import numpy as np
from mmpretrain.datasets import MultiLabelDataset

from kss_mm.datasets.reads_label_files import ReadsLabelFiles
from kss_mm.errors import InputError
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.registry import DATASETS


@DATASETS.register_module()
class MultiLabelImages(ReadsLabelFiles, MultiLabelDataset):
    """Images with the labels that a table, list or export of an annotation tool gives them.

    It reads what ``tools/build_label_graph.py --labels`` reads. Each sample has ``img_path`` and ``gt_label``, the
    sorted indices of its labels; where some labels of the file are unknown, also ``gt_score``, K numbers that are 1, 0
    or -1. The class names are ``metainfo['classes']``. With an empty pipeline only the label file is read, and no image
    need be there.

    Args:
        ann_file: The label file, see :func:`~kss_mm.graph.label_files.read_label_file`.
        pipeline: Steps of MMPretrain.
        data_prefix: Folder of the images, or ``dict(img_path=folder)``. Images are found by path, name or id, see
            :class:`~kss_mm.datasets.media_folder.MediaFolder`.
        data_root, classes, split, separator, label_column, id_column, unlabelled, max_bad_share, test_mode, indices:
            As of :class:`~kss_mm.datasets.multi_label_videos.MultiLabelVideos`, images read by
            ``kss_mm.SafeLoadImage``.

    Raises:
        BadImageError: In evaluation, for an image that cannot be read, when it is fetched.
        MissingFileError: For a missing label file or image folder, and in evaluation for missing images. In training,
            missing images are left out with a warning that counts and names them.
        InputError: For labels that do not read, naming file and row; for a ``split`` that the file does not have.
    """

    prefix_key = 'img_path'

    def load_data_list(self) -> list[dict]:
        samples = self.read_samples()
        if parts := [sample for sample in samples if sample.seconds]:
            raise InputError(f'{self.ann_file}: {parts[0].name}: a part of a video, from second to second; take '
                             'kss_mm.MultiLabelVideos')
        unknown = any(sample.unknown for sample in samples)  # then all have numbers: a batch is of one kind
        return [dict(img_path=sample.path, gt_label=sample.labels, **(dict(unknown=sample.unknown) if unknown else {}))
                for sample in samples]

    def get_data_info(self, idx: int) -> dict:
        info = super().get_data_info(idx)
        if (unknown := info.pop('unknown', None)) is not None:
            scores = np.zeros(len(self._metainfo['classes']), np.float32)
            scores[info['gt_label']] = 1
            scores[unknown] = UNKNOWN
            info['gt_score'] = scores
        return info
