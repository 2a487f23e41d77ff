"""A config's test pipeline for frames that are in memory, in place of a file's."""

from collections.abc import Sequence

import numpy as np

from kss_mm.apis.pipeline_steps import input_steps, opens, step_name
from kss_mm.errors import InputError


def steps_for_arrays(pipeline: Sequence[dict]) -> list:
    """The steps of a pipeline for frames or an image that a sample already has, under ``frames``."""
    steps: list = []
    for step in input_steps(pipeline):
        match opens(step):
            case 'video':
                steps += [] if step_name(step).endswith('Init') else [FramesInMemory()]
            case 'image':
                steps.append(ImageInMemory(step))
            case _:
                steps.append(step)
    return steps


class FramesInMemory:
    """Takes the frames whose numbers a step before has chosen, as a decoder does."""

    def __call__(self, results: dict) -> dict:
        frames = results.pop('frames')
        # The next step may write into them.
        results['imgs'] = [frames[index].copy() for index in frame_numbers(results)]
        results['original_shape'] = results['img_shape'] = frames.shape[1:3]
        return results


def frame_numbers(results: dict) -> np.ndarray:
    """Numbers of the frames that a step has chosen, (T,)."""
    return np.squeeze(results['frame_inds']) if results['frame_inds'].ndim != 1 else results['frame_inds']


class ImageInMemory:
    """Takes an image as mmcv's step that loads one gives it, BGR.

    Args:
        step: The config of that step.
    """

    def __init__(self, step: dict):
        self.color_type = step.get('color_type', 'color')
        self.to_float32 = step.get('to_float32', False)

    def __call__(self, results: dict) -> dict:
        if self.color_type not in ('color', 'color_ignore_orientation', 'unchanged'):
            raise InputError(f'an array has colours, and the test pipeline reads color_type={self.color_type!r}; give '
                             'the file')
        image = np.ascontiguousarray(results.pop('frames')[..., ::-1])  # RGB -> BGR
        results['img'] = image.astype(np.float32) if self.to_float32 else image
        results['img_shape'] = results['ori_shape'] = image.shape[:2]
        return results

