"""Evaluate a checkpoint by the metrics of its config.

    python tools/test.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth
    python tools/test.py published/kssnet_i3d_toy_20260101-01234567.pth
"""

import argparse

from kss_mm.cli.run_tool import add_run_arguments, run_tool
from kss_mm.apis.evaluate import evaluate


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file, or a published checkpoint with its config inside')
    parser.add_argument('checkpoint', nargs='?', help='checkpoint file (default: the published one)')
    add_run_arguments(parser)
    parser.add_argument('--dump', metavar='FILE',
                        help='write the scores: .npz for tools/evaluate_scores.py, .pkl as MMEngine does')
    parser.add_argument('--show-dir', help='folder for a picture of every sample with its scores and true labels')
    parser.add_argument('--show', action='store_true', help="show images in a window, by the config's hook")
    parser.add_argument('--interval', type=int, default=1, help='every how many samples (%(default)s)')
    parser.add_argument('--wait-time', type=float, default=2, help='seconds that each is shown (%(default)s)')
    return parser.parse_intermixed_args()  # options may stand between the two files


if __name__ == '__main__':
    run_tool(lambda: evaluate(parse_args()))
