"""Evaluate a checkpoint by the metrics of its config.

    python tools/test.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth
    python tools/test.py published/kssnet_i3d_toy_20260101-01234567.pth
"""

import argparse

import kss_mm
from kss_mm.cli.arguments import add_run_arguments, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', help='config file, or a published checkpoint with its config inside')
    parser.add_argument('checkpoint', nargs='?', help='checkpoint file (default: the published one)')
    add_run_arguments(parser)
    parser.add_argument('--dump', metavar='FILE',
                        help='write the scores: .npz for tools/evaluate_scores.py, .pkl as MMEngine does')
    parser.add_argument('--per-class', action='store_true', help="log a table of every class's AP, the highest first")
    parser.add_argument('--show-dir', help='folder for a picture of every sample with its scores and true labels')
    parser.add_argument('--show', action='store_true', help="show images in a window, by the config's hook")
    parser.add_argument('--interval', type=int, default=1, help='every how many samples (%(default)s)')
    parser.add_argument('--wait-time', type=float, default=2, help='seconds that each is shown (%(default)s)')
    return parser.parse_intermixed_args()  # options may stand between the two files


def main() -> None:
    args = parse_args()
    kss_mm.evaluate(args.config, args.checkpoint, work_dir=args.work_dir, dump=args.dump, per_class=args.per_class,
                    show_dir=args.show_dir, show=args.show, interval=args.interval, wait_time=args.wait_time,
                    launcher=args.launcher, options=args.cfg_options)


if __name__ == '__main__':
    run_tool(main)
