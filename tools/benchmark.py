"""Measure how fast and how large KSSNet is, as ratios to the plain backbone and to eq. 7 as it is written.

    python tools/benchmark.py                                  # all of it, under 15 minutes on 2 cores
    python tools/benchmark.py --only lc i3d --out results.md
    python tools/benchmark.py --device cuda --out results.md results.json
"""

import argparse

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('--only', nargs='+', metavar='NAME',
                        help='benchmarks to run: lc, labels, queries, evaluation, i3d, resnet101, options, '
                             'deploy, accuracy, export, data')
    parser.add_argument('--device', choices=('cpu', 'cuda'), default='cpu', help='default: cpu')
    parser.add_argument('--threads', type=int, default=2, help='threads on the CPU (default: 2)')
    parser.add_argument('--batch', type=int, metavar='N', help='samples at a time (default: 1; 16 on a GPU)')
    parser.add_argument('--rounds', type=int, metavar='N',
                        help='measured rounds of every comparison (default: 3 to 12, as its noise needs)')
    parser.add_argument('--quick', action='store_true',
                        help='toy sizes, to see that everything runs; the figures then mean nothing')
    parser.add_argument('--out', nargs='+', metavar='FILE', help='write the results to FILE.md or FILE.json, too')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    # Not before run_tool's module, which sets what torch reads when it is loaded.
    from kss_mm.analysis.benchmark.command import report_benchmarks

    for line in report_benchmarks(args.only, device=args.device, threads=args.threads, batch=args.batch,
                                  rounds=args.rounds, quick=args.quick, out=args.out or ()):
        print(line, flush=True)


if __name__ == '__main__':
    run_tool(main)
