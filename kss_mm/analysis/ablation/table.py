"""The figures of a plan as one table: Markdown to read, CSV to go on with."""

import csv
import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kss_mm.analysis.ablation.plan import Plan
from kss_mm.analysis.ablation.run_plan import Chosen, Figures, usable
from kss_mm.files import whole_file


@dataclass(frozen=True)
class Cell:
    """One method in one setting.

    Args:
        values: One for each seed; None where the run failed.
        differences: From the first row, seed by seed, where both runs succeeded.
        chosen: The value that the choice gave, as text; None without one.
        tried: The figures that it chose by, one for each value; none where it took another row's choice.
    """

    row: str
    column: str
    values: Sequence[float | None]
    differences: Sequence[float]
    chosen: str | None = None
    tried: Sequence[float | None] = ()

    @property
    def found(self) -> list[float]:
        return [value for value in self.values if value is not None]


def cells(plan: Plan, figures: Figures, chosen: Chosen, tried: Figures) -> list[Cell]:
    """All cells, row by row."""
    first = plan.rows[0].name
    return [Cell(row.name, column, figures[row.name, column],
                 [value - base for value, base in zip(figures[row.name, column], figures[first, column])
                  if value is not None and base is not None],
                 chosen.get((row.name, column)), tried.get((row.name, column), ()))
            for row, column in plan.places]


# Figures from here on are no shares, and have one digit behind the point.
LARGE = 10
# Metric -> its cells, row by row.
Content = Mapping[str, Sequence[Cell]]


def as_markdown(plan: Plan, content: Content) -> str:
    """Mean and standard deviation over the seeds, and below the differences from the first row.

    One metric is one table, whose columns are the plan's; several are one table for each of these, with a column each.
    """
    seeds = f'mean ± standard deviation over seeds {", ".join(map(str, plan.seeds))}:'
    by_place = {(metric, cell.row, cell.column): cell for metric, found in content.items() for cell in found}
    if plan.also:
        parts = [_part(plan, f'{column}, {seeds}', plan.metrics,
                       {(row, metric): cell for (metric, row, place), cell in by_place.items() if place == column})
                 for column in plan.columns]
    else:
        parts = [_part(plan, f'{plan.metric}, {seeds}', list(plan.columns),
                       {(row, column): cell for (_, row, column), cell in by_place.items()})]
    lines = [line for part in parts for line in [*part, '']]
    if failed := [text for cell in content[plan.metric] for text in _failed(plan, cell)]:
        lines += [f'Failed runs: {"; ".join(failed)}.', '']
    return '\n'.join(lines)


def _part(plan: Plan, title: str, heads: Sequence[str], cells: Mapping[tuple[str, str], Cell]) -> list[str]:
    """Lines of a table of figures and one of differences, cells by row and head."""
    first, *others = [row.name for row in plan.rows if any((row.name, head) in cells for head in heads)]
    digits = {head: min(plan.digits, 1) if any(value >= LARGE for (_, place), cell in cells.items() if place == head
                                               for value in cell.found) else plan.digits for head in heads}
    lines = [title, '', *_grid([first, *others], digits, cells, partial(_value, plan))]
    if others and len(plan.seeds) > 1:
        lines += ['', f'Difference from {first}, seed by seed:', '',
                  *_grid(others, digits, cells, lambda cell, digits: _spread(cell.differences, digits, sign='+'))]
    return lines


def _failed(plan: Plan, cell: Cell) -> Iterator[str]:
    place = f'{cell.row}, {cell.column}'
    if failures := sum(not usable(figure) for figure in cell.tried):
        everywhere = f', so {_chosen(plan, cell)} is only the first' if failures == len(cell.tried) else ''
        yield f'{place}, while choosing: {failures} of {len(cell.tried)}{everywhere}'
    if failures := len(cell.values) - len(cell.found):
        yield f'{place}: {failures} of {len(cell.values)}'


def _grid(rows: Sequence[str], digits: Mapping[str, int], cells: Mapping[tuple[str, str], Cell],
          text: Callable[[Cell, int], str]) -> list[str]:
    """A table of the rows and the keys of ``digits``, which says how many each has behind the point."""
    lines = [['', *digits], ['---'] * (1 + len(digits))]
    lines += [[row, *(text(cells[row, head], digits[head]) if (row, head) in cells else '' for head in digits)]
              for row in rows]
    return [f'| {" | ".join(line)} |' for line in lines]


def _value(plan: Plan, cell: Cell, digits: int) -> str:
    text = _spread(cell.found, digits)
    return text if cell.chosen is None else f'{text} ({_chosen(plan, cell)})'


def _chosen(plan: Plan, cell: Cell) -> str:
    return f'{plan.choice.option.rpartition(".")[2]} {cell.chosen}'


def _spread(values: Sequence[float], digits: int, sign: str = '') -> str:
    if not values:
        return 'failed'
    mean, deviation = _moments(values)
    return f'{mean:{sign}.{digits}f}' + ('' if deviation is None else f' ± {deviation:.{digits}f}')


def write_csv(plan: Plan, content: Content, path: Path) -> None:
    """One line a cell and metric, with every seed's value; empty where a run failed."""
    with whole_file(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(['row', 'column', plan.choice.option if plan.choice else 'choice', 'metric', 'mean', 'std',
                       'difference_mean', 'difference_std', *(f'seed_{seed}' for seed in plan.seeds)])
        rows.writerows([cell.row, cell.column, cell.chosen, metric, *_moments(cell.found), *_moments(cell.differences),
                        *cell.values] for metric, found in content.items() for cell in found)


def _moments(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Mean and sample standard deviation; None where there are too few values."""
    if not all(map(math.isfinite, values)):
        return math.nan, math.nan  # statistics.stdev raises
    return (statistics.fmean(values) if values else None, statistics.stdev(values) if len(values) > 1 else None)
