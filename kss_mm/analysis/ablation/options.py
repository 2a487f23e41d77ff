"""Changes of a config on their way to ``--cfg-options``: dotted keys, and values that survive being text."""

from kss_mm.apis.cfg_options import parse_options
from kss_mm.errors import InputError

Options = dict[str, object]


def checked(options: dict, where: str) -> Options:
    """The changes under dotted keys.

    Args:
        where: Names them in errors.

    Raises:
        InputError: A value that ``--cfg-options`` would read as another one.
    """
    found = _flat(options)
    for key, value in found.items():
        back = _read(key, as_text(value))
        if repr(back) != repr({key: _as_lists(value)}):  # 1 == True, and nan != nan
            arrives = f'as {back[key]!r}; write that if you mean it, else' if key in back else 'as another value;'
            raise InputError(f'{where}: {key}: {value!r} would reach the training {arrives} put it into the config')
    return found


def as_text(value) -> str:
    """A value as ``--cfg-options`` reads it: lists without blanks."""
    if isinstance(value, list | tuple):
        return f'[{",".join(map(as_text, value))}]'
    return str(value)


def _flat(options: dict, prefix: str = '') -> Options:
    """An empty dict stays, so that it is refused, not lost."""
    found: Options = {}
    for key, value in options.items():
        found |= _flat(value, f'{prefix}{key}.') if value and isinstance(value, dict) else {f'{prefix}{key}': value}
    return found


def _read(key: str, text: str) -> Options:
    """The value that arrives, with lists for tuples; nothing where it cannot be read."""
    if key.startswith('-'):  # argparse would take it for an option of its own
        return {}
    try:
        return _as_lists(parse_options([f'{key}={text}']))
    except (InputError, AssertionError):  # of MMEngine, for brackets that do not match
        return {}


def _as_lists(value):
    if isinstance(value, dict):
        return {key: _as_lists(part) for key, part in value.items()}
    return [_as_lists(part) for part in value] if isinstance(value, list | tuple) else value
