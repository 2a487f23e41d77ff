import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.numeric import check_integer, check_number


@pytest.mark.parametrize(('value', 'limits'), [
    (0, (0, 1)), (1., (0, 1)), (np.float32(.5), (0, 1)), (np.int64(1), (0, 1)), (-1e300, ()), (7, (0,)),
])
def test_numbers_pass(value, limits):
    check_number('lam', value, *limits)


@pytest.mark.parametrize(('value', 'limits', 'options', 'says'), [
    ('x', (0, 1), {}, "in [0, 1], got 'x'"), ('0.5', (0, 1), {}, "got '0.5'"), (None, (), {}, 'a number, got None'),
    (True, (0, 1), {}, 'got True'), (float('nan'), (0, 1), {}, 'got nan'), (float('inf'), (0,), {}, '>= 0, got inf'),
    (1.01, (0, 1), {}, 'got 1.01'), (0, (0, 1), {'without': 0}, 'in (0, 1], got 0'),
    (1, (0, 1), {'without': 1}, '[0, 1)'),
    (0, (0,), {'without': 0}, '> 0, got 0'), ([1], (), {'hint': 'paper: 1'}, 'got [1] (paper: 1)'), (1j, (), {}, '1j'),
    ('x' * 1000, (), {}, '...'),
])
def test_other_values_are_named(value, limits, options, says):
    with pytest.raises(InputError, match='lam must be a number') as error:
        check_number('lam', value, *limits, **options)
    assert says in str(error.value) and len(str(error.value)) < 200


@pytest.mark.parametrize('value', [1.0, '1', None, True, 0, 4, np.float64(2)])
def test_what_is_no_whole_number_in_the_range(value):
    check_integer('topk', 3, 1, 3)
    check_integer('topk', np.int32(1), 1, 3)
    with pytest.raises(InputError, match=r'topk must be a whole number in \[1, 3\]'):
        check_integer('topk', value, 1, 3)
