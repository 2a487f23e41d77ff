"""The size of a model's input, as the test pipeline of its config makes it."""

from collections.abc import Sequence
from typing import NamedTuple

from mmengine.config import Config
from mmengine.registry import TRANSFORMS, init_default_scope

from kss_mm.apis.config import evaluation_pipeline, name_of
from kss_mm.errors import InputError

# Steps with one of these options decide about sizes; no others are built.
_OPTIONS = {'crop_size', 'scale', 'clip_len'}
_CHANNELS = 3  # RGB


class _Sample(NamedTuple):
    """Sizes that the pipeline has decided so far; None for the others."""

    frames: int | None = None
    clips: int | None = None
    size: tuple[int, int] | None = None  # width, height


def input_shape(cfg: Config, layout: str | None) -> tuple[int, ...]:
    """(C, T, H, W) of one clip, (C, H, W) of an image.

    Args:
        layout: Of the model's input, 'NCTHW' or 'NCHW'; with 'NCHW' all frames of a video are one clip.

    Raises:
        InputError: If the pipeline leaves the size to the file it reads.
    """
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    sample = _Sample()
    for step in evaluation_pipeline(cfg):
        if _OPTIONS & step.keys():
            sample = _after(TRANSFORMS.build(step), sample)
    if sample.size is None or (layout and sample.frames is None):
        raise InputError(f'{name_of(cfg)}: its test pipeline does not say how large an input is: give --shape '
                         f'{"3 T H W" if layout else "3 H W"}')
    width, height = sample.size
    if layout is None:
        return _CHANNELS, height, width
    frames = sample.frames * (sample.clips if layout == 'NCHW' else 1)
    return _CHANNELS, frames, height, width


def _after(transform: object, sample: _Sample) -> _Sample:
    """Transforms of both hosts keep what they were told under the same names."""
    if hasattr(transform, 'clip_len'):
        sample = sample._replace(frames=transform.clip_len, clips=transform.num_clips)
    if hasattr(transform, 'crop_size'):
        return sample._replace(size=_pair(transform.crop_size))
    if hasattr(transform, 'scale'):
        # Keeping the aspect ratio leaves the size to the image.
        fixed = getattr(transform, 'keep_ratio', True) is False
        return sample._replace(size=_pair(transform.scale) if fixed else None)
    return sample


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else tuple(size)
