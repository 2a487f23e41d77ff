"""What ``tools/evaluate_timelines.py`` does and prints."""

import os
from dataclasses import replace

import numpy as np

from kss_mm.errors import InputError, MissingFileError
from kss_mm.evaluation.timelines import by_name, evaluation_lines, frames_of, write_localization_submission
from kss_mm.evaluation.true_intervals import read_true_intervals
from kss_mm.files import PathLike, check_target
from kss_mm.numeric import check_number
from kss_mm.timeline.files import read_timeline
from kss_mm.timeline.timeline import Timeline
from kss_mm.visualization.save import save_figure
from kss_mm.visualization.timeline import draw_timeline


def run_command(timelines: PathLike, truth: PathLike, *, classes: PathLike | None = None, partial: bool = False,
                threshold: float | None = None, min_seconds: float = 0., submission: PathLike | None = None,
                plots: PathLike | None = None) -> None:
    """Print the figures of timelines, and write what is asked for; the arguments are the command line's.

    Raises:
        UserError: In one line, for files that are none, and what does not fit together.
    """
    if submission:
        check_target(submission, timelines if os.path.isfile(timelines) else None, truth, classes)
    found = _read(timelines)
    if threshold is not None:
        check_number('--threshold', threshold, 0, 1)
        found = [replace(each, thresholds=np.full(len(each.classes), threshold, np.float32)) for each in found]
    named = by_name(found)
    labels = found[0].classes
    true = read_true_intervals(truth, labels, classes)
    if partial:
        true = {name: video for name, video in true.items() if name in named}
    if not any(name in named for name in true):
        raise InputError(f'{truth}: none of its videos has a timeline in {timelines}; the names of videos tell them '
                         'apart, without folders and ending')
    for line in evaluation_lines(found, true, min_seconds=min_seconds):
        print(line)
    if submission:
        write_localization_submission(submission, frames_of(named, true, labels))
        print(f'submission: {submission}')
    if plots:
        for name, timeline in named.items():
            if name in true and len(timeline.starts):
                happening = [(start, end, labels[label]) for label, start, end in true[name].actions]
                figure = draw_timeline(timeline, intervals=timeline.intervals(min_seconds=min_seconds), title=name,
                                       truth=happening)
                save_figure(figure, os.path.join(plots, f'{name}.png'))
        print(f'plots: {plots}')


def _read(path: PathLike) -> list[Timeline]:
    if not os.path.isdir(path):
        return [read_timeline(path)]
    names = sorted(os.path.join(folder, name) for folder, _, inside in os.walk(path) for name in inside
                   if name.endswith('.json') and not name.startswith('.'))
    if not names:
        raise MissingFileError(f'{path}: has no timelines in it; kss-mm predict --timeline WINDOW --out FOLDER writes '
                               'them')
    return [read_timeline(name) for name in names]
