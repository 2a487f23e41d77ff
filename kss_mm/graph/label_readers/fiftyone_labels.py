"""FiftyOne's own export of a data set, ``samples.json``, whose fields say what kind of label they are."""

from collections.abc import Mapping, Sequence

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_samples import Found
from kss_mm.graph.label_readers.label_splits import is_split

#: Fields of labels by kind, and where one holds several; labels of a whole sample come first.
_KINDS = {'Classifications': 'classifications', 'Classification': None, 'TemporalDetections': 'detections',
          'Detections': 'detections', 'Polylines': 'polylines'}


def is_fiftyone(samples: object) -> bool:
    return isinstance(samples, list) and bool(samples) and all(
        isinstance(sample, dict) and isinstance(sample.get('filepath'), str) for sample in samples) and any(
        _kind(value) for sample in samples for value in sample.values())


def read_fiftyone(samples: Sequence[Mapping], label_column: str | None = None) -> Found:
    """The samples of an export, with the labels of one field; tags such as "train" are the split.

    Args:
        label_column: The field; None takes the only one there is.

    Raises:
        InputError: Naming the fields among which one has to be chosen, or the sample.
    """
    fields = {name: _kind(value) for sample in samples for name, value in sample.items() if _kind(value)}
    if label_column is None:
        whole = [name for name, kind in fields.items() if kind.startswith('Classification')] or list(fields)
        if len(whole) > 1:
            raise InputError(f'which of its fields {shown(", ".join(whole))} holds the labels? Say by --label-column')
        label_column = whole[0]
    elif label_column not in fields:
        raise InputError(f'--label-column {shown(label_column)}: no field of labels; there are '
                         f'{shown(", ".join(fields))}')
    found = Found([], ids=[sample['filepath'] for sample in samples],
                  notes=[f'labels are in the field {shown(label_column)}'])
    found.labels = [_labels(sample.get(label_column), number, found) for number, sample in enumerate(samples)]
    splits = [next((tag for tag in _tags(sample) if isinstance(tag, str) and is_split(tag)), '') for sample in samples]
    found.splits = splits if any(splits) else None
    return found


def _tags(sample: Mapping) -> list:
    return sample['tags'] if isinstance(sample.get('tags'), list) else []


def _kind(value: object) -> str | None:
    kind = value.get('_cls') if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in _KINDS else None


def _labels(value: object, number: int, found: Found) -> list[str]:
    if value is None:
        return []
    entries = None
    if kind := _kind(value):
        entries = [value] if _KINDS[kind] is None else value.get(_KINDS[kind])
    if not isinstance(entries, list) or not all(
            isinstance(entry, dict) and isinstance(entry.get('label'), str) for entry in entries):
        raise InputError(f'{found.where(number)} has no labels but {shown(value)}')
    return list(dict.fromkeys(entry['label'] for entry in entries))
