"""Steps of a pipeline by what they do: open a video, open an image, or change labels."""

from collections.abc import Mapping, Sequence

# A step's type holds one of these where it opens what the dataset names.
_OPENERS = {'image': ('LoadImage',), 'video': ('Decord', 'PyAV', 'OpenCV', 'PIMS')}
# Steps of a data set's labels, which a file by itself has none of.
_OF_LABELS = ('KeepPositives', 'MapLabels')


def step_name(step: Mapping) -> str:
    """The type of a step, without its scope or module.

    >>> step_name(dict(type='kss_mm.SafeLoadImage'))
    'SafeLoadImage'
    """
    return str(step.get('type')).rpartition('.')[2]


def opens(step: Mapping) -> str | None:
    """'video' or 'image', which a step opens or decodes; None for others."""
    name = step_name(step)
    return next((kind for kind, parts in _OPENERS.items() if any(part in name for part in parts)), None)


def input_steps(pipeline: Sequence[Mapping]) -> list[Mapping]:
    """The steps that make a model's input, without those of labels."""
    return [step for step in pipeline if step_name(step) not in _OF_LABELS]
