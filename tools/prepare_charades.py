"""Check a download of Charades, and on request re-encode its videos small and quick to read.

    python tools/prepare_charades.py --root data/charades
    python tools/prepare_charades.py --root data/charades --reencode data/charades/Charades_v1_256

Videos that do not decode here because of how they are coded, such as AV1, are cured by --reencode. A second call with
it goes on where the first stopped. Configs then read the smaller videos by --cfg-options
train_dataloader.dataset.data_prefix.video=data/charades/Charades_v1_256 (likewise val_ and test_).
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kss_mm.apis.check_charades import (
    GOP,
    SHORT_SIDE,
    check_charades,
    check_encoding,
    reencode_charades,
    write_findings,
)
from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import USER_ERROR, run_tool
from kss_mm.errors import InputError

# How many bad videos are named on the screen; the report names all.
SHOWN = 10


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('--root', type=Path, default=Path('data/charades'),
                        help='folder that holds Charades/ and the videos (%(default)s)')
    parser.add_argument('--videos', default='Charades_v1_480', help='folder of videos in it (%(default)s)')
    parser.add_argument('--report', type=Path, help='CSV to write (ROOT/check.csv)')
    parser.add_argument('--reencode', type=Path, metavar='FOLDER', help='write re-encoded videos here')
    parser.add_argument('--short-side', type=int, default=SHORT_SIDE, help='pixels (%(default)s)')
    parser.add_argument('--gop', type=int, default=GOP, help='frames between key frames (%(default)s)')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (%(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    check_encoding(args.short_side, args.gop)
    report = args.report or args.root / 'check.csv'
    if report.is_dir():
        raise InputError(f'--report {report}: is a folder; name a .csv file')
    findings = check_charades(args.root, videos=args.videos, workers=args.workers, notify=print)
    write_findings(report, findings)
    problems = [finding for finding in findings if finding.problem]
    print(f'{len(findings)} videos, {len(problems)} with a problem; report: {report}')
    print_some([f'{finding.id} ({finding.split}): {finding.problem}' for finding in problems])
    failed = any(not finding.frames for finding in problems)
    if args.reencode:
        made = reencode_charades(args.root, args.reencode, findings, videos=args.videos, short_side=args.short_side,
                                 gop=args.gop, workers=args.workers, notify=print)
        print_some(made.errors, more=True)
        print(f're-encoded videos: {args.reencode}; {made.unusable} of {len(findings)} videos cannot be used')
        failed = made.errors or made.unusable
    if failed:
        sys.exit(USER_ERROR)


def print_some(lines: Sequence[object], *, more: bool = False) -> None:
    for line in lines[:SHOWN]:
        print(f'  {line}')
    if more and len(lines) > SHOWN:
        print(f'  and {len(lines) - SHOWN} more')


if __name__ == '__main__':
    run_tool(main)
