"""Count the cost of a config's model: parameters, MiB and multiply-adds of backbone, GCN, LCs and head.

    python tools/complexity.py configs/kssnet_i3d_charades.py --paper
    python tools/complexity.py my_config.py --shape 3 32 224 224
"""

import argparse

from kss_mm.cli.arguments import add_cfg_options, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', help='config of this project, of MMAction2 or of MMPretrain')
    add_cfg_options(parser)
    parser.add_argument('--shape', nargs='+', type=int, metavar='N',
                        help='input, C T H W or C H W (default: what the test pipeline of the config makes)')
    parser.add_argument('--paper', action='store_true', help="set the paper's figures (Tables 2 and 4) beside it")
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from kss_mm.analysis.complexity import complexity_report  # torch, only after the arguments are read

    for block in complexity_report(args.config, options=args.cfg_options, shape=args.shape,
                                   paper=args.paper):
        print(block, flush=True)  # before an error about the next one


if __name__ == '__main__':
    run_tool(main)
