"""Datasets and transforms. The readers of annotation files and Toy Charades need no host; the classes do."""

from kss_mm.lazy import lazy_names

__all__ = ['CharadesDataset', 'CocoMultiLabel', 'MapLabels', 'MultiScaleCornerCrop', 'SafeDecordDecode',
           'SafeDecordInit', 'SafeLoadImage', 'VideoFrames', 'VocMultiLabel']

__getattr__ = lazy_names(__name__, {
    'CharadesDataset': 'charades', 'CocoMultiLabel': 'coco_multi_label', 'MapLabels': 'map_labels',
    'MultiScaleCornerCrop': 'multi_scale_corner_crop', 'SafeDecordDecode': 'safe_decord',
    'SafeDecordInit': 'safe_decord', 'SafeLoadImage': 'safe_load_image', 'VocMultiLabel': 'voc_multi_label',
    'VideoFrames': 'video_frames'})
