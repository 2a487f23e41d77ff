"""Datasets. The readers of annotation files and Toy Charades need no host; the dataset classes do."""

from kss_mm.hosts import is_installed
from kss_mm.registry import DATASETS, register_absent

if is_installed('mmaction2'):
    from kss_mm.datasets.charades import CharadesDataset

    __all__ = ['CharadesDataset']
else:
    register_absent(DATASETS, 'mmaction2', ('CharadesDataset',))
