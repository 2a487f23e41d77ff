"""Classes of a score file and of what goes with it, by their names."""

from collections.abc import Sequence

from kss_mm.errors import InputError, shown


def unnamed_classes(number: int) -> list[str]:
    """Names of classes that nothing names.

    >>> unnamed_classes(3)
    ['0', '1', '2']
    """
    return [str(index) for index in range(number)]


def columns_by_name(wanted: Sequence[str] | None, classes: Sequence[str], *, of: str, scores: str,
                    remedy: str = 'give the scores of this checkpoint') -> tuple[list[int], list[str]]:
    """For every class that something else has, its column of the scores, and in words what was taken for granted.

    >>> columns_by_name(['cat', 'dog'], ['dog', 'cat'], of='a.pth', scores='s.npz')[0]
    [1, 0]

    Args:
        wanted: Names that the other has; None where it has none.
        classes: Those of the score file.
        of: Name of the other, for messages.
        scores: Name of the score file, for messages.
        remedy: What to do about other classes, for the error.

    Raises:
        InputError: If both have names, and not the same.
    """
    columns = list(range(len(classes)))
    if wanted is None:
        return columns, [f'{of} names no classes: those of {scores} are taken to be in its order']
    if list(wanted) == list(classes):
        return columns, []
    if len(wanted) == len(columns) and list(classes) == unnamed_classes(len(columns)):
        return columns, [f'{scores} names no classes: they are taken to be in the order of {of}']
    position = {name: column for column, name in enumerate(classes)}
    if len(position) == len(columns) and sorted(position) == sorted(wanted):
        return [position[name] for name in wanted], [f'the classes of {scores} are in another order than those of '
                                                     f'{of}: mapped by name']
    only = next((name for name in classes if name not in set(wanted)), None)
    raise InputError(f'{scores}: its {len(columns)} classes are not the {len(wanted)} of {of}'
                     + (f', which has no {shown(only)}' if only is not None else '') + f': {remedy}')
