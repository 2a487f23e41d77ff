"""Labels in JSON: MMPretrain's data lists, COCO, samples by name, lists of labels, exports of annotation tools."""

from collections.abc import Callable, Sequence

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.coco_labels import is_coco, parse_coco
from kss_mm.graph.label_readers.fiftyone_labels import is_fiftyone, read_fiftyone
from kss_mm.graph.label_readers.label_cells import split_cells
from kss_mm.graph.label_readers.label_columns import LABEL_KEYS, is_label_name, is_split_name, is_time_name
from kss_mm.graph.label_readers.label_samples import Found, Label
from kss_mm.graph.label_readers.label_studio import is_label_studio, read_label_studio
from kss_mm.graph.unknown import UNKNOWN

#: Keys beside the samples that hold the class list, the samples themselves, or neither.
CLASS_LISTS = ('classes', 'CLASSES', 'class_names', 'label_names')
SAMPLE_LISTS = ('data_list', 'samples', 'labels', 'data', 'annotations', 'database', 'images', 'videos')
ABOUT = ('info', 'version', 'description', 'license', 'licenses', 'taxonomy', 'metainfo', 'meta', 'date')
#: Keys of a sample's name, the best first.
_NAMES = ('img_path', 'file_name', 'filename', 'filepath', 'file', 'path', 'image', 'img', 'video', 'frame_dir',
          'video_id', 'image_id', 'name', 'id')


def read_json_labels(content: object, classes: Sequence[str] | None = None, *, separator: str | None = None,
                     label_column: str | None = None) -> Found:
    """The samples of the content of a JSON file.

    Args:
        classes: The class names, where known.
        separator: What is between the labels of a sample that are written as one text; None finds it.
        label_column: The key of the labels; None finds it.

    Raises:
        InputError: Naming the sample.
    """
    if is_coco(content):
        coco = parse_coco(content, classes=classes)
        notes = list(coco.notes)
        notes += [f'categories that are not in the class list do not count: {shown(", ".join(coco.left_out))}'
                  ] * bool(coco.left_out)
        notes += [f'{len(coco.absent)} of the classes are not in the file and have no sample: '
                  f'{shown(", ".join(coco.absent))}'] * bool(coco.absent)
        ids = coco.file_names if None not in coco.file_names else list(map(str, coco.image_ids))
        return Found(coco.labels, coco.classes, ids, notes=notes)
    if is_label_studio(content):
        return read_label_studio(content, label_column)
    found = Found([])
    samples = _samples(content, found)
    if is_fiftyone(samples):
        return read_fiftyone(samples, label_column)
    if isinstance(samples, dict):
        found.ids, samples = list(samples), list(samples.values())
    elif not isinstance(samples, list):
        raise InputError(f'expected a list of samples, or one of the JSON forms of docs/label_graphs.md, got '
                         f'{shown(samples)}')
    elif samples and all(isinstance(sample, dict) for sample in samples):
        named = [{**sample, **sample['data']} if isinstance(sample.get('data'), dict) else sample for sample in samples]
        key = next((key for key in _NAMES if all(isinstance(sample.get(key), str | int) for sample in named)), None)
        found.ids = None if key is None else [_name(sample, key) for sample in named]
    splits = [next((str(value) for key, value in sample.items() if is_split_name(key)), '')
              if isinstance(sample, dict) else '' for sample in samples]
    found.splits = splits if any(splits) else None
    labels = [_labels_of(sample, number, found, label_column) for number, sample in enumerate(samples)]
    found.unknown = [_unknown_of(sample, number, found) for number, sample in enumerate(samples)]
    if count := sum(map(len, found.unknown)):
        found.notes.append(f'{count:,} labels are {UNKNOWN} in gt_score: unknown, neither present nor absent')
    found.labels = _split_texts(labels, found.where, classes if found.classes is None else found.classes, separator,
                                found.notes)
    return found


def _samples(content: object, found: Found) -> object:
    """Find what holds the samples; put the class list beside them into ``found``."""
    if not isinstance(content, dict):
        return content
    content = dict(content)
    if 'data_list' in content:
        about = content.get('metainfo') or {}
        if not isinstance(about, dict):
            raise InputError(f'its metainfo must be an object, got {shown(about)}')
        found.classes = _class_list(about.get('classes', about.get('CLASSES')), 'metainfo')
        return content['data_list']
    for key in CLASS_LISTS:
        if key in content:
            found.classes = _class_list(content.pop(key), key)
            found.notes += [f'{key} is the class list'] * (found.classes is not None)
            _without_null(content)
            break
    for key in SAMPLE_LISTS:
        if _holds_samples(content, key, found.classes is not None):
            if rest := [name for name in content if name != key and name not in ABOUT]:
                raise InputError(f'its samples are under {shown(key)}, but it also has {shown(", ".join(rest))}; leave '
                                 'one of them')
            return content[key]
    if about := [key for key in ABOUT if key in content and not isinstance(content[key], list)]:
        for key in about:
            del content[key]
        found.notes.append(f'entries that are not samples: {", ".join(about)}')
    return content


