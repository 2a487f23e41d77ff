"""JSON files from anyone: read whole, or refused in one line."""

import json
import os
from collections.abc import Callable

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike


def read_json(path: PathLike, what: str = 'JSON file') -> object:
    """The content of a JSON file, with or without a byte-order mark.

    Args:
        what: Kind of file that is expected, for messages.

    Raises:
        MissingFileError: If it is not there.
        InputError: Naming the file: not UTF-8, no JSON, nested too deeply, a number without end, or a key that stands
            twice in one object, of which Python would keep the last without a word.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such {what}')
    with open(path, encoding='utf-8-sig') as file:
        return _parsed(lambda: json.load(file, object_pairs_hook=_without_repeated_keys), path, what)


def parse_json(text: str, where: str) -> object:
    """The content of a JSON text within another file; errors as :func:`read_json`.

    Args:
        where: The other file, for messages.
    """
    return _parsed(lambda: json.loads(text, object_pairs_hook=_without_repeated_keys), where, 'JSON text')


def _parsed(load: Callable[[], object], where: PathLike, what: str) -> object:
    try:
        return load()
    except InputError as error:
        raise InputError(f'{where}: {error}') from None
    except RecursionError:
        raise InputError(f'{where}: no {what}, its brackets are nested too deeply') from None
    except ValueError as error:  # not JSON, not UTF-8, or a number of thousands of digits
        raise InputError(f'{where}: not a whole {what} ({error})') from error


def _without_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InputError(f'the key {shown(key)} stands twice in one object; keep one of them')
            seen.add(key)
    return content
