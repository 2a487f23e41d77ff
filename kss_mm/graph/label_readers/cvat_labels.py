"""CVAT's own XML, version 1.1: tags of images, or objects of images and videos where there are no tags."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_samples import Found

_SHAPES = frozenset('box polygon polyline points cuboid mask ellipse skeleton'.split())
_TAG_TYPES = (None, '', 'any', 'tag')


def is_cvat(root: Element) -> bool:
    return root.tag == 'annotations' and (root.find('meta') is not None or root.find('image') is not None)


def read_cvat(root: Element) -> Found:
    """The samples of "CVAT for images", each an image, or of "CVAT for video", each a video with its tracks' labels.

    Where any image has a tag, labels are tags, and objects are left out; else labels are the names of the objects.

    Raises:
        InputError: Naming the image or the track.
    """
    images, tracks = root.findall('image'), root.findall('track')
    if images:
        names = _names_of_images(images)
        found = Found([], ids=names, place='image')
        tagged = any(image.find('tag') is not None for image in images)
        found.labels = [list(dict.fromkeys(_labels(image, tagged, name))) for image, name in zip(images, names)]
        splits = [image.get('subset') or '' for image in images]
        found.splits = splits if any(splits) else None
        found.notes.append('labels are tags, objects are left out' if tagged else 'labels are the names of objects')
    elif tracks:
        found, tagged = _videos(root, tracks), False
    else:
        raise InputError('it has no <image> and no <track>, so no sample')
    found.classes = _classes(root, found, tagged)
    return found


def _names_of_images(images: list[Element]) -> list[str]:
    names = [image.get('name') for image in images]
    if not all(names):
        number = next(number for number, name in enumerate(names) if not name)
        raise InputError(f'image {number} (counted from 0), id {shown(images[number].get("id"))}, has no name')
    return names


def _labels(image: Element, tagged: bool, name: str) -> Iterator[str]:
    for child in image:
        if child.tag == 'tag' if tagged else child.tag in _SHAPES:
            if not (child.get('label') or '').strip():
                raise InputError(f'image {shown(name)} has a <{child.tag}> without a label')
            yield child.get('label').strip()


def _videos(root: Element, tracks: list[Element]) -> Found:
    """Videos by the tasks that the file describes; a track says which is its own where there are several."""
    tasks = {task.findtext('id', '').strip(): task for task in root.iterfind('meta//task')}
    if not tasks:
        tasks[''] = root if root.find('meta/job') is None else root.find('meta/job')
    names = {key: next((text.strip() for text in (task.findtext('source'), root.findtext('meta/source'),
                                                  task.findtext('name')) if text and text.strip()), None)
             for key, task in tasks.items()}
    if None in names.values():
        raise InputError('a task has neither a source nor a name, so that its video has none')
    labels: dict[str, dict[str, None]] = {key: {} for key in names}
    for number, track in enumerate(tracks):
        key = next(iter(names)) if len(names) == 1 else (track.get('task_id') or '').strip()
        label = (track.get('label') or '').strip()
        if key not in labels or not label:
            raise InputError(f'track {shown(track.get("id", number))} has no label, or is of no task of the file '
                             f'(task_id {shown(track.get("task_id"))})')
        labels[key][label] = None
    return Found([list(found) for found in labels.values()], ids=list(names.values()), place='video',
                 notes=['a video has the labels of its tracks'])


def _classes(root: Element, found: Found, tagged: bool) -> list[str] | None:
    """The labels that the file declares, in its order; beside tags without those of objects."""
    seen = {label for sample in found.labels for label in sample}
    objects = {child.get('label') for image in root.iterfind('image') for child in image
               if child.tag in _SHAPES} if tagged else set()
    names = []
    for label in root.iterfind('meta//labels/label'):
        name = (label.findtext('name') or '').strip()
        if not name or label.find('parent') is not None or name in names:
            continue
        if name in seen or not tagged or name not in objects and label.findtext('type') in _TAG_TYPES:
            names.append(name)
    if not names:
        return None
    if odd := sorted(seen.difference(names)):
        raise InputError(f'the label {shown(odd[0])} is not among those that the file declares: '
                         f'{shown(", ".join(names))}')
    return names
