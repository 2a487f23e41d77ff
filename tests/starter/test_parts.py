"""A table's own parts are kept, and what it leaves out is split off."""

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.starter.parts import split_into_parts
from kss_mm.starter.samples import Samples


def samples(splits=None, number=40):
    matrix = sp.csr_matrix((np.random.default_rng(0).random((number, 3)) < .5).astype(np.int64))
    return Samples(tuple(f'{i}.jpg' for i in range(number)), matrix, ('a', 'b', 'c'),
                   tuple(f'row {i}' for i in range(number)), None, splits)


def parts(splits, groups=None, **options):
    given = samples(splits)
    found, notes = split_into_parts(given, groups or given.names, val_share=0.25, seed=0, **options)
    return {name: len(part.names) for name, part in found.items()}, ' '.join(notes)


def test_a_table_s_own_split_is_kept():
    sizes, notes = parts(('train',) * 25 + ('valid',) * 10 + ('test',) * 5)
    assert sizes == {'train': 25, 'val': 10, 'test': 5} and "own split is kept ('train' 25, 'valid' 10" in notes


def test_validation_is_split_off_training_where_only_a_test_part_is_there():
    sizes, notes = parts(('Training',) * 32 + ('test',) * 8)
    assert sizes == {'train': 24, 'val': 8, 'test': 8} and '8 of 32 samples are split off' in notes


def test_samples_of_other_parts_are_left_out_and_counted():
    sizes, notes = parts(('train',) * 20 + ('val',) * 10 + ('extra',) * 10)
    assert sizes == {'train': 20, 'val': 10} and '10 samples are in none of its parts' in notes


def test_splits_of_which_none_trains_are_not_used():
    sizes, notes = parts(('0', '1', '2', '3') * 10)
    assert sizes == {'train': 30, 'val': 10} and 'none is called train: they are not used' in notes


def test_samples_of_one_group_cannot_be_split():
    with pytest.raises(InputError, match="40 samples, all of 'film', cannot be split .*--group"):
        parts(None, ['film'] * 40)


def test_a_group_in_two_parts_of_the_table_is_told():
    splits, groups = ('train',) * 30 + ('val',) * 10, [f'film {i % 20}' for i in range(40)]
    assert "'film 10' in its parts train and val" in parts(splits, groups)[1]
    with pytest.raises(InputError, match="'film 10' in its parts train and val"):
        parts(splits, groups, strict=True)
