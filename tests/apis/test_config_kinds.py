import pytest

from kss_mm.apis.config import load_config
from kss_mm.errors import InputError


@pytest.mark.parametrize(('option', 'expected'), [
    ('model=x', 'a dict'), ('test_dataloader=1', 'a dict'), ('randomness=1', 'a dict'), ('load_from=1', 'a text'),
    ('load_from=[1]', 'a text'), ('custom_hooks=1', 'a list'), ('work_dir=1', 'a text')])
def test_entries_of_another_kind_are_named(tmp_path, option, expected):
    path = tmp_path / 'a.py'
    path.write_text('model = dict(type="a")\ncustom_hooks = [dict(type="b")]\nval_cfg = None')
    load_config(str(path))
    name, _, value = option.partition('=')
    path.write_text(f'{name} = {value if value != "x" else repr(value)}')
    with pytest.raises(InputError, match=f'a.py: {name} must be {expected}'):
        load_config(str(path))
