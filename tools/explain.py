"""Say why a model gives a label its score in one file: labels of the graph that carried it, and where it was seen.

    python tools/explain.py published/kssnet_i3d_toy_20260101-01234567.pth VIDEO.mp4 --label "Opening a door" -o why.png
    python tools/explain.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth VIDEO.mp4 -o why.json
"""

import argparse

from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.explain.explanation import PARTS


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('model', help='published file, or a config with its checkpoint after it')
    parser.add_argument('files', nargs='+', metavar='FILE', help='video or image')
    parser.add_argument('--label', metavar='NAME', help='which label (default: the surest)')
    parser.add_argument('-o', '--out', type=file_name, action='append', default=[], metavar='FILE',
                        help='picture to write, .png, .svg or .pdf, or .json; may be given several times')
    parser.add_argument('--top', type=int, default=8, metavar='N',
                        help='how many labels and edges of the graph are taken away (default: %(default)s)')
    parser.add_argument('--parts', nargs='+', choices=PARTS, help='what to compute (default: all that the model has)')
    parser.add_argument('--device', help='cpu or cuda:0 (default: a GPU where there is one)')
    return parser.parse_intermixed_args()


def main() -> None:
    args = vars(parse_args())
    from kss_mm.cli.explain_command import run_command  # NumPy, only after the arguments are read

    run_command(args.pop('model'), args.pop('files'), **args)


if __name__ == '__main__':
    run_tool(main)
