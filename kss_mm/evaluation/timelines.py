"""Timelines against what is true: the figures, their prior, and the file for Charades' own program."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from kss_mm.errors import InputError, shown
from kss_mm.evaluation.localization import (
    ACTIVITYNET,
    FRAMES,
    OVERLAPS,
    frame_targets,
    frame_times,
    interval_map,
    localization_map,
)
from kss_mm.evaluation.true_intervals import Truth, video_name
from kss_mm.files import PathLike, whole_file
from kss_mm.timeline.intervals import Interval
from kss_mm.timeline.timeline import Timeline


class Frames(NamedTuple):
    """The 25 times of each video.

    Shapes:
        - **scores, targets:** :math:`(V, 25, K)`; a score is -inf where there is no window
    """

    names: list[str]
    scores: np.ndarray
    targets: np.ndarray


def by_name(timelines: Sequence[Timeline]) -> dict[str, Timeline]:
    """Timelines of one model by the names of their videos.

    Raises:
        InputError: For none, for two of one name, and for other classes than the first one's.
    """
    if not timelines:
        raise InputError('there is no timeline to evaluate')
    found: dict[str, Timeline] = {}
    for timeline in timelines:
        name = video_name(timeline.source)
        if name in found:
            raise InputError(f'{shown(timeline.source)} and {shown(found[name].source)}: are timelines of one name; '
                             'leave one out')
        if list(timeline.classes) != list(timelines[0].classes):
            raise InputError(f'{shown(timeline.source)}: its timeline has other classes than that of '
                             f'{shown(timelines[0].source)}; evaluate those of one model')
        found[name] = timeline
    return found


def frames_of(timelines: Mapping[str, Timeline], truth: Mapping[str, Truth], classes: Sequence[str]) -> Frames:
    """Scores and true labels at the times that Charades evaluates, for every video that is true.

    The length of a video is that of its annotations, else that of the timeline. A video without a timeline has scores
    of -inf, and lasts until its last label ends where the annotations have no length.

    Raises:
        InputError: For a timeline of a stream where the annotations have no length.
    """
    scores = np.full((len(truth), FRAMES, len(classes)), -np.inf)
    targets = np.zeros(scores.shape, np.int8)
    for row, (name, true) in enumerate(truth.items()):
        timeline = timelines.get(name)
        length = true.length if true.length is not None or timeline is None else timeline.duration
        if length is None and timeline is not None:
            raise InputError(f'{shown(timeline.source)}: neither its timeline nor the annotations say how long it is')
        if length is None:
            length = max((end for _, _, end in true.actions), default=0.)
        times = frame_times(length)
        targets[row] = frame_targets(true.actions, times, len(classes))
        if timeline is not None:
            found = np.stack([timeline.at(seconds) for seconds in times])  # (25, K)
            scores[row] = np.where(np.isnan(found), -np.inf, found)
    return Frames(list(truth), scores, targets)


def evaluate_timelines(timelines: Sequence[Timeline], truth: Mapping[str, Truth], **levels) -> dict[str, float]:
    """Figures of timelines of one model, in 0..1: ``frame_mAP`` and ``frame_wAP`` (Charades' protocol),
    ``mAP@0.1`` .. ``mAP@0.5`` and ``mAP@0.5:0.95`` of intervals, whose score is their mean.

    Beside each, as ``prior_...``, the figure of the label prior: every time of every video has the label's share of all
    frames as its score, and every video is cut into equal intervals of the label, about as long as its true ones are on
    average, with that score.

    Args:
        truth: Of every video that counts.
        levels: ``low``, ``high`` and ``min_seconds`` of the intervals.
    """
    named = by_name(timelines)
    classes = timelines[0].classes
    frames = frames_of(named, truth, classes)
    flat = frames.scores.reshape(-1, len(classes)), frames.targets.reshape(-1, len(classes))
    share = flat[1].mean(axis=0)
    figures = dict(zip(('frame_mAP', 'frame_wAP'), localization_map(*flat)))
    figures.update(zip(('prior_frame_mAP', 'prior_frame_wAP'), localization_map(np.tile(share, (len(flat[0]), 1)),
                                                                               flat[1])))
    true = [{name: [action[1:] for action in video.actions if action[0] == label] for name, video in truth.items()}
            for label in range(len(classes))]
    found = {name: timeline.intervals(**levels) for name, timeline in named.items() if name in truth}
    prior = {name: [interval for index, label in enumerate(classes)
                    for interval in _cut(named[name], label, true[index], float(share[index]))] for name in found}
    for before, intervals in (('', found), ('prior_', prior)):
        figures.update(_interval_figures(before, true, intervals, classes))
    return figures


def _interval_figures(before: str, true: Sequence[Mapping], intervals: Mapping[str, Sequence[Interval]],
                      classes: Sequence[str]) -> dict[str, float]:
    of_label: dict[str, list] = {label: [] for label in classes}
    for name, each in intervals.items():
        for interval in each:
            of_label[interval.label].append((name, interval.start, interval.end, interval.mean))
    overlaps = (*OVERLAPS, *(overlap for overlap in ACTIVITYNET if overlap not in OVERLAPS))
    means = dict(zip(overlaps, interval_map(true, list(of_label.values()), overlaps).tolist()))
    return {**{f'{before}mAP@{overlap:g}': means[overlap] for overlap in OVERLAPS},
            f'{before}mAP@0.5:0.95': float(np.mean([means[overlap] for overlap in ACTIVITYNET]))}


def _cut(timeline: Timeline, label: str, true: Mapping[str, Sequence[tuple[float, float]]], score: float
         ) -> list[Interval]:
    lengths = [end - start for each in true.values() for start, end in each]
    if not lengths or not len(timeline.ends):
        return []
    end = float(timeline.ends[-1])
    borders = np.linspace(0, end, max(round(end / max(np.mean(lengths), 1e-3)), 1) + 1).tolist()
    return [Interval(*pair, label, score, score) for pair in zip(borders[:-1], borders[1:])]


def evaluation_lines(timelines: Sequence[Timeline], truth: Mapping[str, Truth], **levels) -> Iterator[str]:
    """Yield the figures of :func:`evaluate_timelines` in words, after what they are of."""
    named = by_name(timelines)
    actions = sum(len(video.actions) for video in truth.values())
    labels = {label for video in truth.values() for label, *_ in video.actions}
    without = len(timelines[0].classes) - len(labels)
    yield (f'{len(truth)} videos, {actions} true intervals of {len(labels)} labels; {without} labels without any '
           'are left out of every mean')
    if missing := [name for name in truth if name not in named]:
        yield f'{len(missing)} videos have no timeline, such as {shown(missing[0])}: they count with scores of -inf'
    if more := [name for name in named if name not in truth]:
        yield f'{len(more)} timelines are of videos whose truth is not known, such as {shown(more[0])}: left out'
    if broken := [name for name, timeline in named.items() if timeline.error is not None and name in truth]:
        yield f'{len(broken)} timelines end early, such as that of {shown(broken[0])}: -inf from there on'
    figures = evaluate_timelines(timelines, truth, **levels)
    yield f'{"":30s} {"model":>7s} {"label prior":>12s}'
    for name, words in (('frame_mAP', 'per-frame mAP (Charades)'), ('frame_wAP', 'per-frame weighted AP'),
                        *((f'mAP@{overlap:g}', f'interval mAP, tIoU {overlap:g}') for overlap in OVERLAPS),
                        ('mAP@0.5:0.95', 'interval mAP, tIoU 0.5:0.95')):
        yield f'{words:30s} {figures[name]:7.4f} {figures[f"prior_{name}"]:12.4f}'


def write_localization_submission(path: PathLike, frames: Frames) -> None:
    """The text file that ``Charades_v1_localize.m`` reads: a video's id, a frame from 1 to 25, and K scores a line.

    A video without a timeline is left out, which that program counts as -inf.

    Raises:
        InputError: For an id with a blank in it.
    """
    for name in frames.names:
        if name.split() != [name]:
            raise InputError(f'{path}: not written, the id {shown(name)} has blanks in it, and the submission has one '
                             'word for each video: rename the file')
    with whole_file(path, 'w', encoding='utf-8', newline='\n') as file:
        for name, rows in zip(frames.names, frames.scores):
            for number, row in enumerate(rows, 1):
                if np.isfinite(row).all():
                    file.write(f'{name} {number} {" ".join(f"{score:.9g}" for score in row)}\n')
