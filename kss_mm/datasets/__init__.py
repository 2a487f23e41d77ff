"""Datasets. The readers of annotation files and Toy Charades need no host; the dataset classes do."""

from kss_mm.hosts import is_usable
from kss_mm.registry import DATASETS, TRANSFORMS, register_absent

__all__ = []

if is_usable('mmaction2'):
    from kss_mm.datasets.charades import CharadesDataset
    from kss_mm.datasets.safe_decord import SafeDecordDecode, SafeDecordInit

    __all__ += ['CharadesDataset', 'SafeDecordDecode', 'SafeDecordInit']
else:
    register_absent(DATASETS, 'mmaction2', ('CharadesDataset',))
    register_absent(TRANSFORMS, 'mmaction2', ('SafeDecordDecode', 'SafeDecordInit'))

if is_usable('mmpretrain'):
    from kss_mm.datasets.coco_multi_label import CocoMultiLabel
    from kss_mm.datasets.multi_scale_corner_crop import MultiScaleCornerCrop

    __all__ += ['CocoMultiLabel', 'MultiScaleCornerCrop']
else:
    register_absent(DATASETS, 'mmpretrain', ('CocoMultiLabel',))
    register_absent(TRANSFORMS, 'mmpretrain', ('MultiScaleCornerCrop',))
