"""Facts that a checkpoint holds beside its weights: its record (``meta``), class names, and the state of its run."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from kss_mm.errors import InputError, shown

# What MMEngine stores to resume a run, and of which types.
_RUN_STATE = {'message_hub': Mapping, 'optimizer': Mapping, 'param_schedulers': Mapping | list, 'label_graph': Mapping,
              'ema_state_dict': Mapping, 'data_preprocessor': Mapping}
_COUNTERS = ('epoch', 'iter')
# A decision threshold for every class, today's and formerly; only our heads have them.
_THRESHOLDS = ('classifier.threshold_logits', 'classifier.thresholds')


def check_meta(checkpoint: Mapping, path: str) -> None:
    """Check that a checkpoint's record and run state have the types that every reader of them relies on.

    Raises:
        InputError: Naming the first entry that has another.
    """
    meta = _dict(checkpoint.get('meta', {}), 'meta', path)
    dataset = _dict(meta.get('dataset_meta', {}), 'meta.dataset_meta', path)
    classes = dataset.get('classes')
    if classes is not None:
        if not isinstance(classes, list | tuple) or not classes:
            raise InputError(f'{path}: its class names (meta.dataset_meta.classes) are {shown(classes)}, no list')
        for index, name in enumerate(classes):
            if not isinstance(name, str):
                raise InputError(f'{path}: its class {index} (meta.dataset_meta.classes, counted from 0) is '
                                 f'{shown(name)}, no text')
    for key in _COUNTERS:
        if not isinstance(meta.get(key, 0), int):
            raise InputError(f'{path}: its meta.{key} is {shown(meta[key])}, no number of a run')
    for key, kind in _RUN_STATE.items():
        if key in checkpoint and not isinstance(checkpoint[key], kind):
            raise InputError(f'{path}: its {key} is a {type(checkpoint[key]).__name__}, which no run writes; take '
                             'another checkpoint of the run')
    for part, content in checkpoint.get('message_hub', {}).items():
        if not isinstance(content, Mapping):
            raise InputError(f'{path}: its message_hub.{shown(part)} is a {type(content).__name__}, no dict; take '
                             'another checkpoint of the run')


def _dict(value: Any, name: str, path: str) -> Mapping:
    if not isinstance(value, Mapping):
        raise InputError(f'{path}: its {name} is a {type(value).__name__}, not a dict; it is not a checkpoint of '
                         'MMEngine')
    return value


def dataset_meta(checkpoint: Mapping) -> Mapping:
    """The record of the data set that a checkpoint was trained on; {} where there is none."""
    return checkpoint.get('meta', {}).get('dataset_meta', {})


def class_names_in(checkpoint: Mapping, path: str, outputs: int | None = None) -> list[str] | None:
    """Class names that a checkpoint holds, one for every output; None where it holds none.

    Args:
        outputs: Number of outputs of its model; by default, as many as the checkpoint has decision thresholds.

    Raises:
        InputError: If there are more or fewer.
    """
    classes = dataset_meta(checkpoint).get('classes')
    if classes is None:
        return None
    if outputs is None:
        outputs = next((len(value) for key, value in checkpoint['state_dict'].items()
                        if str(key).endswith(_THRESHOLDS) and isinstance(value, Tensor) and value.ndim), len(classes))
    if len(classes) != outputs:
        raise InputError(f'{path}: has {len(classes)} class names (meta.dataset_meta.classes) for {outputs} outputs')
    return list(classes)
