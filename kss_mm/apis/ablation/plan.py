"""The file that lists the runs of a table: rows are methods, columns are settings, each cell a few seeds."""

import os
import re
from dataclasses import dataclass, field

import yaml

from kss_mm.errors import InputError, MissingFileError

Options = dict[str, object]


@dataclass(frozen=True)
class Choice:
    """An option whose value each row chooses for itself, by one run a value on data that the table does not use."""

    option: str
    values: tuple
    seed: int
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A method.

    Args:
        options: changes of the config.
        columns: column -> further changes there.
        choice_of: name of the row whose chosen value it takes; None chooses its own.
    """

    name: str
    config: str
    options: Options = field(default_factory=dict)
    columns: dict[str, Options] = field(default_factory=dict)
    choice_of: str | None = None


@dataclass(frozen=True)
class Plan:
    """All runs of a table.

    Args:
        metric: what is compared, as it stands in the logs, such as 'charades/mAP'; higher is better.
        columns: settings, name -> changes of the config.
        options: changes for every run.
        digits: of the figures in the Markdown table, behind the point.
    """

    metric: str
    seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    columns: dict[str, Options]
    options: Options = field(default_factory=dict)
    choice: Choice | None = None
    digits: int = 3

    def __post_init__(self):
        for name in ('rows', 'seeds'):
            if not getattr(self, name):
                raise InputError(f'no {name}')
        names = {row.name for row in self.rows}
        for row in self.rows:
            if row.choice_of is not None and row.choice_of not in names:
                raise InputError(f'row {row.name!r}: choice_of names {row.choice_of!r}, which is no row')
            if unknown := row.columns.keys() - self.columns.keys():
                raise InputError(f'row {row.name!r}: changes {", ".join(sorted(unknown))}, which is no column; there '
                                 f'are {", ".join(self.columns)}')
            if not os.path.isfile(row.config):
                raise MissingFileError(f'row {row.name!r}: {row.config}: no such config file')
        for kind, folders in (('rows', [slug(row.name) for row in self.rows]), ('columns', map(slug, self.columns))):
            folders = list(folders)
            if len(set(folders)) < len(folders):
                raise InputError(f'two {kind} have names that give the same folder: {", ".join(folders)}')


def read_plan(path: str) -> Plan:
    """The plan in a YAML file.

    Raises:
        MissingFileError, InputError: it, or a config in it, is not there; or it is no plan.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such list of runs')
    try:
        with open(path, encoding='utf-8') as file:
            content = yaml.safe_load(file)
        rows = tuple(Row(name=name, **fields) for name, fields in content.pop('rows').items())
        choice = content.pop('choice', None)
        choice = choice and Choice(**{**choice, 'values': tuple(choice['values'])})
        seeds, columns = tuple(content.pop('seeds')), content.pop('columns', None) or {'all': {}}
        return Plan(rows=rows, choice=choice, seeds=seeds, columns={k: v or {} for k, v in columns.items()}, **content)
    except (InputError, MissingFileError) as error:
        raise type(error)(f'{path}: {error}') from error
    except KeyError as error:
        raise InputError(f'{path}: no list of runs, it has no {error}; it needs metric, seeds and rows') from error
    except (yaml.YAMLError, TypeError, AttributeError) as error:
        raise InputError(f'{path}: no list of runs ({" ".join(str(error).split())})') from error


def slug(name: str) -> str:
    """A name as the name of a folder."""
    return re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')
