"""Draw Toy Charades: short MPEG-4 videos with annotations in Charades' own formats.

    python tools/make_toy_charades.py            # 600 + 200 videos under data/toy_charades, about 20 s on 2 cores
"""

import argparse
import os

from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('--out', type=file_name, default='data/toy_charades', help='folder to write (%(default)s)')
    parser.add_argument('--train', type=int, default=600, help='training videos (%(default)s)')
    parser.add_argument('--test', type=int, default=200, help='test videos (%(default)s)')
    parser.add_argument('--seed', type=int, default=0, help='decides everything (%(default)s)')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (%(default)s)')
    parser.add_argument('--long', type=int, default=0, help='long videos, in long/, with a table of what happens when '
                                                            '(%(default)s)')
    parser.add_argument('--long-clips', type=int, default=12, help='short videos that each long one is joined of '
                                                                   '(%(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from kss_mm.apis.toy_charades import make_toy_charades

    made = make_toy_charades(args.out, train=args.train, test=args.test, seed=args.seed, workers=args.workers,
                             long=args.long, long_clips=args.long_clips)
    print(f'{made.folder}: {made.train} training and {made.test} test videos, {made.labels} labels, '
          f'{made.labels_per_video:.1f} labels a video')


if __name__ == '__main__':
    run_tool(main)
