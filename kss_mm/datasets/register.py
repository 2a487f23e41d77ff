"""Imported by the registries: registers the classes of the hosts that are there, and what says so for the others."""

import kss_mm.datasets.transforms.keep_positives
import kss_mm.datasets.transforms.load_features
import kss_mm.datasets.transforms.map_labels
from kss_mm.hosts import is_usable
from kss_mm.registry import DATASETS, TRANSFORMS, register_absent

if is_usable('mmaction2'):
    import kss_mm.datasets.charades
    import kss_mm.datasets.multi_label_videos
    import kss_mm.datasets.transforms.safe_decord
else:
    register_absent(DATASETS, 'mmaction2', ('CharadesDataset', 'MultiLabelVideos'))
    register_absent(TRANSFORMS, 'mmaction2', ('SafeDecordDecode', 'SafeDecordInit'))

if is_usable('mmpretrain'):
    import kss_mm.datasets.coco_multi_label
    import kss_mm.datasets.corel5k
    import kss_mm.datasets.multi_label_images
    import kss_mm.datasets.voc_multi_label
else:
    register_absent(DATASETS, 'mmpretrain', ('CocoMultiLabel', 'Corel5k', 'MultiLabelImages', 'VocMultiLabel'))

if is_usable('mmcv'):
    import kss_mm.datasets.transforms.multi_scale_corner_crop
    import kss_mm.datasets.transforms.safe_load_image  # noqa: F401
else:
    register_absent(TRANSFORMS, 'mmcv', ('MultiScaleCornerCrop', 'SafeLoadImage'))
