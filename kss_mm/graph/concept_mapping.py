"""Mapping files: the concepts of labels, named by the user instead of looked up by their words."""

import csv
import os
from collections.abc import Collection, Iterator

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike
from kss_mm.json_files import read_json

FILE_KIND = 'concept mapping'


def read_concept_mapping(path: PathLike, labels: Collection[str]) -> dict[str, list[str]]:
    """A mapping file, label -> concepts.

    JSON: ``{"label": "concept"}`` or ``{"label": ["concept", ...]}``. CSV (``,``) and TSV (tab): the label, then its
    concepts, a column each; rows of the same label add up.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'concepts.csv')
    ...     _ = path.write_text('tvmonitor,television,monitor')
    ...     read_concept_mapping(path, ['dog', 'tvmonitor'])
    {'tvmonitor': ['television', 'monitor']}

    Raises:
        InputError: Naming the file and the entry, also for labels that the data set does not have.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such {FILE_KIND}; it is a JSON, CSV or TSV file, label -> concepts')
    rows = _json_rows(path) if str(path).lower().endswith('.json') else _table_rows(path)
    known = frozenset(labels)
    mapping: dict[str, list[str]] = {}
    for label, concepts in rows:
        if label not in known:
            raise InputError(f'{path}: {shown(label)} is not one of the {len(known)} classes; correct or remove it')
        for concept in concepts:
            if not isinstance(concept, str):
                raise InputError(f'{path}: the concepts of {shown(label)} must be words, got {shown(concept)}')
        mapping.setdefault(label, []).extend(concept.strip() for concept in concepts if concept.strip())
    return mapping


def _json_rows(path: PathLike) -> list[tuple[str, list]]:
    content = read_json(path, FILE_KIND)
    if not isinstance(content, dict):
        raise InputError(f'{path}: expected an object {{"label": ["concept", ...]}}, got {shown(content)}')
    return [(label, value if isinstance(value, list) else [value]) for label, value in content.items()]


def _table_rows(path: PathLike) -> Iterator[tuple[str, list[str]]]:
    delimiter = '\t' if str(path).lower().endswith(('.tsv', '.txt')) else ','
    with open(path, newline='', encoding='utf-8-sig') as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for row in reader:
                if any(row):
                    yield row[0].strip(), row[1:]
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f'{path}: no {FILE_KIND}, near line {reader.line_num} ({error})') from error
