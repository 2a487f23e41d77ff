"""Changes of a config as ``KEY=VALUE`` texts, the same in every tool and function."""

from collections.abc import Sequence

from kss_mm.errors import InputError, shown


def parse_options(pairs: Sequence[str], option: str = '--cfg-options') -> dict:
    """``KEY=VALUE`` pairs, their values read as MMEngine reads them.

    Raises:
        InputError: For a pair that is none, or a value whose brackets do not match.
    """
    from mmengine.config import DictAction  # torch

    options = {}
    for pair in pairs:
        key, equals, value = pair.partition('=')
        if not equals or not all(key.split('.')):
            raise InputError(f'{option} {shown(pair)}: expected KEY=VALUE, such as train_dataloader.batch_size=8')
        try:
            options[key] = parsed = DictAction._parse_iterable(value)
        except (AssertionError, RecursionError) as error:
            raise InputError(f'{option} {shown(pair)}: the brackets of its value do not match') from error
        if isinstance(parsed, str) and parsed.startswith(('[', '(')):  # which MMEngine takes for a text
            raise InputError(f'{option} {shown(pair)}: the brackets of its value do not match')
    return options
