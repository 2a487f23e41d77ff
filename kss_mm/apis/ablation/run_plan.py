"""All runs of a plan, one after the other or a few at once; what is done is not done again."""

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kss_mm.apis.ablation.one_run import Run
from kss_mm.apis.ablation.plan import Options, Plan, Row, slug
from kss_mm.apis.progress import progress_bar

# Figures of a plan: (row, column) -> one value a seed, None for a run that failed.
Figures = dict[tuple[str, str], list[float | None]]
# What each (row, column) chose.
Chosen = dict[tuple[str, str], object]


def run_plan(plan: Plan, folder: Path, train: Path, *, jobs: int = 1) -> tuple[Figures, Chosen]:
    """Run what is missing, and read every figure from the logs.

    Args:
        folder: keeps a folder of logs for every run, below ``table`` and ``choice``.
        train: path of tools/train.py.
        jobs: trainings at once; they share the cores.
    """
    chosen = _choose(plan, folder / 'choice', train, jobs) if plan.choice else {}
    runs = {(row.name, column, seed): Run(row.config, _options(plan, row, column, chosen.get((row.name, column))), seed,
                                          _place(folder / 'table', row, column) / f'seed_{seed}')
            for seed in plan.seeds for column in plan.columns for row in plan.rows}
    _execute(runs.values(), train, jobs, 'Training')
    figures: Figures = {}
    for (row, column, _), run in runs.items():
        figures.setdefault((row, column), []).append(run.figure(plan.metric))
    return figures, chosen


def _choose(plan: Plan, folder: Path, train: Path, jobs: int) -> Chosen:
    """For every row and column the value with the highest figure; the first value where all runs failed."""
    choice = plan.choice
    runs = {(row.name, column, value): Run(row.config, _options(plan, row, column, value) | choice.options,
                                           choice.seed, _place(folder, row, column) / slug(str(value)))
            for row in plan.rows if row.choice_of is None for column in plan.columns for value in choice.values}
    _execute(runs.values(), train, jobs, 'Choosing')
    figures = {key: run.figure(plan.metric) for key, run in runs.items()}

    def best(row: str, column: str):
        return max(choice.values, key=lambda value: -1. if figures[row, column, value] is None
                   else figures[row, column, value])

    return {(row.name, column): best(row.choice_of or row.name, column) for row in plan.rows
            for column in plan.columns}


def _options(plan: Plan, row: Row, column: str, value: object | None) -> Options:
    options = {**plan.options, **plan.columns[column], **row.options, **row.columns.get(column, {})}
    return options if value is None else {**options, plan.choice.option: value}


def _place(folder: Path, row: Row, column: str) -> Path:
    return folder / slug(row.name) / slug(column)


def _execute(runs: Collection[Run], train: Path, jobs: int, title: str) -> None:
    missing = [run for run in runs if not run.finished()]
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with progress_bar(title) as report, ThreadPoolExecutor(jobs) as pool:
        for done, _ in enumerate(pool.map(lambda run: run.execute(train, threads), missing), start=1):
            report(done, len(missing))
