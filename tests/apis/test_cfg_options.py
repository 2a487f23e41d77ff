import argparse

import pytest

from kss_mm.apis.cfg_options import parse_options
from kss_mm.cli.arguments import add_cfg_options
from kss_mm.errors import InputError


def parsed(*arguments: str) -> dict:
    parser = argparse.ArgumentParser()
    add_cfg_options(parser)
    return parser.parse_args(arguments).cfg_options


def test_values_are_read_as_mmengine_reads_them():
    assert parsed('--cfg-options', 'a.b=1', 'c=[1,(x,y)]', 'd=e=f', 'g=1,2', 'h=None', 'i=') == {
        'a.b': 1, 'c': [1, ('x', 'y')], 'd': 'e=f', 'g': [1, 2], 'h': None, 'i': ''}


def test_given_twice_it_adds_up():
    assert parsed('--cfg-options', 'a=1', '--cfg-options', 'b=2', 'a=3') == {'a': 3, 'b': 2}
    assert parsed() == {}


@pytest.mark.parametrize('pair', ['a', '', '=1', 'a..b=1', '.a=1', 'a.=1', 'a=[1,2', 'a=[1', 'a=(1', 'a=1,(2',
                                  'a=' + '[' * 5000 + ',' + ']' * 5000])
def test_what_is_no_option_is_named(pair):
    with pytest.raises(InputError, match='--cfg-options') as error:
        parse_options([pair])
    assert repr(pair)[:20] in str(error.value) and len(str(error.value)) < 250
