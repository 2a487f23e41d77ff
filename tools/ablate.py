"""Run a list of trainings, config by config and seed by seed, and write one table of their results.

    python tools/ablate.py configs/ablations/toy_charades.yaml --jobs 2

What is finished is not run again, what was interrupted goes on, and what fails is named in the table. Ctrl-C and
SIGTERM end the trainings too.
"""

import argparse
import signal
from pathlib import Path

from kss_mm.analysis.ablation import ablate
from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('plan', help='YAML file that lists the runs; configs/ablations/toy_charades.yaml explains it')
    parser.add_argument('--work-dir', type=file_name,
                        help='keeps the logs of every run, table.md and table.csv (default: work_dirs/NAME_OF_PLAN)')
    parser.add_argument('--jobs', type=int, default=1, help='trainings at once, sharing the cores (%(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the trainings would outlive this
    folder = Path(args.work_dir or Path('work_dirs', Path(args.plan).stem))
    print(ablate(args.plan, folder, train=Path(__file__).with_name('train.py'), jobs=args.jobs))


if __name__ == '__main__':
    run_tool(main)
