"""Evaluate timelines against true intervals: per-frame mAP as Charades has it, and interval mAP at tIoU.

    kss-mm predict MODEL.pth VIDEOS --timeline 4,1 --out timelines
    python tools/evaluate_timelines.py timelines truth.csv --plots plots
    python tools/evaluate_timelines.py timelines Charades/Charades_v1_test.csv \\
        --classes Charades/Charades_v1_classes.txt --submission localize.txt

A table of true intervals has the columns file, label, start and end, in seconds.
"""

import argparse

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('timelines', help='folder that kss-mm predict --timeline wrote, or one .json of it')
    parser.add_argument('truth', help="table of true intervals, or Charades' csv")
    parser.add_argument('--classes', metavar='FILE.txt', help="Charades_v1_classes.txt, for Charades' csv")
    parser.add_argument('--partial', action='store_true', help='leave out true videos that have no timeline')
    parser.add_argument('--threshold', type=float, help="a label begins from this probability (default: the model's "
                                                        'own thresholds)')
    parser.add_argument('--min-seconds', type=float, default=0., help='shorter intervals are left out')
    parser.add_argument('--submission', metavar='FILE.txt', help='write the file that Charades_v1_localize.m reads')
    parser.add_argument('--plots', metavar='FOLDER', help='draw each timeline above what is true')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from kss_mm.cli.evaluate_timelines_command import run_command  # NumPy, only after the arguments are read

    run_command(**vars(args))


if __name__ == '__main__':
    run_tool(main)
