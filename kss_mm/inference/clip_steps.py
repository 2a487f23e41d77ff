"""A pipeline for frames in memory in three parts, for windows whose frames come one after the other."""

from collections.abc import Callable, Sequence

import numpy as np

from kss_mm.errors import InputError
from kss_mm.inference.array_steps import FramesInMemory, frame_numbers
from kss_mm.inference.network import Clip

Step = Callable[[dict], dict | None]
#: What a sample of a video has before the first step.
VIDEO = dict(label=-1, start_index=0, modality='RGB')


def chosen(steps: Sequence[Step], total: int, fps: float) -> dict:
    """A sample after the steps that choose frames of a clip.

    Args:
        steps: Of :func:`~kss_mm.inference.array_steps.steps_for_arrays`, built.

    Raises:
        InputError: For a pipeline that chooses none.
    """
    sample = _through(steps[:_place(steps)], dict(VIDEO, total_frames=total, avg_fps=fps))
    if 'frame_inds' not in sample:
        raise InputError('the test pipeline does not choose frames before it decodes them; give it a step such as '
                         'UniformSample')
    return dict(sample, frame_inds=frame_numbers(sample))


def reduced(steps: Sequence[Step], frame: np.ndarray) -> dict:
    """A frame after the step that makes it smaller, where that stands first; with what the step says of it."""
    sample = dict(VIDEO, imgs=[frame], original_shape=frame.shape[:2], img_shape=frame.shape[:2])
    place = _place(steps) + 1
    return _through(steps[place:_after_resize(steps)], sample)


def finished(steps: Sequence[Step], sample: dict, clip: Clip) -> dict:
    """A clip after all steps.

    Args:
        sample: Result of :func:`chosen` for as many frames.
    """
    said = {name: value for name, value in clip.frames[0].items() if name != 'imgs'}
    images = [frame['imgs'][0].copy() for frame in clip.frames]  # the next step may write into them
    return _through(steps[_after_resize(steps):], {**sample, **said, 'imgs': images})


def _place(steps: Sequence[Step]) -> int:
    for place, step in enumerate(steps):
        if isinstance(step, FramesInMemory):
            return place
    raise InputError('the test pipeline opens no video')


def _after_resize(steps: Sequence[Step]) -> int:
    """Each frame by itself passes MMAction2's Resize, which makes the same of it among others."""
    place = _place(steps) + 1
    is_resize = place < len(steps) and type(steps[place]).__name__ == 'Resize' and not getattr(
        steps[place], 'lazy', False)
    return place + is_resize


def _through(steps: Sequence[Step], sample: dict) -> dict:
    for step in steps:
        sample = step(sample)
    return sample
