"""A download of Charades: every video checked, and on request re-encoded small and quick to read."""

import csv
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from kss_mm.datasets.charades_check import MISSING, Finding, check_video, count_notes
from kss_mm.datasets.charades_files import read_classes, read_videos
from kss_mm.datasets.media.reencode import find_ffmpeg, reencode
from kss_mm.errors import InputError, MissingFileError
from kss_mm.files import PathLike, whole_file
from kss_mm.numeric import check_integer

logger = logging.getLogger(__name__)

#: What --reencode makes: pixels of the shorter side, frames between key frames.
SHORT_SIDE, GOP = 256, 16


class Reencoded(NamedTuple):
    """Videos that could not be re-encoded or used.

    Args:
        errors: What ffmpeg said of those that failed.
        unusable: How many can be read in neither form.
    """

    errors: list[InputError]
    unusable: int


def check_charades(root: PathLike, *, videos: str = 'Charades_v1_480', workers: int | None = None,
                   notify: Callable[[str], None] = logger.info) -> list[Finding]:
    """Check that every video of the annotations is there, readable, and as long as it should be.

    Args:
        root: Folder that holds ``Charades/``, the annotations, and the videos.
        videos: Folder of videos in it.
        workers: Processes; by default one for each core.
        notify: Called with lines about numbers that differ from the official release's, before the videos are read.

    Returns:
        What was found, one a video, sorted by split and id.

    Raises:
        UserError: For annotations that cannot be read, or a folder that is not there.
    """
    annotations, folder = Path(root, 'Charades'), Path(root, videos)
    workers = _checked_workers(workers)
    classes = read_classes(annotations / 'Charades_v1_classes.txt')
    splits = {split: read_videos(annotations / f'Charades_v1_{split}.csv', len(classes)) for split in ('train', 'test')}
    if not folder.is_dir():
        raise MissingFileError(f'{folder}: no such folder of videos; unpack Charades_v1_480.zip there, or name another '
                               'by --videos')
    for note in count_notes(splits, len(classes)):
        notify(f'note: {note}')
    jobs = [(str(folder / f'{video.id}.mp4'), video, split) for split, part in splits.items() for video in part]
    return sorted(_in_parallel(check_video, jobs, workers, f'checking {len(jobs)} videos'),
                  key=lambda finding: (finding.split, finding.id))


def write_findings(path: PathLike, findings: Iterable[Finding]) -> None:
    """Write a CSV file, one line a video."""
    with whole_file(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(Finding._fields)
        rows.writerows(findings)


def reencode_charades(root: PathLike, out: PathLike, findings: Sequence[Finding], *, videos: str = 'Charades_v1_480',
                      short_side: int = SHORT_SIDE, gop: int = GOP, workers: int | None = None,
                      notify: Callable[[str], None] = logger.info) -> Reencoded:
    """Re-encode what is not in ``out`` yet, also what only ffmpeg reads.

    Args:
        root: As of :func:`check_charades`.
        out: Folder for the new videos.
        findings: Of :func:`check_charades`.
        videos: As of :func:`check_charades`.
        short_side: Pixels, an even number.
        gop: Frames between key frames.
        workers: As of :func:`check_charades`.
        notify: Called with the line that says how many are there already.

    Raises:
        UserError: For an impossible number, or where there is no ffmpeg.
    """
    check_encoding(short_side, gop)
    workers = _checked_workers(workers)
    ffmpeg, out = find_ffmpeg(), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    present = [finding for finding in findings if finding.problem != MISSING]
    wanted = [finding for finding in present if not (out / f'{finding.id}.mp4').exists()]
    notify(f'{len(present) - len(wanted)} of {len(present)} are there already')
    jobs = [(ffmpeg, str(Path(root, videos, f'{finding.id}.mp4')), str(out / f'{finding.id}.mp4'), short_side, gop,
             finding) for finding in wanted]
    errors = [result for result in _in_parallel(_reencode, jobs, workers, f're-encoding {len(jobs)} videos')
              if isinstance(result, InputError)]
    unread = [finding for finding in findings if finding.problem and not finding.frames]
    # What ffmpeg could read is cured.
    unusable = sum(not (out / f'{finding.id}.mp4').exists() for finding in unread)
    return Reencoded(errors, unusable)


def check_encoding(short_side: int, gop: int) -> None:
    """Check the numbers that ffmpeg is given.

    Raises:
        InputError: For one below 1, or a side that is not even.
    """
    check_integer('--short-side', short_side, 1)
    check_integer('--gop', gop, 1)
    if short_side % 2:
        raise InputError(f'--short-side must be even, as H.264 wants it, got {short_side}')


def _checked_workers(workers: int | None) -> int:
    workers = os.cpu_count() if workers is None else workers
    check_integer('--workers', workers, 1)
    return workers


def _in_parallel(function: Callable, jobs: Sequence[tuple], workers: int, title: str) -> list:
    """Results of ``function`` for every job, as they come; an InputError of one becomes its result."""
    results = []
    with ProcessPoolExecutor(workers) as pool:
        futures = [pool.submit(function, *job) for job in jobs]
        for future in track(as_completed(futures), title, total=len(futures)):
            try:
                results.append(future.result())
            except InputError as error:
                results.append(error)
            except BrokenProcessPool as error:
                raise InputError('one of the processes was ended from outside, as the system does when memory runs '
                                 f'out; use fewer than --workers {workers}') from error
    return results


def _reencode(ffmpeg: str, source: str, target: str, short_side: int, gop: int, finding: Finding) -> None:
    reencode(ffmpeg, source, target, short_side=short_side, gop=gop, frames=finding.frames or None,
             seconds=finding.csv_seconds)
