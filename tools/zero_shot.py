"""Print the table of labels that were added without training, from the runs of tools/zero_shot_table.sh.

    python tools/zero_shot.py work_dirs/zero_shot/corel5k
"""

import argparse

from kss_mm.analysis.zero_shot import zero_shot_table
from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('folder', metavar='FOLDER', help='runs of one data set')
    return parser.parse_args()


def main() -> None:
    print(zero_shot_table(parse_args().folder))


if __name__ == '__main__':
    run_tool(main)
