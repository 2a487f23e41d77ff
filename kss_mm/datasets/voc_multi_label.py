"""PASCAL VOC as MMPretrain has it, and unreadable images replaced in training."""

from mmpretrain.datasets import VOC as HostVOC

from kss_mm.datasets.bad_samples import ReplacesBadSamples
from kss_mm.datasets.held_out import HoldsOutLabels
from kss_mm.registry import DATASETS


@DATASETS.register_module()
class VocMultiLabel(ReplacesBadSamples, HoldsOutLabels, HostVOC):
    """MMPretrain's VOC with ``max_bad_share``: a training image that cannot be read is replaced by another.

    Raises:
        BadImageError: In evaluation, for an image that ``kss_mm.SafeLoadImage`` cannot read, when it is fetched.
    """
