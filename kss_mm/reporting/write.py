"""Write the report on kept scores: one HTML page that opens from disk, without a network."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from kss_mm.apis.reported_graph import REPORT_ETA, REPORT_TAU, report_lam
from kss_mm.errors import InputError
from kss_mm.evaluation.bootstrap import DRAWS
from kss_mm.evaluation.protocols import content_lines
from kss_mm.evaluation.score_files import Scores, load_scores
from kss_mm.files import PathLike, check_target, whole_file
from kss_mm.graph import LabelGraph
from kss_mm.numeric import check_integer
from kss_mm.reporting.comparison import changed_cards, comparison
from kss_mm.reporting.graph_content import graph_content
from kss_mm.reporting.match_runs import match_runs
from kss_mm.reporting.render import render_page
from kss_mm.reporting.run import Run
from kss_mm.reporting.run_content import run_content
from kss_mm.reporting.thresholds import Thresholds, default_thresholds, given_thresholds, stored_thresholds
from kss_mm.reporting.thumbnails import thumbnails

#: Samples to look at of each kind: the worst, the best, those that lost and gained.
SAMPLES = 12
#: Endings of its name.
PAGES = ('.html', '.htm')


class Report(NamedTuple):
    """A report that was written: its file, its size in bytes, and in words what was taken for granted or left out."""

    path: str
    size: int
    notes: list[str]


def report(scores: PathLike, out: PathLike, *, other: PathLike | None = None, media: PathLike | None = None,
           graph: PathLike | None = None, model: PathLike | None = None, thresholds: float | PathLike | None = None,
           lam: float | None = None, tau: float | None = None, eta: float | None = None, draws: int = DRAWS,
           seed: int = 0, samples: int = SAMPLES) -> Report:
    """Write one HTML page that says how good a run is, where it fails, and what changed from another run.

    Args:
        scores: File of ``tools/test.py --dump``.
        out: Name of the page.
        other: Scores of another run on the same samples and classes, to compare with; both are matched by name.
        media: Folder of the videos or images, for pictures of samples.
        graph: Label graph to explore, an ``.npz``.
        model: Checkpoint to take the thresholds of the classes from and, without ``graph``, its label graph.
        thresholds: Probability from which on labels are predicted, or a ``.csv`` of class and threshold; without it and
            ``model``, one half.
        lam: Share of A_S in A_KS, 0..1; it and the next two are by default the model's, else those of
            ``tools/show_label_graph.py``.
        tau: Weakest edge of A_KS that is kept.
        eta: Share of the neighbours in A_KS, 0..1.
        draws: Data sets to draw for the intervals; 0 for none.
        seed: Of the draws.
        samples: Samples to show of each kind.

    Raises:
        UserError: Naming the file and the value that cannot be used.
    """
    tables = [thresholds] if isinstance(thresholds, str | os.PathLike) else []
    check_target(out, scores, other, graph, model, *tables)
    if not os.fspath(out).endswith(PAGES):
        raise InputError(f'{os.fspath(out)}: the page is HTML, so its name must end in {" or ".join(PAGES)}')
    for name, value in (('draws', draws), ('seed', seed), ('samples', samples)):
        check_integer(name, value, 0)
    if thresholds is not None and model is not None:
        raise InputError(f'both thresholds ({thresholds}) and a model with its own ({model}) are given: leave one out')
    run, notes = _read(scores, thresholds, model)
    notes += run.notes
    page = run_content(run, draws=draws, seed=seed, samples=samples)
    shown = [each['id'] for each in (*page['worst'], *page['best'])]
    page['comparison'] = page['graph'] = None
    if other is not None:
        theirs, more = _read(other, thresholds, None)
        mine, theirs, matched = match_runs(run.content, scores, theirs.content, other)
        mine = Run(scores, mine, run.thresholds)
        theirs = Run(other, theirs, _thresholds(theirs, other, thresholds, None)[0])
        page['comparison'] = comparison(mine, theirs, draws=draws, seed=seed) | changed_cards(mine, theirs, samples)
        page['comparison']['notes'] = matched
        notes += matched
        shown += [each['id'] for each in (*page['comparison']['lost'], *page['comparison']['gained'])]
    found = _label_graph(graph, model, notes)
    given = [name for name, value in (('lam', lam), ('tau', tau), ('eta', eta)) if value is not None]
    if given and not found:
        raise InputError(f'{given[0]} is of a label graph, and there is none to show: give graph or model')
    if found:
        mixture = _mixture(found, model, {'lam': lam, 'tau': tau, 'eta': eta})
        page['graph'] = graph_content(found, run.content.classes, **mixture)
    page['media'] = _media(media, shown)
    notes += page['media']['problems']
    page['notes'] = [*content_lines(run.content), *notes]
    with whole_file(out, 'w', encoding='utf-8', errors='backslashreplace', newline='\n') as file:
        file.write(render_page(page))
    return Report(os.fspath(out), os.path.getsize(out), notes)


def _read(path: PathLike, thresholds: float | PathLike | None, model: PathLike | None) -> tuple[Run, list[str]]:
    content = load_scores(path)
    found, notes = _thresholds(content, path, thresholds, model)
    return Run(path, content, found), notes


def _thresholds(content: Scores, path: PathLike, thresholds: float | PathLike | None,
                model: PathLike | None) -> tuple[Thresholds, list[str]]:
    if model is not None:
        return stored_thresholds(content, path, model)
    return (default_thresholds(content) if thresholds is None else given_thresholds(content, path, thresholds)), []


def _label_graph(graph: PathLike | None, model: PathLike | None, notes: list[str]) -> LabelGraph | None:
    if graph is not None:
        return LabelGraph.load(graph)
    if model is None:
        return None
    from kss_mm.checkpoints.stored_graph import label_graph_of  # torch

    try:
        return label_graph_of(os.fspath(model))
    except InputError as error:
        notes.append(f'No label graph: {error}')
        return None


def _mixture(graph: LabelGraph, model: PathLike | None, given: dict[str, float | None]) -> dict[str, float]:
    """lam, tau and eta as they were given, else the model's, else those of a graph's own report."""
    own: dict[str, float] = {}
    if model is not None:
        from kss_mm.checkpoints.stored_graph import mixture_of  # torch

        own = mixture_of(os.fspath(model))
    given = {name: value for name, value in given.items() if value is not None}
    values = {'tau': REPORT_TAU, 'eta': REPORT_ETA, **own, **given}
    lam = report_lam(values.get('lam'), values['tau'], values['eta'], with_knowledge=graph.knowledge is not None)
    return {**values, 'lam': lam}


def _media(folder: PathLike | None, ids: Iterable[str]) -> dict:
    if folder is None:
        return {'given': False, 'pictures': {}, 'problems': []}
    pictures, problems = thumbnails(folder, ids)
    return {'given': True, 'pictures': pictures, 'problems': problems}
