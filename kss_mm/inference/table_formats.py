"""Predictions as CSV, JSON lines or JSON: one record for each file, written at once, and read back one at a time."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.inference.prediction import Prediction

COLUMNS = ('file', 'label', 'probability', 'threshold', 'predicted', 'error', 'model')
# Names of files are bytes; those that are not UTF-8 come back as they were.
_ENCODING = dict(encoding='utf-8', errors='surrogateescape')


class Record(NamedTuple):
    """What a table holds of one file: its name, the bytes that stand there, and whether they tell of an error."""

    name: str
    content: bytes
    broken: bool


class JsonLines:
    """A JSON object on each line."""

    header = b''

    def encode(self, prediction: Prediction, top: int | None, model: str) -> bytes:
        """The bytes of one prediction; they end in a line break."""
        row = dict(prediction.as_dict(top), model=model)
        return json.dumps(row, ensure_ascii=False, allow_nan=False).encode(**_ENCODING) + b'\n'

    def records(self, lines: Iterable[bytes], path: PathLike, labels: int) -> Iterator[Record]:
        """The whole records in the lines of a file, whose end may be half-written.

        Args:
            labels: How many a prediction has in this table.

        Raises:
            InputError: For a line that is none, before the last one.
        """
        bad = None
        for number, line in enumerate(lines, 1):
            if bad:
                raise _damaged(path, number - 1) from bad
            if not line.endswith(b'\n'):
                return
            try:
                row = json.loads(line.decode(**_ENCODING))
                yield Record(row['file'], line, row['error'] is not None)
            except (ValueError, KeyError, TypeError) as error:
                bad = error


class Csv:
    """A row for each label of each file, the surest first; a file with an error has one row."""

    header = (','.join(COLUMNS) + '\n').encode()

    def encode(self, prediction: Prediction, top: int | None, model: str) -> bytes:
        """See :meth:`JsonLines.encode`."""
        content = prediction.as_dict(top)
        rows = [(content['file'], label['name'], label['probability'],
                 '' if label['threshold'] is None else label['threshold'], int(label['predicted']), '', model)
                for label in content['labels']]
        if prediction.error is not None:
            rows = [(content['file'], '', '', '', '', content['error'], model)]
        # A carriage return by itself would end a row.
        quoting = csv.QUOTE_ALL if any('\r' in str(cell) for row in rows for cell in row) else csv.QUOTE_MINIMAL
        text = io.StringIO()
        csv.writer(text, lineterminator='\n', quoting=quoting).writerows(rows)
        return text.getvalue().encode(**_ENCODING)

    def records(self, lines: Iterable[bytes], path: PathLike, labels: int) -> Iterator[Record]:
        """See :meth:`JsonLines.records`."""
        taken: list[bytes] = []

        def texts() -> Iterator[str]:
            for line in lines:
                if line.endswith(b'\n'):
                    taken.append(line)
                    yield line.decode(**_ENCODING)

        rows = csv.reader(texts(), strict=True)
        name, content, count = None, b'', 0
        try:
            if tuple(next(rows, COLUMNS)) != COLUMNS:
                raise _damaged(path, 1)
            taken.clear()
            for row in rows:
                if len(row) != len(COLUMNS) or count and row[0] != name:
                    raise _damaged(path, rows.line_num)
                name, content, count = row[0], content + b''.join(taken), count + 1
                taken.clear()
                if row[5] or count == labels:
                    yield Record(name, content, bool(row[5]))
                    content, count = b'', 0
        except csv.Error as error:
            if 'unexpected end of data' not in str(error):  # of a name that has line breaks
                raise _damaged(path, rows.line_num) from error


class Json(JsonLines):
    """A list of JSON objects, each on a line of its own; it grows as JSON lines, and is a list when it is whole."""


FORMATS = {'.csv': Csv(), '.jsonl': JsonLines(), '.json': Json()}


def format_of(path: PathLike) -> Csv | JsonLines:
    """The form of a table by its name.

    Raises:
        InputError: For a name of another ending.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in FORMATS:
        raise InputError(f'--out {path}: must be the name of a table that ends in {", ".join(FORMATS)}')
    return FORMATS[suffix]


def read_whole(path: PathLike, labels: int) -> Iterator[Record]:
    """The records of a table that is whole.

    Raises:
        InputError: As :meth:`JsonLines.records`.
    """
    form = format_of(path)
    with open(path, 'rb') as file:
        yield from form.records(_objects(file) if isinstance(form, Json) else file, path, labels)


def whole(form: Csv | JsonLines, records: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a whole table, from the bytes of its records."""
    if not isinstance(form, Json):
        yield form.header
        yield from records
        return
    before = b'[\n'
    for record in records:
        yield before + record.removesuffix(b'\n')
        before = b',\n'
    yield b'[]\n' if before == b'[\n' else b'\n]\n'


def _objects(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.strip() not in (b'[', b']', b'[]'):
            yield line.rstrip(b',\n') + b'\n'


def _damaged(path: PathLike, line: int) -> InputError:
    return InputError(f'{path}:{line}: is not a line that this tool wrote; give another --out, or remove the file')
