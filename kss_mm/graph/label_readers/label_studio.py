"""Label Studio's exports: JSON, JSON-MIN, and CSV, whose rows are those of JSON-MIN."""

from collections.abc import Iterator, Mapping, Sequence

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_columns import is_label_name, is_split_name, names_a_file
from kss_mm.graph.label_readers.label_samples import Found

#: What JSON-MIN and CSV say of every annotation, whatever the project is.
_ALWAYS = frozenset(('annotation_id', 'lead_time'))
_ABOUT = _ALWAYS | {'id', 'annotator', 'created_at', 'updated_at', 'agreement', 'history', 'file_upload'}
#: Keys of a task's data that hold its file, the best first.
_FILES = ('video', 'image', 'img', 'url', 'file', 'path', 'filename')


def is_label_studio(content: object) -> bool:
    """True for the content of an export of either form."""
    return isinstance(content, list) and bool(content) and all(
        isinstance(task, dict) and (isinstance(task.get('data'), dict) and isinstance(_annotations(task), list)
                                    or task.keys() >= _ALWAYS) for task in content)


def is_label_studio_header(header: Sequence[str]) -> bool:
    """True for the columns of an export as CSV."""
    return _ALWAYS <= set(header)


def read_label_studio(tasks: list[dict], label_column: str | None = None, place: str = 'sample',
                      numbers: Sequence[int] | None = None) -> Found:
    """The tasks of an export, each a sample with the choices of all that annotated it.

    Where any result is a choice, labels are choices, else the labels of regions. Annotations that were cancelled,
    drafts and predictions do not count; a task without any is left out.

    Args:
        label_column: The control (``name`` of ``<Choices>``) whose results are the labels; None finds it.
        place: What messages call a task, and ``numbers`` which it is.

    Raises:
        InputError: Naming the task, or the controls among which one has to be chosen.
    """
    full = isinstance(tasks[0].get('data'), dict)
    found = Found([], place=place, numbers=numbers)
    data = [task['data'] if full else {key: value for key, value in task.items() if key not in _ABOUT}
            for task in tasks]
    key = _file_key(data)
    names = [str(part[key] if key else task.get('id', number)) for number, (part, task) in enumerate(zip(data, tasks))]
    if full:
        results = [list(_results(task, number, found)) for number, task in enumerate(tasks)]
    else:
        results = _minimal(data, key, label_column)
    results = _chosen(results, label_column, found)
    found.ids, found.numbers, found.labels = _joined(names, results, found)
    splits = [next((str(value) for name, value in part.items() if is_split_name(name)), '') for part in data]
    split_of = dict(zip(names, splits))
    found.splits = [split_of[name] for name in found.ids] if any(splits) else None
    return found


def _annotations(task: Mapping) -> object:
    return task.get('annotations', task.get('completions'))


def _file_key(data: Sequence[Mapping]) -> str | None:
    """The key of the file: one that files stand under, or else one that is called so."""
    keys = [key for key in data[0] if all(isinstance(part.get(key), str) and part[key] for part in data)]
    for candidates in ([key for key in keys if all(names_a_file(part[key]) for part in data)], keys):
        if found := [key for key in _FILES if key in candidates]:
            return found[0]
        if candidates is not keys and candidates:
            return candidates[0]
    return None


#: Who annotated, which control, what kind of result, and its labels.
_Result = tuple[object, str, str, list[str]]


def _results(task: Mapping, number: int, found: Found) -> Iterator[_Result]:
    for who, annotation in enumerate(_annotations(task)):
        if not isinstance(annotation, dict) or not isinstance(annotation.get('result', []), list):
            raise InputError(f'{found.where(number)} has the annotation {shown(annotation)}, without a list of results')
        if annotation.get('was_cancelled') or annotation.get('skipped'):
            continue
        results = annotation.get('result', [])
        yield who, '', 'looked at', []
        for result in results:
            value = result.get('value') if isinstance(result, dict) else None
            if isinstance(value, dict) and (labels := _values(value)):
                yield who, str(result.get('from_name', '')), *labels


