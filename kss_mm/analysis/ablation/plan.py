"""The runs of a table: rows are methods, columns are settings, each cell a few seeds."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kss_mm.analysis.ablation.options import Options
from kss_mm.errors import InputError, MissingFileError
from kss_mm.package_files import package_config


@dataclass(frozen=True)
class Choice:
    """An option whose value each row chooses for itself, by one run a value on data that the table does not use.

    Args:
        values: Text of a value -> the changes that it means.
        options: Further changes while choosing.
    """

    option: str
    values: dict[str, Options]
    seed: int
    options: Options = field(default_factory=dict)

    def __post_init__(self):
        if not self.values:
            raise InputError('choice has no values')
        _check_seeds('choice: seed', [self.seed])


@dataclass(frozen=True)
class Row:
    """A method.

    Args:
        options: Changes of the config.
        columns: Column -> further changes there.
        choice_of: Name of the row whose chosen value it takes; None chooses its own.
        only: The columns in which it is trained; None for all.
    """

    name: str
    config: str
    options: Options = field(default_factory=dict)
    columns: dict[str, Options] = field(default_factory=dict)
    choice_of: str | None = None
    only: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Plan:
    """All runs of a table.

    Args:
        metric: What is compared and chosen by, as it stands in the logs, such as 'charades/mAP'; higher is better.
        also: Further metrics, which are shown beside it.
        columns: Settings, name -> changes of the config.
        options: Changes for every run.
        digits: Of the figures in the Markdown table, behind the point; larger ones, such as counts, have one.
    """

    metric: str
    seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    columns: dict[str, Options]
    options: Options = field(default_factory=dict)
    choice: Choice | None = None
    digits: int = 3
    also: tuple[str, ...] = ()

    def __post_init__(self):
        for name in ('rows', 'seeds'):
            if not getattr(self, name):
                raise InputError(f'no {name}')
        _check_seeds('seeds', self.seeds)
        for place, name in (('metric', self.metric), *(('also', name) for name in self.also)):
            if not isinstance(name, str):
                raise InputError(f'{place}: {name!r} is not a name')
        if len(set(self.metrics)) < len(self.metrics):
            raise InputError(f'also: one of {", ".join(self.also)} stands there twice, or is the metric itself')
        if type(self.digits) is not int or self.digits < 0:
            raise InputError(f'digits: {self.digits!r} is not a whole number from 0 on')
        choosing = [row.name for row in self.rows if row.choice_of is None]
        for row in self.rows:
            if row.choice_of is not None and row.choice_of not in choosing:
                raise InputError(f'row {row.name!r}: choice_of names {row.choice_of!r}, which is not a row that '
                                 f'chooses for itself; there are {", ".join(choosing) or "none"}')
            if unknown := {*row.columns, *(row.only or ())} - self.columns.keys():
                raise InputError(f'row {row.name!r}: names {", ".join(sorted(unknown))}, which is not a column; there '
                                 f'are {", ".join(self.columns)}')
            if row.only == ():
                raise InputError(f'row {row.name!r}: only names no column')
            if not (isinstance(row.config, str) and os.path.isfile(package_config(row.config))):
                raise MissingFileError(f'row {row.name!r}: {row.config}: no such config file')
        trained = {(row.name, column) for row, column in self.places}
        for row, column in self.places:
            for other in (self.rows[0].name, row.choice_of or row.name):
                if (other, column) not in trained:
                    raise InputError(f'row {row.name!r}: is trained in {column}, where row {other!r}, with which it is '
                                     f'compared or chooses, is not: change `only` of one of them')
        check_folders('rows', [row.name for row in self.rows])
        check_folders('columns', self.columns)

    @property
    def metrics(self) -> tuple[str, ...]:
        """All of them, first the one that is compared."""
        return (self.metric, *self.also)

    @property
    def places(self) -> list[tuple[Row, str]]:
        """The cells of the table: every row in every column that it is trained in."""
        return [(row, column) for row in self.rows for column in self.columns if row.only is None or column in row.only]


def check_folders(kind: str, names: Iterable[str]) -> None:
    """Raise InputError unless every name gives a folder of its own."""
    seen: dict[str, str] = {}
    for name in names:
        folder = slug(name)
        if folder in seen:
            raise InputError(f'two {kind} give the same folder, {folder}: {seen[folder]!r} and {name!r}')
        seen[folder] = name


def slug(name: str) -> str:
    """A name as the name of a folder: letters and digits of any script, and the sign of a number."""
    return re.sub(r'(?!^-)[\W_]+', '_', name.lower()).strip('_') or '_'  # such as the value []


def _check_seeds(where: str, seeds: Iterable) -> None:
    seen = set()
    for seed in seeds:
        if type(seed) is not int or seed < 0:
            raise InputError(f'{where}: {seed!r} is not a whole number from 0 on')
        if seed in seen:
            raise InputError(f'{where}: {seed} stands there twice')
        seen.add(seed)
