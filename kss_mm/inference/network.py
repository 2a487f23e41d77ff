"""What runs a model, behind the :class:`~kss_mm.inference.predictor.Predictor`: torch or onnxruntime."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple, Protocol

import numpy as np


class Scores(NamedTuple):
    """The outputs of a model for one sample.

    Shapes:
        - **scores, logits:** :math:`(K,)`; logits are None where the model has none

    Args:
        indices: Of the predicted labels.
    """

    scores: np.ndarray
    logits: np.ndarray | None
    indices: list[int]


class Thresholds(NamedTuple):
    """From which labels are predicted, as probabilities and as logits, (K,) each; None where there are none."""

    probabilities: np.ndarray | None = None
    logits: np.ndarray | None = None


class Clip(NamedTuple):
    """Frames of a window of a video.

    Args:
        frames: Those that :meth:`Network.chosen` named, in its order, as :meth:`Network.reduced` gave them.
        total: How many frames the window has.
        fps: Frames a second of the video.
    """

    frames: Sequence[object]
    total: int
    fps: float


class Network(Protocol):
    """A model with the steps that make its input.

    Attributes:
        path: File of the model, for errors.
        kind: 'video' or 'image'.
        classes: Names of the K labels.
        thresholds: From which labels are predicted.
        batch_size: How many samples it takes at once by default.
        identity: What tells it from other models: ``model``, its file's name, ``sha256``, that of its content, and
            ``config``, a hash of the config of model and test pipeline.
    """

    path: str
    kind: str
    classes: list[str]
    thresholds: Thresholds
    batch_size: int
    identity: dict[str, str]

    def prepare(self, content: str | np.ndarray | Clip) -> object:
        """A sample from a file's name, from uint8 RGB frames, (T, H, W, 3) or (H, W, 3), or from a clip; may run in
        many threads.

        Raises:
            UserError: For a file that cannot be read.
        """

    def chosen(self, total: int, fps: float) -> np.ndarray:
        """Numbers of the frames that the model takes of a clip of ``total`` frames, one after the other; always the
        same."""

    def reduced(self, frame: np.ndarray) -> object:
        """A frame, (H, W, 3) uint8 RGB, as it is held until its clip is whole: smaller, where the model's first step
        makes it so."""

    def shape(self, sample: object) -> Hashable:
        """Samples of one shape can be run together."""

    def run(self, samples: Sequence[object]) -> list[Scores]:
        """Scores of samples of one shape; in one thread at a time."""
