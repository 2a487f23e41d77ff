"""Messages are one line, whatever the input holds that they quote."""

import pickle

import pytest
import torch
from torch.utils.data import DataLoader

from kss_mm.errors import LONGEST_MESSAGE, BadVideoError, InputError, MissingFileError, MissingPackageError, shown

ERRORS = [InputError, MissingFileError, BadVideoError, MissingPackageError]


@pytest.mark.parametrize('error', ERRORS)
def test_line_breaks_and_control_characters_are_shown_not_sent(error):
    message = str(error('a.csv:\n class \x1b]0;title\x07 \u202e \ud800 é'))
    assert message == r'a.csv: class \x1b]0;title\x07 \u202e \ud800 é'
    assert len(str(error('x' * 140_000 + ' remedy'))) < LONGEST_MESSAGE + 20
    assert str(error('x' * 140_000 + ' remedy')).endswith('x remedy')


def test_the_lines_that_help_follow_and_survive_pickling():
    error = pickle.loads(pickle.dumps(MissingFileError('a: not there', help='1. fetch\n2. unpack \x1b[1m')))
    assert str(error) == 'a: not there\n1. fetch\n2. unpack \\x1b[1m' and isinstance(error, FileNotFoundError)


def test_values_are_cut():
    assert shown('dog') == "'dog'" and len(shown('x' * 10**6)) == len(shown(list(range(10**4)))) == 80


class _Broken(torch.utils.data.Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise BadVideoError('a.mp4: cut short')


def test_a_worker_s_error_comes_without_its_stack():
    with pytest.raises(BadVideoError) as caught:
        next(iter(DataLoader(_Broken(), num_workers=1)))
    assert str(caught.value) == 'a.mp4: cut short'
