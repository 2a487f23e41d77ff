"""Two runs brought to the same samples and classes, by their names."""

import os
from collections.abc import Sequence

import numpy as np

from kss_mm.errors import InputError, shown
from kss_mm.evaluation.match_classes import columns_by_name
from kss_mm.evaluation.score_files import Scores
from kss_mm.files import PathLike
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.sample_ids import repeated

_NAMED = 3


def match_runs(content: Scores, path: PathLike, other: Scores,
               other_path: PathLike) -> tuple[Scores, Scores, list[str]]:
    """Both runs with the samples that both have, in the order of the first, and in words what differs.

    Raises:
        InputError: If the classes differ, a name is that of two samples, no sample is in both, or their true labels
            differ: such runs were evaluated on other data.
    """
    order, notes = columns_by_name(content.classes, other.classes, of=str(path), scores=str(other_path),
                                   remedy='compare runs of the same classes')
    for ids, file in ((content.ids, path), (other.ids, other_path)):
        if note := repeated(ids):
            raise InputError(f'{file}: {note}, so that samples cannot be matched by name; name them by their files '
                             "(dict(type='kss_mm.SampleIdHook') in custom_hooks)")
    place = {name: row for row, name in enumerate(other.ids)}
    rows = [row for row, name in enumerate(content.ids) if name in place]
    if not rows:
        raise InputError(f'{path} and {other_path} have no sample in common, such as {shown(content.ids[0])} and '
                         f'{shown(other.ids[0])}; compare runs on the same samples')
    mine, common = _part(content, rows), {content.ids[row] for row in rows}
    theirs = _part(other, [place[name] for name in mine.ids], order, content.classes)
    differ = np.asarray(mine.targets).astype(np.int8) != np.asarray(theirs.targets).astype(np.int8)
    if differ.any():
        row, label = np.argwhere(differ)[0]
        raise InputError(f'{other_path}: the true label {shown(mine.classes[label])} of sample {shown(mine.ids[row])} '
                         f'is {theirs.targets[row, label]}, in {path} {mine.targets[row, label]}, and '
                         f'{differ.sum() - 1} more differ ({UNKNOWN} is unknown); compare runs on the same annotations')
    for names, file in ((content.ids, path), (other.ids, other_path)):
        if only := [name for name in names if name not in common]:
            notes.append(f'{len(only)} samples are only in {os.path.basename(file)} and left out of the comparison: '
                         f'{_some(only)}')
    return mine, theirs, notes


def _part(content: Scores, rows: Sequence[int], columns: Sequence[int] | None = None,
          classes: Sequence[str] | None = None) -> Scores:
    columns = range(len(content.classes)) if columns is None else columns
    cut = [None if values is None else np.asarray(values)[np.ix_(rows, columns)]
           for values in (content.scores, content.targets, content.logits)]
    return Scores([content.ids[row] for row in rows], cut[0], cut[1], list(classes or content.classes), cut[2])


def _some(names: Sequence[str]) -> str:
    return ', '.join(map(shown, names[:_NAMED])) + (', ...' if len(names) > _NAMED else '')
