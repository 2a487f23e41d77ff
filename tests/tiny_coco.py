"""A COCO data set of noise, small enough to be made in a test."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def write_coco(folder: Path, classes: Sequence[str], labels: np.ndarray, pixels: int, rng: np.random.Generator) -> None:
    """Write ``data/images/0.png`` and so on, and ``data/instances.json``, for (N, K) labels of 0 and 1."""
    import mmcv

    content = dict(images=[], annotations=[], categories=[dict(id=i, name=name) for i, name in enumerate(classes)])
    for image, row in enumerate(labels):
        content['images'].append(dict(id=image, file_name=f'{image}.png', width=pixels, height=pixels))
        content['annotations'] += [dict(id=100 * image + label, image_id=image, category_id=label, iscrowd=0)
                                   for label in np.flatnonzero(row).tolist()]
        noise = rng.integers(0, 256, (pixels, pixels, 3), dtype=np.uint8)
        mmcv.imwrite(noise, str(folder / f'data/images/{image}.png'))
    (folder / 'data/instances.json').write_text(json.dumps(content))
