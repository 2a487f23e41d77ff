"""From a config, a checkpoint and a video file to label probabilities."""

import os
from typing import NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DATASETS, init_default_scope

from kss_mm.apis.checkpoint import load_plain
from kss_mm.apis.config import evaluation_pipeline
from kss_mm.apis.runner import build_model
from kss_mm.datasets.frame_reader import open_video, read_frames
from kss_mm.errors import InputError


class Prediction(NamedTuple):
    """What a model says of one video.

    Shapes:
        - **scores:** :math:`(K,)`, probabilities
        - **frames:** :math:`(T, H, W, 3)`, uint8 RGB, spread evenly over the video
    """

    scores: np.ndarray
    labels: list[int]
    frames: np.ndarray


def choose_device(wanted: str | None) -> str:
    """The device asked for, or a GPU where there is one.

    Raises:
        InputError: for a device that is not there.
    """
    if wanted is None:
        return 'cuda:0' if torch.cuda.is_available() else 'cpu'
    try:
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f'device {wanted!r} is not there; use cpu, or cuda:0 where torch sees a GPU') from error
    return wanted


def predict_video(cfg: Config, checkpoint: str, video: str, *, device: str | None = None,
                  num_frames: int = 8) -> Prediction:
    """Run the test pipeline and the model of a config on one file.

    Args:
        num_frames: How many frames to return for showing.

    Raises:
        MissingVideoError, BadVideoError: for a video that is not there or does not decode, naming it.
    """
    from mmaction.apis import inference_recognizer

    frames = spread_frames(video, num_frames)
    model = build_model(cfg, checkpoint, choose_device(device))
    sample = inference_recognizer(model, str(video), Compose(evaluation_pipeline(cfg)))
    return Prediction(sample.pred_score.cpu().numpy(), sample.pred_label.tolist(), frames)


def spread_frames(video: str, count: int) -> np.ndarray:
    """``count`` frames of a file, spread evenly over it: (T, H, W, 3) uint8 RGB."""
    reader = open_video(video)
    return np.stack(read_frames(reader, np.linspace(0, len(reader) - 1, count).round().astype(int)))


def class_names(checkpoint: str) -> list[str]:
    """Class names that a checkpoint was trained with, kept in it by the runner."""
    classes = load_plain(checkpoint).get('meta', {}).get('dataset_meta', {}).get('classes')
    if classes is None:
        raise InputError(f'{checkpoint}: holds no class names; give its training dataset some, '
                         'metainfo=dict(classes=[...])')
    return list(classes)


def true_labels(cfg: Config, file: str) -> list[int] | None:
    """Labels of a video or image in the config's test dataset; None if it is not one of its files."""
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    if not cfg.get('test_dataloader'):
        return None
    dataset = DATASETS.build({**cfg.test_dataloader.dataset, 'pipeline': []})
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        # MMAction2's datasets have `filename` and a many-hot `label`, MMPretrain's `img_path` and indices.
        if os.path.realpath(info.get('filename') or info.get('img_path')) == os.path.realpath(file):
            if 'gt_label' in info:
                return sorted(int(label) for label in info['gt_label'])
            return torch.as_tensor(info['label']).nonzero().flatten().tolist()
    return None
