"""COCO annotation files: images, the categories of their objects and nothing else; for training and graph alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlparse

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.json_files import read_json

CLASS_ORDERS = ('category_id', 'alphabetical')
_PARTS = ('images', 'annotations', 'categories')


@dataclass(frozen=True)
class CocoLabels:
    """The images of a file and their labels.

    Args:
        classes: Class names in label order.
        image_ids: As the file has them.
        file_names: With "/" between folders; None where an image has neither name nor URL.
        labels: Indices of the classes of every image, ascending.
        absent: Those of the classes asked for that the file has no category of.
        left_out: Categories of the file that are none of the classes asked for.
        notes: What else was decided in reading.
    """

    classes: tuple[str, ...]
    image_ids: list[int | str]
    file_names: list[str | None]
    labels: list[list[int]]
    absent: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def is_coco(content: object) -> bool:
    return isinstance(content, dict) and set(_PARTS) <= content.keys()


def read_coco(path: PathLike, *, class_order: str = 'category_id', classes: Sequence[str] | None = None,
              crowd: str = 'keep') -> CocoLabels:
    """Labels of ``instances_*.json``, of a panoptic or an LVIS file; arguments as those of :func:`parse_coco`."""
    content = read_json(path, 'COCO annotation file')
    if not is_coco(content):
        raise InputError(f'{path}: has no images, annotations and categories; COCO calls the file instances_*.json, '
                         'not captions_* or person_keypoints_*, and image_info_* has no labels')
    try:
        return parse_coco(content, class_order=class_order, classes=classes, crowd=crowd)
    except InputError as error:
        raise InputError(f'{path}: {error}') from error


def parse_coco(content: dict, *, class_order: str = 'category_id', classes: Sequence[str] | None = None,
               crowd: str = 'keep') -> CocoLabels:
    """Labels of the content of a COCO file.

    Args:
        class_order: 'category_id' or 'alphabetical'; plays no part where ``classes`` are given.
        classes: Names in the order that is wanted; those that the file lacks have no image, categories that are not
            among them do not count.
        crowd: Whether annotations of crowds count, 'keep' or 'drop'.

    Raises:
        InputError: Naming the entry: ids, names or files that come twice, annotations of what is not there.
    """
    for part in _PARTS:
        if not isinstance(content[part], list):
            raise InputError(f'its {part} must be a list')
    notes: list[str] = []
    categories = _categories(content['categories'])
    wanted = _in_order(categories, class_order) if classes is None else tuple(classes)
    if len(set(wanted)) < len(wanted):
        raise InputError(f'two of the classes have the same name: {shown(", ".join(sorted(wanted)))}')
    names = set(categories.values())
    absent, left_out = (tuple(name for name in names_of if name not in there)
                        for names_of, there in ((wanted, names), (categories.values(), set(wanted))))
    if len(absent) == len(wanted):
        raise InputError(f'has none of the classes asked for ({shown(", ".join(wanted))}), but '
                         f'{shown(", ".join(categories.values()))}')
    position = {name: index for index, name in enumerate(wanted)}
    index_of = _Ids({key: position.get(name) for key, name in categories.items()})
    ids, files = _images(content['images'], notes)
    labels_of = _Ids({key: set() for key in ids})
    for number, annotation in enumerate(content['annotations']):
        try:
            sample = labels_of[annotation['image_id']]
            for entry in _objects(annotation):
                if crowd == 'keep' or not entry.get('iscrowd', 0):
                    sample.add(index_of[entry['category_id']])
        except (KeyError, TypeError, AttributeError) as error:
            raise _wrong_annotation(number, annotation, index_of, labels_of) from error
    if index_of.other_type or labels_of.other_type:
        notes.append('some ids are texts in one place and numbers in another, and taken as the same')
    if any(isinstance(image, dict) and image.get('not_exhaustive_category_ids') for image in content['images']):
        notes.append('not all objects are marked in some images (LVIS); what is not marked counts as absent')
    labels = [sorted(labels_of[key] - {None}) for key in ids]
    return CocoLabels(wanted, ids, files, labels, absent, left_out, tuple(notes))


class _Ids(dict):
    """Values by id; an id that is missing is looked up as the other of number and text, as some exporters mix them."""

    other_type = False

    def __missing__(self, key: object) -> object:
        if isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) < 20 and int(key) in self.keys():
            self.other_type = True
            return self[int(key)]
        if isinstance(key, int) and not isinstance(key, bool) and str(key) in self.keys():
            self.other_type = True
            return self[str(key)]
        raise KeyError(key)


def _entries(entries: list, what: str, *keys: str) -> Iterator[tuple[int, dict]]:
    """The entries of a list with their numbers, each with an id of its own."""
    seen: dict[int | str, int] = {}
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or any(key not in entry for key in ('id', *keys)):
            raise InputError(f'{what} {number} (counted from 0) must be an object with {", ".join(("id", *keys))}, got '
                             f'{shown(entry)}')
        key = entry['id']
        if isinstance(key, bool) or not isinstance(key, int | str):
            raise InputError(f'{what} {number} (counted from 0) has the id {shown(key)}; ids are numbers or texts')
        if key in seen:
            raise InputError(f'two {what} entries, {seen[key]} and {number} (counted from 0), have the id '
                             f'{shown(key)}: '
                             f'{_named(entries[seen[key]])} and {_named(entry)}; number the entries of merged files '
                             'anew, and their annotations with them')
        seen[key] = number
        yield number, entry


def _named(entry: dict) -> str:
    return shown(entry.get('file_name', entry.get('name')))


def _categories(entries: list) -> dict[int | str, str]:
    """Names by id, in the order of the file."""
    names: dict[int | str, str] = {}
    ids: dict[str, int | str] = {}
    for number, entry in _entries(entries, 'category', 'name'):
        name = entry['name']
        if not isinstance(name, str) or not name.strip():
            raise InputError(f'category {number} (counted from 0) has no name but {shown(name)}')
        if name in ids:
            raise InputError(f'two categories, of ids {shown(ids[name])} and {shown(entry["id"])}, have the name '
                             f'{shown(name)}; rename one, or give its annotations the id of the other')
        ids[name], names[entry['id']] = entry['id'], name
    if not names:
        raise InputError('it has no categories')
    return names


def _in_order(categories: dict[int | str, str], class_order: str) -> tuple[str, ...]:
    if class_order == 'alphabetical':
        return tuple(sorted(categories.values()))
    return tuple(categories[key] for key in sorted(categories, key=_by_number))


def _by_number(key: int | str) -> tuple:
    """Numbers, written as texts too, before texts."""
    is_number = isinstance(key, int) or key.isascii() and key.isdecimal() and len(key) < 20
    return (0, int(key), '') if is_number else (1, 0, key)


def _images(entries: list, notes: list[str]) -> tuple[list[int | str], list[str | None]]:
    ids, files = [], []
    first: dict[str, int] = {}
    windows = None
    for number, entry in _entries(entries, 'image'):
        name = entry.get('file_name')
        if name is None and isinstance(entry.get('coco_url'), str):  # LVIS: folder and file of COCO's release
            name = urlparse(entry['coco_url']).path.lstrip('/')
        if name is not None and (not isinstance(name, str) or not name.strip()):
            raise InputError(f'image {number} (counted from 0), id {shown(entry["id"])}, has the '
                             f'file_name {shown(name)}')
        if name is not None:
            if '\\' in name:
                windows = windows or name
                name = name.replace('\\', '/')
            if first.setdefault(name, number) != number:
                raise InputError(f'two images, {first[name]} and {number} (counted from 0), have the file_name '
                                 f'{shown(name)}; give the annotations of both the id of one')
        ids.append(entry['id'])
        files.append(name)
    if windows:
        notes.append(f'"\\" in file names, such as {shown(windows)}, is taken as "/"')
    return ids, files


def _objects(annotation: dict) -> list[dict]:
    """The objects of an annotation: itself, or the segments of a panoptic one."""
    return annotation['segments_info'] if 'segments_info' in annotation else [annotation]


def _wrong_annotation(number: int, annotation: object, categories: _Ids, images: _Ids) -> InputError:
    if not isinstance(annotation, dict):
        return InputError(f'annotation {number} (counted from 0) must be an object, got {shown(annotation)}')
    where = f'annotation {shown(annotation.get("id", number))}'
    for key, known, what in (('image_id', images, 'image'), ('category_id', categories, 'category')):
        if key not in annotation and (key == 'image_id' or 'segments_info' not in annotation):
            return InputError(f'{where} has no {key}; expected an instances file, with image_id and category_id')
        try:
            if key in annotation:
                known[annotation[key]]
        except (KeyError, TypeError):
            return InputError(f'{where} is of {what} {shown(annotation[key])}, which is not in the file')
    return InputError(f'{where} has a segment of a category that is not in the file, or no list of segments: '
                      f'{shown(annotation.get("segments_info"))}')
