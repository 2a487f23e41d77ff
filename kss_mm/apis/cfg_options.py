"""``--cfg-options KEY=VALUE ...``, the same in every tool."""

import argparse
from collections.abc import Sequence

from kss_mm.errors import InputError, shown


def parse_options(pairs: Sequence[str], option: str = '--cfg-options') -> dict:
    """``KEY=VALUE`` pairs, their values read as MMEngine reads them.

    Raises:
        InputError: for a pair that is none, or a value whose brackets do not match.
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


def add_cfg_options(parser: argparse.ArgumentParser, help: str = 'override parts of the config') -> None:
    """Give a parser ``--cfg-options``, whose result is a dict; given several times, each adds to those before."""
    parser.add_argument('--cfg-options', nargs='+', action=_Options, default={}, metavar='KEY=VALUE', help=help)


class _Options(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        before = getattr(namespace, self.dest) or {}
        setattr(namespace, self.dest, {**before, **parse_options(values, option_string)})
