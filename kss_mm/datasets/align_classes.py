"""Data sets whose classes are those of a model, in its order: compared by name, and their labels mapped.

Works on what the hosts build, wrapped in any number of data sets that repeat, join or split others.
"""

import os
from collections.abc import Iterator, MutableMapping, Sequence

from kss_mm.datasets.transforms.map_labels import MapLabels
from kss_mm.errors import InputError, shown

# How many names a message lists.
_NAMED = 5


def leaves(dataset) -> Iterator:
    """The data sets inside the wrappers, each once; annotations of lazy ones are read."""
    if hasattr(dataset, 'full_init'):
        dataset.full_init()  # some wrappers replace what they wrap
    seen: set[int] = set()
    for inner in _inside(dataset):
        for leaf in leaves(inner):
            if id(leaf) not in seen:
                seen.add(id(leaf))
                yield leaf
    if not _inside(dataset):
        yield dataset


def classes_of(dataset) -> tuple[str, ...] | None:
    """The class names of a data set, of the first inside a wrapper that has some; None without any."""
    return next((names for names in map(_names, leaves(dataset)) if names), None)


def unnamed(dataset) -> list:
    """The data sets inside the wrappers that have no class names."""
    return [leaf for leaf in leaves(dataset) if _names(leaf) is None]


def align_classes(dataset, classes: Sequence[str], source: str, *, what: str, complete: bool,
                  remedy: str) -> list[str]:
    """Make the labels of a data set those of ``classes``, by name, and its class names ``classes``.

    Where a data set has the same names in another order, or fewer, :class:`MapLabels` becomes the last step of its
    pipeline. Where it has no names, it gets them.

    Args:
        classes: Names in the model's order.
        source: Owner of these names, for messages.
        what: Kind of the data set, for messages, such as 'test set'.
        complete: Whether it must have all of the classes.
        remedy: Advice for a data set with other classes, the end of a message.

    Returns:
        A line for every data set whose labels are mapped, which says so and why.

    Raises:
        InputError: For other classes or another number of them, naming both, and for a data set without a pipeline.
    """
    lines = []
    for leaf in leaves(dataset):
        name = f'the {what}{_file_of(leaf)}'
        own = _names(leaf)
        check_label_count(leaf, name, len(own or classes), 'class names' if own else f'classes of {source}')
        if own is None or own == tuple(classes):
            continue
        _check_names(own, classes, name=name, source=source, complete=complete, remedy=remedy)
        transforms = _transforms(leaf, name)
        mapping = MapLabels(own, classes)
        if not _set_meta(leaf, {'classes': tuple(classes), **_mapped_meta(leaf, mapping)}):
            raise InputError(f'{name} does not take other class names, so its labels cannot be mapped to the order of '
                             f'{source}: give it that order')
        transforms.append(mapping)
        if absent := _not_among(classes, own):
            lines.append(f'{name} lacks {len(absent)} of the {len(classes)} classes of {source}, which have no '
                         f'positives there: {_listed(absent)}; its labels are mapped by name')
        else:
            first = next(i for i, pair in enumerate(zip(own, classes)) if pair[0] != pair[1])
            lines.append(f'{name} has the classes of {source} in another order, from number {first} on (counted from '
                         f'0: {shown(own[first])} and {shown(classes[first])}); its labels are mapped by name')
    _tell_wrappers(dataset, tuple(classes))
    return lines


def _inside(dataset) -> list:
    """The data sets that a wrapper wraps; of other data sets nothing."""
    parts = getattr(dataset, 'datasets', None)
    parts = list(parts) if isinstance(parts, list | tuple) else [getattr(dataset, 'dataset', None)]
    return [part for part in parts if hasattr(part, '__getitem__') and hasattr(part, '__len__')
            and not isinstance(part, str | bytes | list | tuple | dict)]


def _names(leaf) -> tuple[str, ...] | None:
    names = (getattr(leaf, 'metainfo', None) or {}).get('classes')
    if isinstance(names, str):  # MMEngine reads a file of that name, and takes it for the names where there is none
        raise InputError(f'the classes of a data set{_file_of(leaf)} are {shown(names)}: no such file of class names; '
                         'give a list, or a file with one name a line')
    return tuple(map(str, names)) or None if isinstance(names, list | tuple) else None


def _file_of(leaf) -> str:
    file = getattr(leaf, 'ann_file', None)
    return f' ({os.path.basename(file)})' if isinstance(file, str) and file else ''


def check_label_count(leaf, name: str, number: int, of: str) -> None:
    """Raise an InputError where labels have another ``num_classes`` than ``number``; MMPretrain's have no such."""
    entries = getattr(leaf, 'num_classes', None) if getattr(leaf, 'multi_class', False) else None
    if isinstance(entries, int) and entries != number:
        raise InputError(f'{name} has num_classes={entries}, but there are {number} {of}: both must be the same')


def _check_names(own: Sequence[str], classes: Sequence[str], *, name: str, source: str, complete: bool,
                 remedy: str) -> None:
    extra, absent = _not_among(own, classes), _not_among(classes, own)
    if not extra and not (absent and complete):
        return
    difference = (f'{shown(extra[0])} is not one of the latter' if extra else
                  f'{shown(absent[0])} is missing in the former')
    raise InputError(f'{name} has {len(own)} classes ({_listed(own)}), {source} {len(classes)} ({_listed(classes)}), '
                     f'and {difference}: {remedy}')


def _not_among(names: Sequence[str], others: Sequence[str]) -> list[str]:
    known = set(others)
    return [name for name in names if name not in known]


def _listed(names: Sequence[str]) -> str:
    return ', '.join(shown(name, 40) for name in names[:_NAMED]) + (', ...' if len(names) > _NAMED else '')


def _transforms(leaf, name: str) -> list:
    pipeline = getattr(leaf, 'pipeline', None)
    transforms = getattr(pipeline, 'transforms', pipeline)
    if not isinstance(transforms, list):
        raise InputError(f'{name}, a {type(leaf).__name__}, has its classes in another order than the model and no '
                         'pipeline, by which its labels could be mapped: give it the order of the model')
    return transforms


def _mapped_meta(leaf, mapping: MapLabels) -> dict:
    """The other label indices in a data set's ``metainfo``, mapped: those of the missing videos of Charades."""
    missing = leaf.metainfo.get('missing')
    return {} if missing is None else {'missing': {video: mapping.place(labels) for video, labels in missing.items()}}


def _set_meta(dataset, values: dict) -> bool:
    """Put values into a data set's ``metainfo``; False if it does not show them afterwards."""
    for name in ('_metainfo', 'metainfo'):  # MMEngine's property gives a copy
        meta = getattr(dataset, name, None)
        if isinstance(meta, MutableMapping):
            meta.update(values)
            return all(dataset.metainfo.get(key) == value for key, value in values.items())
    return False


def _tell_wrappers(dataset, classes: tuple[str, ...]) -> None:
    """Give wrappers, which have a copy of the first one's ``metainfo``, and data sets without names what is new."""
    inside = _inside(dataset)
    for inner in inside:
        _tell_wrappers(inner, classes)
    shows = getattr(inside[0] if inside else dataset, 'metainfo', None) or {}
    values = {'classes': classes, **({'missing': shows['missing']} if 'missing' in shows else {})}
    if _names(dataset) != classes or inside:
        _set_meta(dataset, values)
