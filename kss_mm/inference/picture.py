"""The picture of a prediction: frames of the file above its labels."""

import os
from collections.abc import Sequence

import numpy as np

from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.datasets.media.image_reader import read_image
from kss_mm.files import PathLike
from kss_mm.inference.prediction import Prediction
from kss_mm.visualization.prediction import draw_prediction
from kss_mm.visualization.save import save_figure

_FRAMES = 8


def draw(prediction: Prediction, kind: str, out: PathLike, *, top: int = 10,
         targets: Sequence[int] | None = None) -> None:
    """Write a picture of the file of a prediction with its ``top`` labels and all true ones.

    Args:
        kind: 'video' or 'image', what the file is.
        targets: Indices of the true labels; None where they are not known.

    Raises:
        UserError: For a file that is not there any more.
    """
    ranked = prediction.ranked()
    shown = ranked[:top] + [label for label in ranked[top:] if label in (targets or ())]
    frames = spread_frames(prediction.source, _FRAMES) if kind == 'video' else read_image(prediction.source)[None]
    figure = draw_prediction(
        frames, prediction.classes, prediction.scores, title=os.path.basename(prediction.source), targets=targets,
        labels=prediction.indices, thresholds=prediction.thresholds, shown=shown,
        beside={label: prediction.decision(label) for label in shown})
    save_figure(figure, out)


def spread_frames(video: PathLike, count: int) -> np.ndarray:
    """Read ``count`` frames of a file, spread evenly over it: (T, H, W, 3) uint8 RGB."""
    reader = open_video(os.fspath(video))
    return np.stack(read_frames(reader, np.linspace(0, len(reader) - 1, count).round().astype(int)))
