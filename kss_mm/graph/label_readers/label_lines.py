"""Text lists of labels, a sample a line: MMAction2's lists of videos and of raw frames, PaddleClas, rows of 0 and 1."""

import re
from collections.abc import Sequence

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_samples import Found

_SUFFIX = re.compile(r'.*\.(?!\d+$)\w{1,5}')
_DIGITS = re.compile(r'[0-9]{1,9}')
_EXPECTED = 'expected "file index index ..."'

Line = tuple[int, str | None, list[str]]


def read_lines(text: str, classes: Sequence[str] | None = None, *, rawframes: bool | None = None) -> Found:
    """The samples of a text list; every line begins with the name of a file.

    Args:
        rawframes: Whether the first number of a line counts frames (``folder frames label ...``); None tells it from
            the names and numbers where that leaves no doubt.

    Raises:
        InputError: Naming the line.
    """
    if re.match(r'\s*[0-9]+\s*\n[^\n]*\n\S+\s+-?1\s', text) and re.search(r'\s-1\s', text):
        raise InputError('line 3: a list of attributes as of CelebA, where -1 says that one is absent; make it a .csv '
                         'file, line 2 its header, with 0 for -1')
    lines = [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise InputError('it has no samples')
    found = Found([], place='line', numbers=[number for number, _, _ in lines])
    if all(_DIGITS.fullmatch(name) for _, name, _ in lines):
        lines = _without_names(lines, classes)
        found.ids = None if lines[0][1] is None else [name for _, name, _ in lines]
    else:
        found.ids = [name for _, name, _ in lines]
    vectors = [rest[0].split(',') for _, _, rest in lines if len(rest) == 1 and ',' in rest[0]]
    if vectors:  # PaddleClas: img<TAB>1,0,1
        lines = [(number, name, rest[0].split(',') if rest else []) for number, name, rest in lines]
    labels = [[_index(field, number) for field in rest] for number, _, rest in lines]
    if not any(labels):
        raise InputError(f'none of its lines has a label; {_EXPECTED}; a table with a header is a .csv or .tsv file')
    if rawframes or rawframes is None and found.ids is not None and _counts_frames(lines, labels, classes):
        labels = [_without_frames(line, row) for line, row in zip(lines, labels)]
        found.notes.append('the first number of a line counts frames (--no-rawframes if not)')
        found.labels = labels
        return found
    if _is_many_hot(lines, labels):
        if classes is not None and len(labels[0]) != len(classes):
            raise InputError(f'its lines hold {len(labels[0])} numbers 0 and 1, but there are {len(classes)} class '
                             'names')
        found.notes.append('every line is a row of 0 and 1, a number a class')
        labels = [[index for index, value in enumerate(row) if value] for row in labels]
    found.labels = labels
    return found


def _line(number: int, line: str) -> Line:
    """The name and what follows it: after a tab, or the numbers at the end, for names may hold blanks."""
    if '\t' in line.strip(' \r\n'):
        name, *rest = line.split('\t')
        return number, name.strip(), ' '.join(rest).split()
    fields = line.split()
    if len(fields) > 1 and _SUFFIX.fullmatch(fields[0]):
        stop = 1  # whatever follows the name of a file is a label or wrong
        while not all(map(_is_value, fields[stop:])) and any(map(_SUFFIX.fullmatch, fields[stop:])):
            stop += 1
    else:
        stop = len(fields)
        while stop > 1 and _is_value(fields[stop - 1]):
            stop -= 1
    name = ' '.join(fields[:stop])
    if stop == len(fields) and (len(fields) > 1 and not _SUFFIX.fullmatch(name) or re.search(r'[,;]\s*-?\d+$', name)):
        raise InputError(f'line {number}: {_EXPECTED}, got {shown(line)}; a table of commas or of label names is a '
                         '.csv file with a header')
    if stop > 1 and not _SUFFIX.fullmatch(name):
        raise InputError(f'line {number}: is {shown(name)} a name with blanks? {_EXPECTED}; put a tab after the name')
    return number, name, fields[stop:]


def _is_value(field: str) -> bool:
    return re.fullmatch(r'[-+]?[0-9.,]+', field) is not None


def _index(field: str, number: int) -> int:
    if field in ('0.0', '1.0'):
        return int(field[0])
    if not _DIGITS.fullmatch(field):
        remedy = 'in a list of -1 and 1 write 0 for what is absent' if field == '-1' else (
            'label names go into a .csv or .tsv file with a header')
        raise InputError(f'line {number}: {shown(field)} is not a label index; {_EXPECTED}; {remedy}')
    return int(field)


def _without_names(lines: list[Line], classes: Sequence[str] | None) -> list[Line]:
    """Lines of nothing but numbers: rows of a matrix, as of NUS-WIDE, or numbered samples with their labels."""
    widths = {len(rest) for _, _, rest in lines}
    binary = all({name, *rest} <= {'0', '1'} for _, name, rest in lines)
    if binary and len(widths) == 1 and (classes is None or len(classes) == widths.copy().pop() + 1):
        return [(number, None, [name, *rest]) for number, name, rest in lines]
    if len({name for _, name, _ in lines}) < len(lines):
        raise InputError(f'line {lines[0][0]}: its lines hold numbers only and the first repeats, so that it names no '
                         f'sample; {_EXPECTED}')
    return lines


def _is_many_hot(lines: list[Line], labels: list[list[int]]) -> bool:
    """Rows of 0 and 1 of one length; lists of indices never name one twice."""
    width = len(labels[0])
    if width < 2 or any(len(row) != width or not set(row) <= {0, 1} for row in labels):
        return False
    if lines[0][1] is not None and not any(len(set(row)) < width for row in labels):
        raise InputError(f'line {lines[0][0]}: its lines hold 0 and 1 in either order, so are they indices or one '
                         'number a class? Write a .csv with a column for each class')
    return True


def _counts_frames(lines: list[Line], labels: list[list[int]], classes: Sequence[str] | None) -> bool:
    """True where the first numbers count frames; names of files say they do not, names of folders leave it open."""
    if any(_SUFFIX.fullmatch(name) for _, name, _ in lines) or _is_many_hot(lines, labels):
        return False
    first = [row[0] for row in labels if row]
    later = [label for row in labels for label in row[1:]]
    if not later and classes is not None and max(first) < len(classes):
        return False
    if classes is not None and len(first) == len(labels) and max(first) >= len(classes) > max(later, default=0):
        return True
    raise InputError(f'line {lines[0][0]}: {shown(lines[0][1])} is a folder or a name without suffix, so is the first '
                     f'number, {first[0]}, a count of frames (--rawframes) or a label (--no-rawframes)?')


def _without_frames(line: Line, row: list[int]) -> list[int]:
    if not row:
        raise InputError(f'line {line[0]}: expected "folder frames index index ...", it has no number')
    return row[1:]
