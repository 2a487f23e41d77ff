"""All runs of a plan, one after the other or a few at once; what is done is not done again."""

import math
import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kss_mm.analysis.ablation.one_run import Run
from kss_mm.analysis.ablation.options import Options
from kss_mm.analysis.ablation.plan import Plan, Row, slug
from kss_mm.analysis.ablation.processes import Processes
from kss_mm.apis.progress import progress_bar

# Figures of a plan: (row, column) -> one value a seed, or a value of the choice; None for a run that failed.
Figures = dict[tuple[str, str], list[float | None]]
# What each (row, column) chose, as text.
Chosen = dict[tuple[str, str], str]


def run_plan(plan: Plan, folder: Path, train: Path, *, jobs: int = 1) -> tuple[dict[str, Figures], Chosen, Figures]:
    """Run what is missing, and read every figure from the logs.

    Args:
        folder: Keeps a folder of logs for every run, below ``table`` and ``choice``.
        train: Path of tools/train.py.
        jobs: Trainings at once; they share the cores.

    Returns:
        The figures of the table by metric, what was chosen, and the figures of the rows that chose.
    """
    chosen, tried = _choose(plan, folder / 'choice', train, jobs) if plan.choice else ({}, {})

    def options(row: Row, column: str) -> Options:
        return _options(plan, row, column) | (plan.choice.values[chosen[row.name, column]] if plan.choice else {})

    runs = {(row.name, column, seed): Run(row.config, options(row, column), seed,
                                          _place(folder / 'table', row, column) / f'seed_{seed}')
            for seed in plan.seeds for row, column in plan.places}
    _execute(runs.values(), train, jobs, 'Training')
    return _figures(runs, plan.metrics), chosen, tried


def usable(figure: float | None) -> bool:
    """Return True if a figure can be compared: the run did not fail, nor end in NaN."""
    return figure is not None and not math.isnan(figure)


def _choose(plan: Plan, folder: Path, train: Path, jobs: int) -> tuple[Chosen, Figures]:
    """For every row and column the value with the highest figure; the first value where all runs failed."""
    choice = plan.choice
    runs = {(row.name, column, text): Run(row.config, _options(plan, row, column) | changes | choice.options,
                                          choice.seed, _place(folder, row, column) / slug(text))
            for row, column in plan.places if row.choice_of is None
            for text, changes in choice.values.items()}
    _execute(runs.values(), train, jobs, 'Choosing')
    tried = _figures(runs, [plan.metric])[plan.metric]

    def best(row: str, column: str) -> str:
        ranks = [figure if usable(figure) else -math.inf for figure in tried[row, column]]
        return list(choice.values)[ranks.index(max(ranks))]

    return {(row.name, column): best(row.choice_of or row.name, column) for row, column in plan.places}, tried


def _figures(runs: Mapping[tuple, Run], metrics: Sequence[str]) -> dict[str, Figures]:
    figures: dict[str, Figures] = {metric: {} for metric in metrics}
    for (row, column, _), run in runs.items():
        found = run.figures(metrics)  # the logs are read once for all metrics
        for metric in metrics:
            figures[metric].setdefault((row, column), []).append(None if found is None else found[metric])
    return figures


def _options(plan: Plan, row: Row, column: str) -> Options:
    return plan.options | plan.columns[column] | row.options | row.columns.get(column, {})


def _place(folder: Path, row: Row, column: str) -> Path:
    return folder / slug(row.name) / slug(column)


def _execute(runs: Collection[Run], train: Path, jobs: int, title: str) -> None:
    missing = [run for run in runs if not run.finished()]
    threads = max(1, (os.cpu_count() or 1) // jobs)
    processes = Processes()
    with progress_bar(title) as report, ThreadPoolExecutor(jobs) as pool:
        try:
            for done, _ in enumerate(pool.map(lambda run: run.execute(train, threads, processes), missing), start=1):
                report(done, len(missing))
        except BaseException:  # an interrupt above all; leaving the pool waits for what runs
            pool.shutdown(wait=False, cancel_futures=True)
            processes.stop()
            raise
