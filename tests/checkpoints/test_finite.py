"""Weights that are not numbers are refused by whatever reads them."""

import pytest
import torch

from kss_mm.checkpoints.checkpoint import load_weights, save_plain
from kss_mm.checkpoints.finite import not_finite
from kss_mm.errors import InputError


@pytest.mark.parametrize('bad', [float('nan'), float('inf'), -float('inf')])
def test_a_file_with_one_such_weight_is_refused_by_name(tmp_path, bad):
    state = {'a.weight': torch.ones(3), 'count': torch.tensor(2), 'b.weight': torch.tensor([1., bad])}
    save_plain(dict(state_dict=state), tmp_path / 'a.pth')
    with pytest.raises(InputError, match=r"a\.pth: 1 of its weights, 'b\.weight'"):
        load_weights(str(tmp_path / 'a.pth'))
    assert not_finite(state) == ['b.weight'] and not_finite({'a': torch.ones(1), 'b': None}) == []
