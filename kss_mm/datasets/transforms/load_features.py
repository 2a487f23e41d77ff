"""Features from a file in place of decoding, cropping and mirroring."""

import numpy as np

from kss_mm.datasets.feature_files import FeatureFile
from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.registry import TRANSFORMS
from kss_mm.sample_ids import path_of


@TRANSFORMS.register_module()
class LoadFeatures:
    """Reads what ``tools/cache_features.py`` made of a sample; the step that packs the inputs follows it.

    It needs a :func:`~kss_mm.models.FrozenBackbone` with ``cached=True`` and a data preprocessor that changes nothing.
    The config key ``cached_features`` sets all three.

    Shapes:
        - **output:** ``img`` of an image, :math:`(H, W, C)`; ``imgs`` of a video, :math:`(clips, C, T, H, W)` or
          :math:`(T, C, H, W)`

    Args:
        file: The ``.npy`` file.
        random_view: Take one of the views by chance, as a random flip does; otherwise the first.

    Raises:
        MissingFileError, InputError: If the file cannot be read, or has no features of a sample.
    """

    def __init__(self, file: PathLike, *, random_view: bool = False):
        self.features = FeatureFile(file)
        self.random_view = random_view

    def __call__(self, results: dict) -> dict:
        path = path_of(results)
        if path is None:
            raise InputError(f'{self.features.path}: features are found by the path of a sample, and one has none')
        view = np.random.randint(self.features.views) if self.random_view else 0
        features = self.features(path, view)
        if features.ndim == 3:
            results['img'] = features.transpose(1, 2, 0)  # (C, H, W) -> (H, W, C), as an image is packed
        else:
            results['imgs'] = features
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(file={self.features.path!r}, random_view={self.random_view})'
