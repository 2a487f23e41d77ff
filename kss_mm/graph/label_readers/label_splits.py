"""Parts of a data set that its label file names: training, validation, test, folds."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from kss_mm.errors import InputError, shown

#: Names of one part, as public sets have them.
_SAME = ({'train', 'training', 'trn', 'tr'}, {'val', 'valid', 'validation', 'validate', 'dev'}, {'test', 'testing'})
#: What columns say by yes and no: of fastai's tables, and of others like them.
_YES_NO = {'isvalid': ('valid', 'train'), 'istest': ('test', 'train'), 'istrain': ('train', 'not train')}
_VALUES = {'true': 0, '1': 0, 'yes': 0, '1.0': 0, 'false': 1, '0': 1, 'no': 1, '0.0': 1}


def split_names(column: str, values: Sequence[str]) -> list[str]:
    """The parts of all samples, where a column ``is_valid`` says yes and no too.

    >>> split_names('is_valid', ['True', 'False'])
    ['valid', 'train']
    """
    words = _YES_NO.get(''.join(filter(str.isalnum, column.casefold())))
    values = [value.strip() for value in values]
    if words is None or not all(value.lower() in _VALUES for value in values):
        return values
    return [words[_VALUES[value.lower()]] for value in values]


def is_split(name: str) -> bool:
    """Tell whether a text is a usual name of a part of a data set.

    >>> is_split('valid'), is_split('dogs')
    (True, False)
    """
    return any(name.casefold() in names for names in _SAME)


def splits_note(splits: Sequence[str]) -> list[str]:
    """Notes on samples of several splits in one file."""
    counts = Counter(splits)
    if len(counts) < 2:
        return []
    return [f'samples of all splits are counted ({_counted(counts)}); for training, say which by --split, or give a '
            'file of the training samples only']


def rows_of_split(splits: Sequence[str] | None, wanted: str | int | Sequence[str | int]) -> np.ndarray:
    """Positions of the samples of one part of the data, or of several.

    >>> rows_of_split(['train', 'val', 'Training'], 'train')
    array([0, 2])

    Args:
        splits: The part of each sample; None where the file does not say it.
        wanted: One name or several; without regard to case, and "val" is "validation" and "valid".

    Raises:
        InputError: Naming the parts that there are.
    """
    if splits is None:
        raise InputError(f'split={shown(wanted)}: the file does not say which split a sample belongs to; give it a '
                         'column "split", or leave the split out and give a file for each')
    names = [str(name) for name in ([wanted] if isinstance(wanted, str | int) else wanted)]
    counts = Counter(splits)
    taken = set()
    for name in names:
        forms = _forms(name)
        if not (found := {value for value in counts if _forms(value) & forms}):
            raise InputError(f'split={shown(name)}: no sample is of it; there are {_counted(counts)}')
        taken |= found
    return np.array([row for row, value in enumerate(splits) if value in taken], np.int64)


def _forms(name: str) -> set[str]:
    name = name.casefold()
    if name == 'trainval':
        return _SAME[0] | _SAME[1] | {name}
    return next((names for names in _SAME if name in names), {name})


def _counted(counts: Counter) -> str:
    return ', '.join(f'{shown(name)} {count:,}' for name, count in counts.most_common(5)) + (
        f' and {len(counts) - 5} more' if len(counts) > 5 else '')