def _values(value: Mapping) -> tuple[str, list[str]] | None:
    """The kind of a result and its labels; None for a text, a number, a relation."""
    for key, labels in value.items():
        if key in ('choices', 'taxonomy') or key.endswith('labels'):
            labels = labels if isinstance(labels, list) else [labels]
            if key == 'taxonomy':  # paths from the root to what was chosen
                labels = [path[-1] if isinstance(path, list) and path else path for path in labels]
            if all(isinstance(label, str) for label in labels):
                return 'choices' if key == 'taxonomy' else 'regions' if key != 'choices' else key, labels
    return None


def _is_result(value: object) -> bool:
    return any(isinstance(entry, dict) and _values(entry) for entry in (value if isinstance(value, list) else [value]))


def _minimal(data: Sequence[Mapping], file: str | None, label_column: str | None) -> list[list[_Result]]:
    """Results of JSON-MIN's records: a single choice is a text, all else objects."""
    keys = [key for key in dict.fromkeys(key for part in data for key in part) if key != file
            and not is_split_name(key)]
    certain = [key for key in keys if any(_is_result(part.get(key)) for part in data)]
    if label_column is not None:
        chosen = [label_column]
    else:
        chosen = [key for key in keys if key in certain or is_label_name(key)] or keys
        if len(chosen) > 1 and not certain or not chosen:
            raise InputError(f'which of {shown(", ".join(chosen or data[0]))} holds the labels? Say by --label-column')
    results = []
    for number, part in enumerate(data):
        row: list[_Result] = [(number, '', 'looked at', [])]
        for key in chosen:
            value = part.get(key)
            for entry in value if isinstance(value, list) else [value] if value not in (None, '') else []:
                labels = ('choices', [entry]) if isinstance(entry, str) else isinstance(entry, dict) and _values(entry)
                if labels:
                    row.append((number, key, *labels))
        results.append(row)
    return results


def _chosen(results: list[list[_Result]], label_column: str | None, found: Found) -> list[list[_Result]]:
    """The results of one control, or of all of the kind that counts."""
    controls = {(control, kind): None for row in results for _, control, kind, _ in row if kind != 'looked at'}
    if label_column is not None:
        if label_column not in {control for control, _ in controls}:
            raise InputError(f'--label-column {shown(label_column)}: no control has this name and labels; there are '
                             f'{shown(", ".join(control for control, _ in controls))}')
        kinds, names = {kind for _, kind in controls}, {label_column}
    else:
        kinds = {'choices'} if any(kind == 'choices' for _, kind in controls) else {'regions'}
        names = {control for control, kind in controls if kind in kinds}
        if len(names) > 1:
            found.notes.append(f'labels of {shown(", ".join(sorted(names)))} count together; --label-column takes one '
                               'of them')
        if len({kind for _, kind in controls}) > 1:
            found.notes.append('labels are choices, regions are left out')
    return [[result for result in row if result[2] == 'looked at' or result[1] in names and result[2] in kinds]
            for row in results]


def _joined(names: Sequence[str], results: list[list[_Result]],
            found: Found) -> tuple[list[str], list[int] | None, list[list[str]]]:
    """One sample a file, whoever annotated it, in whatever number of records."""
    labels: dict[str, dict[object, set[str]]] = {}
    order: dict[str, dict[str, None]] = {}
    first: dict[str, int] = {}
    for number, (name, row) in enumerate(zip(names, results)):
        first.setdefault(name, number)
        for who, _, _, values in row:
            labels.setdefault(name, {}).setdefault((number, who), set()).update(values)
            order.setdefault(name, {}).update(dict.fromkeys(values))
    if unseen := [name for name in first if name not in labels]:
        if not labels:
            raise InputError('none of its tasks has an annotation that counts; export annotated ones')
        found.notes.append(f'{len(unseen)} of {len(first)} samples are not annotated, or their annotations cancelled, '
                           f'such as {shown(unseen[0])}; they are left out')
        first = {name: number for name, number in first.items() if name in labels}
    differ = [name for name, annotators in labels.items() if len(set(map(frozenset, annotators.values()))) > 1]
    if differ:
        found.notes.append(f'{len(differ)} of {len(first)} samples have annotations that differ, such as '
                           f'{shown(differ[0])}; a label counts where one of them has it')
    numbers = None if found.numbers is None else [found.numbers[number] for number in first.values()]
    return list(first), numbers, [list(order.get(name, {})) for name in first]
