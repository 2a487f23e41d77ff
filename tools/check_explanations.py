"""Check the explanations of a model: do they depend on its weights, and does what they name carry the score?

    python tools/check_explanations.py published/kssnet_i3d_toy_20260101-01234567.pth FOLDER_OF_VIDEOS --limit 50

It prints a table: how alike the explanations are to those of the same network with shuffled weights and to those of
another label, and how far the logit falls without the evidence that they name and without as much chosen at random.
"""

import argparse

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('model', help='published file, or a config with its checkpoint after it')
    parser.add_argument('files', nargs='+', metavar='FILE', help='videos or images: files, folders and patterns')
    parser.add_argument('--limit', type=int, metavar='N', help='take the first N files only')
    parser.add_argument('--seed', type=int, default=0, help='of the shuffled weights and of what is chosen at random')
    parser.add_argument('--device', help='cpu or cuda:0 (default: a GPU where there is one)')
    return parser.parse_intermixed_args()


def main() -> None:
    args = vars(parse_args())
    from kss_mm.cli.explain_command import run_check  # NumPy, only after the arguments are read

    run_check(args.pop('model'), args.pop('files'), **args)


if __name__ == '__main__':
    run_tool(main)
