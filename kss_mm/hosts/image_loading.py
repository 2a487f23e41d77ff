"""MMPretrain 1.2.0's own configs, and older ones of this project, load images by a step whose errors name no file.

A LoadImageFromFile of mmcv that names its file ends this repair.
"""

from collections.abc import Callable

from kss_mm.hosts.steps import replace_step


def load_images_safely(acts: Callable[[], bool]) -> None:
    """MMPretrain's LoadImageFromFile does not name the file that it cannot read.

    Args:
        acts: Whether the repair acts, asked each time that a step is built.
    """
    from mmpretrain.registry import TRANSFORMS

    replace_step(TRANSFORMS, 'LoadImageFromFile', 'kss_mm.SafeLoadImage', acts)
