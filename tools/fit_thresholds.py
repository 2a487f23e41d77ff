"""Fit a decision threshold for every class on the scores of a validation set, and store them in a checkpoint.

    python tools/test.py CONFIG CHECKPOINT --dump scores.npz
    python tools/fit_thresholds.py CHECKPOINT scores.npz --out with_thresholds.pth
"""

import argparse

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('checkpoint', help='checkpoint whose head is a KSSHead or KSSClsHead')
    parser.add_argument('scores', metavar='SCORES.npz', help='scores of that checkpoint on validation samples')
    parser.add_argument('--out', required=True, metavar='FILE.pth', help='checkpoint to write')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from kss_mm.apis.fit_thresholds import store_fitted_thresholds  # torch

    fitted = store_fitted_thresholds(args.checkpoint, args.scores, args.out)
    for note in fitted.notes:
        print(f'note: {note}')
    print(f'mean F1 over classes on these {fitted.samples} samples: {fitted.before:.4f} at a probability of 0.5, '
          f'{fitted.after:.4f} fitted (on the same samples: expect less on others)')
    print(f'{args.out}: thresholds from {fitted.thresholds.min():.3f} to {fitted.thresholds.max():.3f}, as '
          'probabilities')


if __name__ == '__main__':
    run_tool(main)