def _without_null(content: dict) -> None:
    """FiftyOne writes null where a sample has no label."""
    if isinstance(content.get('labels'), dict):
        content['labels'] = {name: [] if value is None else value for name, value in content['labels'].items()}


def _name(sample: dict, key: str) -> str:
    """The name of a sample: its file, and where it is a part of one, from when to when."""
    times = [value for name, value in sample.items() if is_time_name(name) and isinstance(value, int | float)]
    return ' '.join(map(str, (sample[key], *times)))


def _holds_samples(content: dict, key: str, has_classes: bool) -> bool:
    """True where an entry holds the samples, rather than being one called so."""
    value = content.get(key)
    if isinstance(value, dict):
        return not any(is_label_name(name) for name in value)
    return isinstance(value, list) and (has_classes and len(content) == 1
                                        or bool(value) and all(isinstance(sample, dict | list) for sample in value))


def _class_list(names: object, where: str) -> Sequence[str] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise InputError(f'the class list under {where} must be a list of names, got {shown(names)}')
    return names


def _labels_of(sample: object, number: int, found: Found, key: str | None) -> list[Label] | str:
    """The labels of a sample; a text as it is, which may hold several."""
    if not isinstance(sample, dict):
        if isinstance(sample, str | int | float) and found.ids is None:
            raise InputError(f'{found.where(number)} is {shown(sample)}; a sample is a list of labels, or an object '
                             'with them')
        return _as_labels(sample, number, found)
    if key is not None and key not in sample:
        raise InputError(f'{found.where(number)} has no {shown(key)}, which --label-column names; it has '
                         f'{shown(", ".join(sample))}')
    keys = [key] if key is not None else (
        [key for key in LABEL_KEYS if key in sample] or [key for key in sample if is_label_name(key)]
        or [key for key, value in sample.items() if isinstance(value, dict) and 'choices' in value]
        or [key for key in ('choice', 'choices', 'annotations') if key in sample])
    if not keys:
        raise InputError(f'{found.where(number)} has no label list under {", ".join(LABEL_KEYS)}, or what annotation '
                         f'tools call them; it has {shown(", ".join(sample))}')
    choices = [_as_labels(sample[key], number, found) for key in keys]
    if any(other != choices[0] for other in choices[1:]):
        raise InputError(f'{found.where(number)} has other labels under {keys[0]} than under {keys[1]}; leave one')
    return choices[0]


def _unknown_of(sample: object, number: int, found: Found) -> list[Label]:
    """Indices of the labels that MMPretrain's numbers of a sample, one a class, call unknown."""
    scores = sample.get('gt_score') if isinstance(sample, dict) else None
    if not isinstance(scores, list):
        return []
    if found.classes is not None and len(scores) != len(found.classes) or any(
            isinstance(score, bool) or score not in (0, 1, UNKNOWN) for score in scores):
        raise InputError(f'{found.where(number)} has the gt_score {shown(scores)}, which must be 0, 1 or {UNKNOWN} for '
                         'each class')
    return [index for index, score in enumerate(scores) if score == UNKNOWN]


def _as_labels(value: object, number: int, found: Found) -> list[Label] | str:
    if isinstance(value, dict) and 'choices' in value:
        return _as_labels(value['choices'], number, found)
    if isinstance(value, dict) and isinstance(value.get('classifications'), list):
        value = value['classifications']
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, list):
        raise InputError(f'{found.where(number)} has no label list but {shown(value)}')
    if any(isinstance(entry, dict) for entry in value):
        return [label for entry in value for label in _of_entry(entry, number, found)]
    return value


def _of_entry(entry: object, number: int, found: Found) -> list[Label]:
    """Labels of one annotation: an object or segment with a label, or an annotator's result."""
    if isinstance(entry, dict) and isinstance(entry.get('result'), list):
        return [label for result in entry['result'] for label in _of_entry(result, number, found)]
    if isinstance(entry, dict) and isinstance(entry.get('value'), dict):
        entry = entry['value']
    if isinstance(entry, dict):
        keys = [key for key in ('label', 'choices', 'class', 'category', 'name') if key in entry]
        value = entry[keys[0]] if keys else None
        if isinstance(value, str | int) and not isinstance(value, bool):
            return [value]
        if isinstance(value, list):
            return value
    raise InputError(f'{found.where(number)} has an annotation without a label: {shown(entry)}')


def _split_texts(labels: list[list[Label] | str], where: Callable[[int], str], classes: Sequence[str] | None,
                 separator: str | None, notes: list[str]) -> list[list[Label]]:
    """Labels written as one text, by the rules of a table's cells; where others are lists, a text is one label."""
    texts = [number for number, value in enumerate(labels) if isinstance(value, str)]
    if not texts:
        return labels
    split, how = split_cells([labels[number] for number in texts], lambda index: where(texts[index]), classes,
                             separator, one_each=len(texts) < len(labels))
    notes += how
    labels = list(labels)
    for number, found in zip(texts, split):
        labels[number] = found
    return labels
