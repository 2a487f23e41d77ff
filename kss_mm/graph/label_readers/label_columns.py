"""Kinds of columns in a table of labels, told by their names: labels, classes, ids, splits, times."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kss_mm.errors import InputError, shown

#: Keys and columns under which files and the hosts' data sets keep the labels of a sample.
LABEL_KEYS = ('gt_label', 'label', 'labels')
#: The same as public sets and tools call it: Amazon planet, ChestX-ray14, MovieLens, Open Images, iMet, AudioSet.
_LABELS = frozenset('gtlabel gtlabels label labels tag tags findinglabels genre genres category categories class '
                    'classes classname classnames labelname labelnames target targets attributeids labelid labelids '
                    'classid classids positivelabels choice choices'.split())
_SPLITS = frozenset('split splits datasplit subset set fold folds partition phase usage isvalid istrain istest '
                    'traintest'.split())
_TIMES = frozenset('timestart timeend start end starttime endtime startseconds endseconds tstart tend'.split())
_THINGS = ('(?:image|img|video|vid|clip|file|sample|movie|photo|picture|audio|frame|youtube|yt|patient|item|user|row|'
           'media|relative|rel|full|abs|absolute)')
_ID = re.compile(f'{_THINGS}?(?:id|ids|index|idx|file|files|filename|filenames|filepath|name|names|path|paths|uid|uuid)'
                 r'|images?|imgs?|videos?|vid|clips?|photos?|pictures?|fname|url|imageurl|title|unnamed\d*|')
_ROW_NUMBER = re.compile(r'(?:row)?(?:index|idx|id)?|unnamed\d*')
#: Ends of files that hold a sample, so that a column of them names samples whatever it is called.
_FILE = re.compile(r'(?is).+\.(?:mp4|avi|mkv|mov|webm|m4v|mpe?g|wmv|flv|ts|3gp|ogv|jpe?g|png|bmp|gif|webp|tiff?|npy)')
# Which of several ids names the sample: that of a file first. Patients, users and titles have many samples.
_KEYS = (re.compile('.*(?:file|path).*|fname'), re.compile('.*(?:image|img|video|vid|clip|youtube|yt|photo|picture).*'),
         re.compile('.*(?:movie|sample|audio|item|frame).*'), re.compile('name|names|url|uid|uuid|ids?'),
         re.compile('index|idx'))


def _plain(name: str) -> str:
    """A name without case, blanks and signs: "Finding Labels", "finding_labels" and "findingLabels" are one."""
    return ''.join(character for character in name.casefold() if character.isalnum()) or name.strip()


def is_label_name(name: str) -> bool:
    return _plain(name) in _LABELS


def is_id_name(name: str) -> bool:
    return _ID.fullmatch(_plain(name)) is not None


def names_a_file(text: str) -> bool:
    """True for the name or address of a video, an image or an array."""
    return _FILE.fullmatch(text.strip().partition('?')[0]) is not None or _FILE.fullmatch(text.strip()) is not None


def is_time_name(name: str) -> bool:
    return _plain(name) in _TIMES


def is_split_name(name: str) -> bool:
    return _plain(name) in _SPLITS


@dataclass
class Columns:
    """Positions of the columns: one of ``labels`` or many of ``classes``, the rest set aside.

    ``more_labels`` are further columns of labels, one label each, as ``label_2`` is beside ``label_1``.

    ``key`` are those that name a sample together; rows of one name are one sample only where ``key_is_named``.
    """

    labels: int | None = None
    more_labels: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    key: list[int] = field(default_factory=list)
    key_is_named: bool = False
    split: int | None = None
    confidence: int | None = None
    aside: list[int] = field(default_factory=list)


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]], is_binary: Callable[[str], bool],
               wanted: Sequence[str] | None = None, label_column: str | None = None,
               id_column: str | None = None) -> Columns:
    """The columns of a table.

    Args:
        header: Their names.
        rows: The first rows of the table, a few hundred.
        is_binary: Whether a cell can stand in a column of a class.
        wanted: The class names, where known; a column of such a name is a class whatever else it could be.
        label_column: What ``--label-column`` says.
        id_column: What ``--id-column`` says.

    Raises:
        InputError: No column of labels or classes, or more than one reading.
    """
    # Columns that are called as the classes are hold them, unless a few only do beside a column of labels.
    names = set(wanted or ())
    named = [p for p, name in enumerate(header) if name in names]
    if label_column is not None or len(named) < len(names) and any(
            is_label_name(name) and name not in names for name in header):
        names, named = set(), []
    binary = [all(map(is_binary, set(cells))) for cells in zip(*rows)] or [True] * len(header)
    found = Columns()
    found.split = next((p for p, name in enumerate(header) if is_split_name(name) and name not in names), None)
    ids = [p for p, name in enumerate(header) if is_id_name(name) and name not in names]
    times = [p for p, name in enumerate(header) if is_time_name(name) and name not in names]
    times.sort(key=lambda p: 'end' in _plain(header[p]))
    files = [p for p in range(len(header)) if rows and all(names_a_file(row[p]) for row in rows)]
    ids = sorted({*ids, *files} - {found.split, *times})
    if id_column is not None:
        ids = [_position(header, id_column, '--id-column')]
    other = [p for p in range(len(header)) if p not in {*ids, *times, found.split}]
    if label_column is not None:
        found.labels = _position(header, label_column, '--label-column')
    elif not named:
        found.labels, *found.more_labels = _numbered(header, other, binary) or [
            _label_column(header, rows, other, binary)]
    if found.labels is None:
        first_id = [0] if not ids and other[:1] == [0] and not binary[0] and 0 not in named else []
        found.classes = [p for p in other if p not in first_id and (p in named or binary[p] or wanted is None)]
        ids = ids or first_id
    elif not ids:
        ids = [p for p in other if p != found.labels and not binary[p]][:1]
    ids = [p for p in ids if p != found.labels]
    key = ids[0] if id_column is not None and ids else _key(header, rows, ids, files)
    if key is not None:
        found.key = [key, *times]
        found.key_is_named = id_column is not None or key in files or is_id_name(header[key])
    if found.labels is None and not found.classes:
        raise InputError(f'it has no column of labels and no columns of classes, only {shown(", ".join(header), 400)}; '
                         'expected a header with a column "labels" (--label-column names another) or a column of 0 and '
                         '1 for every class')
    if found.labels is not None:
        found.confidence = next((p for p, name in enumerate(header) if _plain(name) == 'confidence'), None)
    used = {found.labels, *found.more_labels, found.split, found.confidence, *found.classes}
    found.aside = [p for p in range(len(header)) if p not in used]
    return found


def _position(header: Sequence[str], name: str, option: str) -> int:
    if list(header).count(name) != 1:
        raise InputError(f'{option} {shown(name)}: no such column, or twice; the columns are '
                         f'{shown(", ".join(header), 400)}')
    return list(header).index(name)


def _numbered(header: Sequence[str], other: list[int], binary: list[bool]) -> list[int]:
    """Columns label_1, label_2, ... of names."""
    found = [p for p in other if is_label_name(header[p].strip().rstrip('0123456789'))
             and header[p].strip()[-1:].isdecimal()]
    return found if len(found) > 1 and not all(binary[p] for p in found) else []


def _label_column(header: Sequence[str], rows: Sequence[Sequence[str]], other: list[int],
                  binary: list[bool]) -> int | None:
    candidates = [p for p in other if is_label_name(header[p])]
    if not candidates and len(other) == 1 and not binary[other[0]] and len(header) > 1:
        return other[0]
    if len(candidates) > 1:  # an index beside its name: the name says more, and needs no class list
        texts = [p for p in candidates if not all(re.fullmatch(r'[\d\s,;|.]*', row[p]) for row in rows)]
        if len(texts) != 1:
            raise InputError(f'its columns {" and ".join(shown(header[p]) for p in candidates)} may all hold the '
                             'labels; say which by --label-column')
        candidates = texts
    if not candidates:
        return None
    classes = [p for p in other if binary[p] and p not in candidates and _plain(header[p]) != 'confidence']
    if binary[candidates[0]] and any(row[candidates[0]].strip() for row in rows) and classes:
        label, other_name = shown(header[candidates[0]]), shown(header[classes[0]])
        raise InputError(f'its column {label} holds 0 and 1 as {other_name} does: '
                         'a class or an index? Say --label-column for an index, or give --classes names.txt')
    return candidates[0]


def _key(header: Sequence[str], rows: Sequence[Sequence[str]], ids: list[int], files: list[int]) -> int | None:
    """The column that names the samples; numbers of rows do not, they begin anew where tables were joined."""
    ids = [p for p in ids if not (_ROW_NUMBER.fullmatch(_plain(header[p])) and _plain(header[p]) not in ('id', 'ids')
                                  and all(row[p].strip().isdecimal() for row in rows))]
    ids = [p for p in ids if not _plain(header[p]).startswith(('patient', 'user', 'title'))]
    ids.sort(key=lambda p: all(row[p].strip().isdecimal() for row in rows))  # of two of a kind, names before numbers
    for pattern in _KEYS:
        for position in [p for p in ids if p in files] or ids:
            if pattern.fullmatch(_plain(header[position])):
                return position
    return ids[0] if ids else None
