"""From a file to a model in use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.inference.predictor import Predictor

if TYPE_CHECKING:
    from mmengine.config import Config

ONNX_SUFFIX = '.onnx'


def load(file: PathLike | Config, checkpoint: PathLike | None = None, device: str | None = None, *,
         batch_size: int | None = None, workers: int | None = None, threshold: float | None = None,
         options: dict | list[str] | None = None) -> Predictor:
    """Build a trained model once, to predict files, frames and streams with it.

        predictor = kss_mm.load('published/kssnet_i3d_toy_20260101-01234567.pth')
        predictor('video.mp4').predicted

    Args:
        file: A published or deployed file, one in ONNX (which needs no torch), or a config or its file together with a
            checkpoint.
        checkpoint: Weights of the config's model; by default those of the published file.
        device: By default a GPU where there is one.
        batch_size: Samples that the model takes at once; by default as the config's test_dataloader says.
        workers: Threads that decode beside the model; by default one for each core, up to 8.
        threshold: A probability from which every label is predicted, in place of the model's own thresholds.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.

    Raises:
        UserError: In one line, for a file that is missing, damaged, without class names, or of another model.
    """
    if isinstance(file, str | os.PathLike) and os.fspath(file).endswith(ONNX_SUFFIX):
        if checkpoint is not None or options:
            raise InputError(f'{os.fspath(file)}: is a model by itself, and takes neither a checkpoint nor options')
        from kss_mm.inference.onnx_network import OnnxNetwork

        network = OnnxNetwork(file, device)
    else:
        from kss_mm.inference.torch_network import TorchNetwork  # torch

        network = TorchNetwork(file, checkpoint, device, options=options)
    return Predictor(network, batch_size=batch_size, workers=workers, threshold=threshold)
