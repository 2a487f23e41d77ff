"""From a config, a checkpoint and a video or image file to named labels, and the picture of them."""

import os
from typing import NamedTuple

from mmengine.config import Config

from kss_mm.apis.config import checkpoint_of, own_config
from kss_mm.apis.input_kind import check_input
from kss_mm.apis.predict import class_names, predict_video, true_labels
from kss_mm.apis.prediction import Prediction
from kss_mm.errors import InputError
from kss_mm.files import PathLike, whole_path
from kss_mm.visualization import PICTURES
from kss_mm.visualization.prediction import draw_prediction

_DPI = 120


class NamedPrediction(NamedTuple):
    """A prediction for one file, with the names of the classes.

    Args:
        targets: Indices of the true labels; None where they were not looked up.
    """

    file: str
    prediction: Prediction
    classes: list[str]
    targets: list[int] | None

    def draw(self, out: PathLike, *, top: int = 10) -> None:
        """Write a picture of the file with its ``top`` labels and all true ones.

        Raises:
            InputError: For a name that does not end as a picture's.
        """
        check_picture(out)
        ranked = self.prediction.ranked()
        shown = ranked[:top] + [label for label in ranked[top:] if label in (self.targets or ())]
        figure = draw_prediction(
            self.prediction.frames, self.classes, self.prediction.scores, title=os.path.basename(self.file),
            targets=self.targets, labels=self.prediction.labels, thresholds=self.prediction.thresholds, shown=shown,
            beside={label: self.prediction.decision(label) for label in shown})
        with whole_path(out) as part:
            figure.savefig(part, dpi=_DPI)


def check_picture(out: PathLike) -> None:
    """Check that a picture can have this name.

    Raises:
        InputError: If it has another ending, or is a folder.
    """
    if os.path.splitext(out)[1].lower() not in PICTURES or os.path.isdir(out):
        raise InputError(f'--out {out}: must be the name of a file that ends in {", ".join(PICTURES)}')


def predict_file(config: PathLike | Config, checkpoint: PathLike | None, file: PathLike, *, truth: bool = False,
                 device: str | None = None) -> NamedPrediction:
    """Predict the labels of one video or image.

    Args:
        config: A config, its file, or a published checkpoint with its config inside.
        checkpoint: Weights; None for those of the published checkpoint.
        truth: Look up the true labels in the config's test data set.
        device: By default a GPU where there is one.

    Raises:
        UserError: In one line, for a file that cannot be read or is of the other kind, or a checkpoint that does not
            fit.
    """
    checkpoint = checkpoint_of(config, checkpoint)
    cfg, file = own_config(config), os.fspath(file)
    predict = predict_video
    if check_input(cfg, file) == 'image':
        from kss_mm.apis.predict_image import predict_image as predict  # MMPretrain, for images only
    prediction = predict(cfg, checkpoint, file, device=device)
    classes = class_names(checkpoint, len(prediction.scores))
    return NamedPrediction(file, prediction, classes, true_labels(cfg, file, classes) if truth else None)
