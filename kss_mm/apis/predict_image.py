"""From a config, a checkpoint and an image file to label probabilities.

MMPretrain's own ImageClassificationInferencer works with the same models, but names the single best class only.
"""

import torch
from mmengine.config import Config
from mmengine.dataset import Compose, default_collate

from kss_mm.apis.config import evaluation_pipeline
from kss_mm.apis.model import build_model
from kss_mm.apis.prediction import Prediction, prediction_of
from kss_mm.datasets.transforms.safe_load_image import SafeLoadImage


def predict_image(cfg: Config, checkpoint: str, image: str, *, device: str | None = None) -> Prediction:
    """Run the test pipeline and the model of an MMPretrain config on one file; ``frames`` is the image as one frame.

    Raises:
        MissingImageError, BadImageError: For an image that is not there or does not decode, naming it.
        InputError: For a checkpoint whose scores are not finite.
    """
    pixels = SafeLoadImage().transform(dict(img_path=str(image)))['img']  # (H, W, 3), BGR
    model = build_model(cfg, checkpoint, device)
    pipeline = Compose(evaluation_pipeline(cfg))
    with torch.no_grad():
        (sample,) = model.test_step(default_collate([pipeline(dict(img_path=str(image)))]))
    return prediction_of(model, sample, pixels[None, ..., ::-1], checkpoint)
