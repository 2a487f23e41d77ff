"""A test pipeline as plain data, by which a model in ONNX reads files without its host.

``kss_mm.inference.plain_steps`` does what is described here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import TRANSFORMS, init_default_scope
from torch import nn

from kss_mm.apis.config import evaluation_pipeline
from kss_mm.apis.input_kind import input_kind
from kss_mm.apis.pipeline_steps import input_steps
from kss_mm.errors import InputError
from kss_mm.models.heads.decision import decision_of
from kss_mm.models.heads.head_of import head_of

#: Of the description; the reader refuses another.
VERSION = 1


def describe_pipeline(cfg: Config, model: nn.Module) -> dict[str, Any]:
    """Frame sampling, resizing, crops and normalisation of a config's test pipeline, and how its head averages clips.

    Raises:
        InputError: Naming the step or option that has no description.
    """
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    kind = input_kind(cfg)
    steps = []
    for step in input_steps(evaluation_pipeline(cfg)):
        steps += [part for part in _described(TRANSFORMS.build(step), step) if part]
    preprocessor = model.data_preprocessor
    if getattr(preprocessor, 'pad_size_divisor', 1) != 1:
        raise _undescribed(f'data_preprocessor(pad_size_divisor={preprocessor.pad_size_divisor})')
    mean, std = (getattr(preprocessor, name, None) for name in ('mean', 'std'))
    normalisation = dict(where='in the network', mean=None if mean is None else mean.flatten().tolist(),
                         std=None if std is None else std.flatten().tolist())
    batch_size = (cfg.get('test_dataloader') or {}).get('batch_size') or 1
    return dict(version=VERSION, kind=kind, steps=steps, average=_average(model), batch_size=batch_size,
                normalisation=normalisation)


def _average(model: nn.Module) -> str:
    """How the head makes one score of several clips: by the mean of probabilities or logits, or the highest."""
    decision, head = decision_of(model), head_of(model)
    how = getattr(head, 'average_clips', 'score')  # images have one clip
    if decision.thresholds is None:
        raise _undescribed(f'a {type(head).__name__} that predicts the highest labels or a softmax')
    if decision.gives_logits or decision.threshold_logits is not None or not hasattr(head, 'average_clips'):
        return how
    raise _undescribed(f'{type(head).__name__}(average_clips={how!r})')


def _described(step: Any, config: Mapping) -> list[dict]:
    name = f'{type(step).__module__.partition(".")[0]}.{type(step).__name__}'
    describe = _STEPS.get(name)
    found = None if describe is None else describe(step)
    if found is None:
        raise _undescribed(', '.join(f'{key}={value!r}' for key, value in config.items()))
    return found if isinstance(found, list) else [found]


def _undescribed(what: str) -> InputError:
    return InputError(f'the test pipeline cannot be described as plain data, because of {what}')


def _size(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else [int(part) for part in value]


def _uniform(step: Any) -> dict | None:
    return dict(step='uniform', clip_len=step.clip_len, clips=step.num_clips) if step.test_mode else None


def _sample(step: Any) -> dict | None:
    if not step.test_mode or step.temporal_jitter or step.target_fps is not None:
        return None
    return dict(step='sample', clip_len=step.clip_len, interval=step.frame_interval, clips=step.num_clips,
                twice=bool(step.twice_sample), beyond=step.out_of_bound_opt)


def _video_resize(step: Any) -> dict | None:
    if step.lazy or not isinstance(step.scale, tuple):
        return None
    # The host writes a short side alone as (infinity, side).
    scale = [None if part == float('inf') else int(part) for part in step.scale]
    return dict(step='resize', size=scale, keep_ratio=bool(step.keep_ratio), interpolation=step.interpolation,
                backend='cv2')


def _image_resize(step: Any) -> dict | None:
    if step.scale is None:
        return None
    return dict(step='resize', size=_size(step.scale), keep_ratio=bool(step.keep_ratio),
                interpolation=step.interpolation, backend=step.backend)


def _edge(step: Any) -> dict:
    return dict(step='resize_edge', size=step.scale, edge=step.edge, interpolation=step.interpolation,
                backend=step.backend)


def _image_crop(step: Any) -> dict | None:
    return None if step.auto_pad else dict(step='center_crop', size=_size(step.crop_size), rounding='nearest')


def _padded_crop(step: Any) -> dict:
    return dict(step='padded_crop', size=step.crop_size, padding=step.crop_padding, interpolation=step.interpolation,
                backend=step.backend)


def _loaded(step: Any) -> list | None:
    return [] if (step.color_type, step.imdecode_backend, step.to_float32) == ('color', 'cv2', False) else None


_STEPS: dict[str, Callable[[Any], dict | list | None]] = {
    'mmaction.DecordInit': lambda step: [], 'kss_mm.SafeDecordInit': lambda step: [],
    'mmaction.DecordDecode': lambda step: [] if step.mode == 'accurate' else None,
    'kss_mm.SafeDecordDecode': lambda step: [] if step.mode == 'accurate' else None,
    'mmaction.UniformSample': _uniform, 'mmaction.SampleFrames': _sample, 'mmaction.Resize': _video_resize,
    'mmaction.CenterCrop': lambda step: None if step.lazy else dict(
        step='center_crop', size=_size(step.crop_size), rounding='down'),
    'mmaction.ThreeCrop': lambda step: dict(step='three_crop', size=_size(step.crop_size)),
    'mmaction.FormatShape': lambda step: None if step.collapse or step.input_format not in ('NCTHW', 'NCHW') else [],
    'mmaction.PackActionInputs': lambda step: [], 'mmpretrain.PackInputs': lambda step: [],
    'mmcv.LoadImageFromFile': _loaded, 'kss_mm.SafeLoadImage': _loaded, 'mmcv.Resize': _image_resize,
    'mmpretrain.ResizeEdge': _edge, 'mmcv.CenterCrop': _image_crop, 'mmpretrain.EfficientNetCenterCrop': _padded_crop}
