"""Check a download of Charades, and on request re-encode its videos small and quick to read.

    python tools/prepare_charades.py --root data/charades
    python tools/prepare_charades.py --root data/charades --reencode data/charades/Charades_v1_256

Videos that do not decode here because of how they are coded, such as AV1, are cured by --reencode. A second call with
it goes on where the first stopped. Configs then read the smaller videos by --cfg-options
train_dataloader.dataset.data_prefix.video=data/charades/Charades_v1_256 (likewise val_ and test_).
"""

import argparse
import csv
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from rich.progress import track

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import USER_ERROR, run_tool
from kss_mm.datasets.charades_check import MISSING, Finding, check_video, count_notes
from kss_mm.datasets.charades_files import read_classes, read_videos
from kss_mm.datasets.media.reencode import find_ffmpeg, reencode
from kss_mm.errors import InputError, MissingFileError
from kss_mm.files import whole_file

# How many bad videos are named on the screen; the report names all.
SHOWN = 10


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('--root', type=Path, default=Path('data/charades'),
                        help='folder that holds Charades/ and the videos (%(default)s)')
    parser.add_argument('--videos', default='Charades_v1_480', help='folder of videos in it (%(default)s)')
    parser.add_argument('--report', type=Path, help='CSV to write (ROOT/check.csv)')
    parser.add_argument('--reencode', type=Path, metavar='FOLDER', help='write re-encoded videos here')
    parser.add_argument('--short-side', type=int, default=256, help='pixels (%(default)s)')
    parser.add_argument('--gop', type=int, default=16, help='frames between key frames (%(default)s)')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (%(default)s)')
    args = parser.parse_args()
    for name in ('short_side', 'gop', 'workers'):
        if getattr(args, name) < 1:
            raise InputError(f'--{name.replace("_", "-")} must be at least 1, got {getattr(args, name)}')
    if args.short_side % 2:
        raise InputError(f'--short-side must be even, as H.264 wants it, got {args.short_side}')
    return args


def in_parallel(function: Callable, jobs: Iterable[tuple], workers: int, title: str) -> list:
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


def check(args: argparse.Namespace) -> list[Finding]:
    folder, videos = args.root / 'Charades', args.root / args.videos
    classes = read_classes(folder / 'Charades_v1_classes.txt')
    splits = {split: read_videos(folder / f'Charades_v1_{split}.csv', len(classes)) for split in ('train', 'test')}
    if not videos.is_dir():
        raise MissingFileError(f'{videos}: no such folder of videos; unpack Charades_v1_480.zip there, or name another '
                               'by --videos')
    for note in count_notes(splits, len(classes)):
        print(f'note: {note}')
    jobs = [(str(videos / f'{video.id}.mp4'), video, split) for split, part in splits.items() for video in part]
    return sorted(in_parallel(check_video, jobs, args.workers, f'checking {len(jobs)} videos'),
                  key=lambda finding: (finding.split, finding.id))


def write_report(path: Path, findings: list[Finding]) -> None:
    with whole_file(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(Finding._fields)
        rows.writerows(findings)


def reencode_all(args: argparse.Namespace, findings: list[Finding]) -> int:
    """Re-encode what is not there yet, also what only ffmpeg reads; the number that failed."""
    ffmpeg = find_ffmpeg()
    args.reencode.mkdir(parents=True, exist_ok=True)
    there = [finding for finding in findings if finding.problem != MISSING]
    wanted = [finding for finding in there if not (args.reencode / f'{finding.id}.mp4').exists()]
    print(f'{len(there) - len(wanted)} of {len(there)} are there already')
    jobs = [(ffmpeg, str(args.root / args.videos / f'{finding.id}.mp4'), str(args.reencode / f'{finding.id}.mp4'),
             args.short_side, args.gop, finding) for finding in wanted]
    failed = [result for result in in_parallel(_reencode, jobs, args.workers, f're-encoding {len(jobs)} videos')
              if isinstance(result, InputError)]
    for error in failed[:SHOWN]:
        print(f'  {error}')
    if len(failed) > SHOWN:
        print(f'  and {len(failed) - SHOWN} more')
    return len(failed)


def _reencode(ffmpeg: str, source: str, target: str, short_side: int, gop: int, finding: Finding) -> None:
    reencode(ffmpeg, source, target, short_side=short_side, gop=gop, frames=finding.frames or None,
             seconds=finding.csv_seconds)


def main() -> None:
    args = parse_args()
    report = args.report or args.root / 'check.csv'
    if report.is_dir():
        raise InputError(f'--report {report}: is a folder; name a .csv file')
    findings = check(args)
    write_report(report, findings)
    problems = [finding for finding in findings if finding.problem]
    print(f'{len(findings)} videos, {len(problems)} with a problem; report: {report}')
    for finding in problems[:SHOWN]:
        print(f'  {finding.id} ({finding.split}): {finding.problem}')
    unread = [finding for finding in problems if not finding.frames]
    if args.reencode:
        failed = reencode_all(args, findings)
        # What ffmpeg could read is cured.
        unread = [finding for finding in unread if not (args.reencode / f'{finding.id}.mp4').exists()]
        print(f're-encoded videos: {args.reencode}; {len(unread)} of {len(findings)} videos cannot be used')
    else:
        failed = 0
    if failed or unread:
        sys.exit(USER_ERROR)


if __name__ == '__main__':
    run_tool(main)
