"""The parts of the data: those that a table says, or a stratified split of one's own."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from kss_mm.errors import InputError, shown
from kss_mm.graph.label_readers.label_splits import rows_of_split
from kss_mm.starter.samples import Samples
from kss_mm.starter.stratified_split import stratified_split

_PARTS = ('train', 'val', 'test')


def split_into_parts(samples: Samples, groups: Sequence[str], *, val_share: float, seed: int,
                     strict: bool = False) -> tuple[dict[str, Samples], list[str]]:
    """Training, validation and, where the table has one, test part, and how they came about.

    A table's own parts are kept. Where it has none to validate, they are split off the training part by
    :func:`~kss_mm.starter.stratified_split.stratified_split`.

    Args:
        strict: A group that the table has in two of its parts is an error; else it is told.

    Raises:
        InputError: For less than two groups to train on, and see ``strict``.
    """
    own, notes = _own_parts(samples)
    if torn := _torn_group(own, groups):
        if strict:
            raise InputError(f'{torn}; put it into one of them')
        notes.append(torn)
    train = own.get('train', np.arange(len(samples.names)))
    if 'val' in own:
        parts = own
    else:
        if len(one := {groups[row] for row in train}) < 2:
            raise InputError(f'{len(train):,} samples, all of {shown(*one)}, cannot be split into those to train and '
                             'those to validate: add others, give another --group, or a column "split"')
        chosen = stratified_split(samples.matrix[train], [groups[row] for row in train], val_share=val_share, seed=seed)
        parts = {**own, 'train': train[~chosen], 'val': train[chosen]}
        together = len({groups[row] for row in train})
        notes.append(f'{chosen.sum():,} of {len(train):,} samples are split off to validate, by iterative '
                     f'stratification (seed {seed})' + (f', {together:,} groups never torn apart'
                                                        if together < len(train) else ''))
    parts = {name: samples.part(parts[name]) for name in _PARTS if name in parts}
    return parts, [*notes, *_coverage(parts)]


def _own_parts(samples: Samples) -> tuple[dict[str, np.ndarray], list[str]]:
    if samples.splits is None:
        return {}, []
    found = {}
    for name in _PARTS:
        try:
            found[name] = rows_of_split(samples.splits, name)
        except InputError:
            continue
    counts = Counter(samples.splits)
    if 'not train' in counts:  # of a column is_train
        found['val'] = rows_of_split(samples.splits, 'not train')
    listed = ', '.join(f'{shown(name)} {number:,}' for name, number in counts.most_common(5))
    if 'train' not in found:
        return {}, [f'the table has splits ({listed}), of which none is called train: they are not used']
    notes = [f"the table's own split is kept ({listed})"]
    if left_out := len(samples.splits) - sum(map(len, found.values())):
        notes.append(f'{left_out:,} samples are in none of its parts train, val and test, and are left out')
    return found, notes


def _torn_group(parts: dict[str, np.ndarray], groups: Sequence[str]) -> str | None:
    where: dict[str, str] = {}
    for part, rows in parts.items():
        for row in rows:
            other = where.setdefault(groups[row], part)
            if other != part:
                return (f'the table has samples of {shown(groups[row])} in its parts {other} and {part}, so that what '
                        'is learned of it in one is known in the other')
    return None


def _coverage(parts: dict[str, Samples]) -> list[str]:
    """What each part lacks."""
    classes = parts['train'].classes
    counts = {name: np.asarray((part.matrix > 0).sum(axis=0)).ravel() for name, part in parts.items()}
    notes = []
    if (lacking := np.flatnonzero(counts['train'] == 0)).size:
        notes.append(f'{_are(lacking.size)} in no training sample and cannot be learned, such as '
                     f'{shown(classes[lacking[0]])}')
    if (lacking := np.flatnonzero((counts['val'] == 0) & (counts['train'] > 0))).size:
        notes.append(f'{_are(lacking.size)} in no validation sample, so that no figure is of them, such as '
                     f'{shown(classes[lacking[0]])}')
    return notes


def _are(labels: int) -> str:
    return f'{labels:,} labels are' if labels > 1 else '1 label is'
