"""Many trainings, one table: read the plan, run what is missing, read the logs, write the table."""

from pathlib import Path

from kss_mm.analysis.ablation.read_plan import read_plan
from kss_mm.analysis.ablation.run_plan import run_plan
from kss_mm.analysis.ablation.table import as_markdown, cells, write_csv
from kss_mm.errors import InputError
from kss_mm.files import write_whole


def ablate(plan_file: str, folder: Path, *, train: Path, jobs: int = 1) -> str:
    """Run what is missing of a plan and write ``table.md`` and ``table.csv`` to ``folder``; returns the Markdown.

    Args:
        train: Path of tools/train.py.
        jobs: Trainings at once.
    """
    if jobs < 1:
        raise InputError(f'--jobs must be at least 1, got {jobs}')
    plan = read_plan(plan_file)
    folder.mkdir(parents=True, exist_ok=True)
    figures, chosen, tried = run_plan(plan, folder, train, jobs=jobs)
    content = {metric: cells(plan, figures[metric], chosen, tried) for metric in plan.metrics}
    table = as_markdown(plan, content)
    write_whole(table.encode(), folder / 'table.md')
    write_csv(plan, content, folder / 'table.csv')
    return table
