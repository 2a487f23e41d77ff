import math

import pytest
from conftest import ROOT
from mmengine.config import Config

from kss_mm.checkpoints.plain_config import parse_plain

CONFIGS = sorted((ROOT / 'configs').glob('*.py'))


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
@pytest.mark.slow
def test_what_mmengine_writes(path):
    text = Config.fromfile(path).pretty_text
    assert parse_plain(text) == Config.fromstring(text, '.py').to_dict()


def test_all_kinds_of_values():
    values = dict(a=-1.5, b=(1, 'two', None), c=[True, {'x-y': {1: []}}], d={3, 4}, e=float('inf'), f=-float('inf'),
                  g={})
    text = Config(values).pretty_text
    assert parse_plain(text) == values
    assert math.isnan(parse_plain('a = nan')['a']) and parse_plain('') == {}


@pytest.mark.parametrize('text', [
    'import os', "a = __import__('os').system('true')", 'a = open("x")', 'a = [1 for _ in "ab"]', 'a = dict(**b)',
    'a = {**b}', 'a = b', 'a.b = 1', 'a = b = 1', 'def f(): pass', 'a = f"{1}"', 'a = dict([(1, 2)])', '1',
    'a = {print(1): 2}', 'a = -print(1)', "a = 'b' * 9", 'a = (lambda: 1)()',
])
def test_code_is_refused(text):
    with pytest.raises(ValueError):
        parse_plain(text)
