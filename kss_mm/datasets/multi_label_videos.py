"""Videos of one's own with their labels, from any label file, as a dataset of MMAction2."""

from mmaction.datasets import BaseActionDataset

from kss_mm.datasets.reads_label_files import ReadsLabelFiles
from kss_mm.errors import InputError
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.registry import DATASETS


@DATASETS.register_module()
class MultiLabelVideos(ReadsLabelFiles, BaseActionDataset):
    """Videos with the labels that a table, list or export of an annotation tool gives them.

    It reads what ``tools/build_label_graph.py --labels`` reads. Each sample has ``filename`` and a many-hot ``label``
    of shape (K,), -1 where unknown; parts of videos also ``video_id`` and ``clip_seconds``, within which
    ``kss_mm.SafeDecordInit`` lets frames be taken. The class names are ``metainfo['classes']``. With an empty pipeline
    only the label file is read, and no video need be there.

    Args:
        ann_file: The label file, see :func:`~kss_mm.graph.label_files.read_label_file`.
        pipeline: Steps of MMAction2.
        data_prefix: Folder of the videos, or ``dict(video=folder)``. Videos are found by path, name or id, see
            :class:`~kss_mm.datasets.media_folder.MediaFolder`.
        data_root: Folder that ``ann_file`` and ``data_prefix`` lie in.
        classes: Class names in label order, or a file of them; by default those of the file, in alphabetical order
            where it has names only.
        split: Only samples whose column ``split`` (or ``subset``, ``set``, ``fold``, ``partition``, ``usage``) says
            this, or one of these.
        separator: What is between the labels in a cell; by default found.
        label_column: The column of labels; by default found.
        id_column: The column of the videos' files or ids; by default found.
        unlabelled: What to do with training videos without any label: 'keep' or 'drop'. Evaluation keeps them.
        held_out: As of :class:`~kss_mm.datasets.held_out.HoldsOutLabels`.
        max_bad_share: A training video that cannot be read (by ``kss_mm.SafeDecordInit``) is replaced by another
            and named in the log; past this share of the samples, 0..1, training stops. In evaluation each is an error.
        test_mode: Whether it is for evaluation.
        indices: How many of the samples, from the first, or which.

    Raises:
        BadVideoError: In evaluation, for a video that cannot be read, when it is fetched.
        MissingFileError: For a missing label file or video folder, and in evaluation for missing videos. In training,
            missing videos are left out with a warning that counts and names them.
        InputError: For labels that do not read, naming file and row; for a ``split`` that the file does not have.
    """

    sample_kind = 'video'
    prefix_key = 'video'

    def __init__(self, ann_file: str, pipeline=(), **kwargs):
        super().__init__(ann_file, pipeline, **{**kwargs, 'multi_class': True})

    def load_data_list(self) -> list[dict]:
        samples = self.read_samples()
        number = len(self._metainfo['classes'])
        if self.num_classes not in (None, number):
            raise InputError(f'num_classes={self.num_classes}, but {self.ann_file} has {number} classes')
        self.num_classes = number
        entries = []
        for sample in samples:
            entry = dict(filename=sample.path, label=sample.labels)
            if sample.unknown:
                entry['unknown'] = sample.unknown
            if sample.seconds:
                entry.update(video_id=sample.name, clip_seconds=sample.seconds)
            entries.append(entry)
        return entries

    def get_data_info(self, idx: int) -> dict:
        info = super().get_data_info(idx)
        info['label'][info.pop('unknown', [])] = UNKNOWN
        return info
