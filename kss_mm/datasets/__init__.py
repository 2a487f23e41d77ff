"""Datasets and transforms. The readers of annotation files and Toy Charades need no host; the classes do."""

from kss_mm.lazy import lazy_names

__all__ = ['CharadesDataset', 'CocoMultiLabel', 'Corel5k', 'KeepPositives', 'LoadFeatures', 'MapLabels',
           'MultiLabelImages', 'MultiLabelVideos', 'MultiScaleCornerCrop', 'SafeDecordDecode', 'SafeDecordInit',
           'SafeLoadImage', 'VideoFrames', 'VocMultiLabel']

__getattr__ = lazy_names(__name__, {
    'CharadesDataset': 'charades', 'CocoMultiLabel': 'coco_multi_label', 'Corel5k': 'corel5k',
    'MultiLabelImages': 'multi_label_images', 'MultiLabelVideos': 'multi_label_videos',
    'VocMultiLabel': 'voc_multi_label',
    'KeepPositives': 'transforms.keep_positives', 'LoadFeatures': 'transforms.load_features',
    'MapLabels': 'transforms.map_labels',
    'MultiScaleCornerCrop': 'transforms.multi_scale_corner_crop',
    'SafeDecordDecode': 'transforms.safe_decord', 'SafeDecordInit': 'transforms.safe_decord',
    'SafeLoadImage': 'transforms.safe_load_image', 'VideoFrames': 'transforms.video_frames'})
