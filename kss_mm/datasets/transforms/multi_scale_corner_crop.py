"""ML-GCN's training crop, which MMPretrain lacks; MMAction2 has it for videos only."""

from collections.abc import Sequence
from itertools import product

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform

from kss_mm.errors import InputError
from kss_mm.registry import TRANSFORMS

# Positions in quarters of the free space, (x, y): corners, centre, middles of the sides, and half-way to the corners
# (Wang et al., "Towards Good Practices for Very Deep Two-Stream ConvNets", and ML-GCN's released code).
POSITIONS = ((0, 0), (4, 0), (0, 4), (4, 4), (2, 2), (0, 2), (4, 2), (2, 4), (2, 0), (1, 1), (3, 1), (1, 3), (3, 3))


@TRANSFORMS.register_module()
class MultiScaleCornerCrop(BaseTransform):
    """Crop at one of 13 positions, width and height random shares of the shorter side, and resize to a square.

    Required and modified keys are ``img`` (H, W, C) and ``img_shape``.

    Args:
        size: Side of the result in pixels.
        scales: Shares of the shorter side, from large to small; by default those of ML-GCN's released code.
        max_distort: Largest distance of width and height, in places of ``scales``.
        backend: 'pillow' smooths when it makes images smaller, as the released code does; 'cv2' is faster.
    """

    def __init__(self, size: int, scales: Sequence[float] = (1., .875, .75, .66, .5), *, max_distort: int = 2,
                 backend: str = 'pillow'):
        if size < 1 or not scales or not all(0 < scale <= 1 for scale in scales):
            raise InputError(f'size={size} must be positive and scales={tuple(scales)} shares in (0, 1]')
        self.size = size
        self.pairs = [(scales[i], scales[j]) for i, j in product(range(len(scales)), repeat=2)
                      if abs(i - j) <= max_distort]
        self.backend = backend

    def transform(self, results: dict) -> dict:
        image = results['img']
        height, width = image.shape[:2]
        scale_x, scale_y = self.pairs[np.random.randint(len(self.pairs))]
        quarter_x, quarter_y = POSITIONS[np.random.randint(len(POSITIONS))]
        crop_w, crop_h = (max(1, int(min(height, width) * scale)) for scale in (scale_x, scale_y))
        left, top = (width - crop_w) // 4 * quarter_x, (height - crop_h) // 4 * quarter_y
        crop = image[top:top + crop_h, left:left + crop_w]  # (h, w, C)
        results['img'] = mmcv.imresize(crop, (self.size, self.size), backend=self.backend)  # (size, size, C)
        results['img_shape'] = (self.size, self.size)
        return results
