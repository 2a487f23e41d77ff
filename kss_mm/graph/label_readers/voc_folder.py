"""PASCAL VOC's annotations: a folder of XML files, one an image, whose labels are the names of its objects."""

import os
import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.graph.label_readers.label_samples import Found
from kss_mm.graph.label_readers.label_splits import is_split
from kss_mm.text_files import read_text
from kss_mm.xml_files import read_xml

_SPLITS = ('train', 'val', 'test')


def read_voc(folder: str) -> Found:
    """The images of a folder of annotations, or of one that has a folder ``Annotations``.

    A label is unknown where all its objects in an image are marked difficult: VOC does not count those in evaluation.
    The split of an image is that of ``ImageSets/Main/train.txt``, ``val.txt`` and ``test.txt``, or, as exports have it,
    the folder ``train``, ``valid`` or ``test`` that its annotation lies in.

    Raises:
        InputError: Naming the file.
        MissingFileError: For a folder without annotations.
    """
    if os.path.isdir(os.path.join(folder, 'Annotations')):
        folder = os.path.join(folder, 'Annotations')
    stems = sorted(_stems(folder))
    if not stems:
        raise MissingFileError('a folder without .xml files, so not one of PASCAL VOC\'s annotations')
    found = Found([], ids=[], files=[], unknown=[], place='file')
    renamed, objects, hard = [], 0, 0
    for stem in stems:
        root = read_xml(os.path.join(folder, f'{stem}.xml'), 'annotation of PASCAL VOC')
        if root.tag != 'annotation':
            raise InputError(f'{stem}.xml: its root is <{root.tag}>, and that of PASCAL VOC <annotation>')
        sure, difficult = _labels(root, stem)
        name = re.split(r'[/\\]', (root.findtext('filename') or '').strip())[-1]
        place, base = os.path.split(stem)
        same = os.path.splitext(name)[0] == base
        if name and not same:
            renamed.append((stem, name))
        found.ids.append('/'.join(filter(None, (place, name if same else base))))
        found.files.append(name or base)
        found.labels.append(sure)
        found.unknown.append(difficult)
        objects += len(sure) + len(difficult)
        hard += len(difficult)
    found.numbers = [f'{stem}.xml' for stem in stems]
    if renamed:
        found.notes.append(f'{len(renamed)} files name another image than they are called, such as '
                           f'{shown(renamed[0][0])} with {shown(renamed[0][1])}; they are taken by their own names')
    if hard:
        found.notes.append(f'{hard} of {objects} labels are of difficult objects only: unknown, neither present nor '
                           'absent')
    found.splits = _splits(folder, stems)
    return found


def _stems(folder: str) -> Iterator[str]:
    for place, _, files in os.walk(folder):
        for file in files:
            if file.lower().endswith('.xml'):
                stem = os.path.relpath(os.path.join(place, file[:-4]), folder)
                yield stem.replace(os.sep, '/')


def _labels(root: Element, stem: str) -> tuple[list[str], list[str]]:
    """Names of the objects, and of those that are difficult wherever they occur."""
    sure: dict[str, None] = {}
    difficult: dict[str, None] = {}
    for number, thing in enumerate(root.iterfind('object')):
        name = (thing.findtext('name') or '').strip()
        if not name:
            raise InputError(f'{stem}.xml: object {number} (counted from 0) has no name')
        mark = (thing.findtext('difficult') or '0').strip().lower()
        if mark not in ('0', '1', 'false', 'true', 'unspecified'):
            raise InputError(f'{stem}.xml: object {number} (counted from 0) has difficult={shown(mark)}, not 0 or 1')
        (difficult if mark in ('1', 'true') else sure)[name] = None
    return list(sure), [name for name in difficult if name not in sure]


def _splits(folder: str, stems: Sequence[str]) -> list[str] | None:
    lists = os.path.join(os.path.dirname(os.path.abspath(folder)), 'ImageSets', 'Main')
    split_of: dict[str, str] = {}
    for split in _SPLITS:
        path = os.path.join(lists, f'{split}.txt')
        if os.path.isfile(path):
            for line in read_text(path, 'image set of PASCAL VOC').splitlines():
                split_of.update({name: split for name in line.split()[:1]})
    if any(stem in split_of for stem in stems):
        return [split_of.get(stem, '') for stem in stems]
    parts = [stem.partition('/')[0] if '/' in stem else '' for stem in stems]
    return parts if all(map(is_split, parts)) else None
