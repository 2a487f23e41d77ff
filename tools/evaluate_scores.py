"""Evaluate scores again that tools/test.py --dump FILE.npz wrote, by every protocol, without any model.

    python tools/evaluate_scores.py scores.npz --class-csv ap.csv
"""

import argparse

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.evaluation.class_table import class_table
from kss_mm.evaluation.functional import average_precision
from kss_mm.evaluation.protocols import protocol_lines
from kss_mm.evaluation.score_files import load_scores, write_class_csv, write_submission


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('scores', metavar='FILE.npz', help='ids, scores, targets and classes')
    parser.add_argument('--per-class', action='store_true', help="print a table of every class's AP, the highest first")
    parser.add_argument('--class-csv', metavar='FILE.csv', help="write every class's AP")
    parser.add_argument('--submission', metavar='FILE.txt', help='write the file that Charades_v1_classify.m reads')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    content = load_scores(args.scores)
    for line in protocol_lines(content):
        print(line)
    if args.per_class:
        print('\n'.join(class_table(content.classes, average_precision(content.ranking, content.targets),
                                    (content.targets == 1).sum(axis=0))))
    if args.class_csv:
        write_class_csv(args.class_csv, content)
    if args.submission:
        write_submission(args.submission, content)


if __name__ == '__main__':
    run_tool(main)
