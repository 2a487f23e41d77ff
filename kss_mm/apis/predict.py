"""From a config, a checkpoint and a video file to label probabilities."""

import logging
import os
from collections.abc import Sequence

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.logging import print_log
from mmengine.registry import DATASETS, init_default_scope

from kss_mm.apis.config import evaluation_pipeline, name_of
from kss_mm.apis.model import build_model
from kss_mm.apis.prediction import Prediction, prediction_of
from kss_mm.apis.translate_errors import translate_errors
from kss_mm.checkpoints.checkpoint import load_plain
from kss_mm.checkpoints.meta import class_names_in
from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.hosts.runs import repair_hosts
from kss_mm.sample_ids import path_of


def predict_video(cfg: Config, checkpoint: PathLike, video: PathLike, *, device: str | None = None,
                  num_frames: int = 8) -> Prediction:
    """Run the test pipeline and the model of a config on one file.

    Args:
        num_frames: How many frames to return for showing.

    Raises:
        MissingVideoError, BadVideoError: For a video that is not there or does not decode, naming it.
        InputError: For a checkpoint whose scores are not finite.
    """
    from mmaction.apis import inference_recognizer

    frames = spread_frames(video, num_frames)
    model = build_model(cfg, checkpoint, device)
    sample = inference_recognizer(model, str(video), Compose(evaluation_pipeline(cfg)))
    return prediction_of(model, sample, frames, checkpoint)


def spread_frames(video: PathLike, count: int) -> np.ndarray:
    """Read ``count`` frames of a file, spread evenly over it: (T, H, W, 3) uint8 RGB."""
    reader = open_video(os.fspath(video))
    return np.stack(read_frames(reader, np.linspace(0, len(reader) - 1, count).round().astype(int)))


def class_names(checkpoint: str, outputs: int | None = None) -> list[str]:
    """Class names that a checkpoint was trained with, kept in it by the runner.

    Args:
        outputs: Of its model, where they are known.

    Raises:
        InputError: If it has no names, or not one for every output.
    """
    classes = class_names_in(load_plain(checkpoint), checkpoint, outputs)
    if classes is None:
        raise InputError(f'{checkpoint}: holds no class names; give its training dataset some, '
                         'metainfo=dict(classes=[...])')
    return classes


def true_labels(cfg: Config, file: str, classes: Sequence[str]) -> list[int]:
    """Labels of a video or image in the config's test data set, which are mapped to ``classes``, the model's, by name.

    Raises:
        InputError: For a file that is none of the data set's, or a data set of other classes.
    """
    from kss_mm.datasets.align_classes import align_classes, leaves
    from kss_mm.datasets.label_counts import label_indices, label_of

    init_default_scope(cfg.get('default_scope', 'mmengine'))
    repair_hosts()
    if not cfg.get('test_dataloader'):
        raise InputError(f'{name_of(cfg)}: has no test_dataloader, in whose data set true labels are looked up')
    with translate_errors(cfg):
        dataset = DATASETS.build(_without_pipelines(cfg.test_dataloader.dataset))
    for line in align_classes(dataset, classes, 'the checkpoint', what='test set', complete=False,
                              remedy='leave its other classes out, or name them as the checkpoint does'):
        print_log(line, logger='current', level=logging.WARNING)
    wanted = os.path.realpath(file)
    for leaf in leaves(dataset):
        for index in range(len(leaf)):
            path = path_of(leaf.get_data_info(index))
            if path and os.path.realpath(path) == wanted:
                label = label_of(leaf[index])  # with the mapping, which is all of the pipeline
                return [] if label is None else label_indices(label).tolist()
    raise InputError(f'{file}: not in the test data set of {name_of(cfg)}, so its true labels are not known')


def _without_pipelines(part):
    """A part of a config with every pipeline empty, so that nothing is loaded."""
    if isinstance(part, dict):
        return {key: [] if key == 'pipeline' else _without_pipelines(value) for key, value in part.items()}
    return [_without_pipelines(value) for value in part] if isinstance(part, list | tuple) else part
