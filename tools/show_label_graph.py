"""Look at a label graph: a picture of A_S, A_K and A_KS, or the neighbours of labels in text.

    python tools/show_label_graph.py label_graph.npz --out label_graph.png
    python tools/show_label_graph.py label_graph.npz --label "tennis racket"
"""

import argparse
import os

from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.errors import InputError
from kss_mm.files import whole_path
from kss_mm.graph import LabelGraph
from kss_mm.graph.neighbours import neighbours_report
from kss_mm.numeric import check_integer

# MS-COCO's values of the paper ("Implementation Details").
LAM, TAU, ETA = 0.4, 0.02, 0.4
FORMATS = ('.png', '.svg', '.pdf')
# A picture of three graphs is some 20 inches wide: more dots need gigabytes.
MAX_DPI = 1200


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('graph', metavar='GRAPH.npz', help='made by tools/build_label_graph.py')
    parser.add_argument('--out', type=file_name, metavar='FILE',
                        help=f'picture to write, {" ".join(FORMATS)} (default, without --label: the name of the graph '
                             'with .png)')
    parser.add_argument('--label', nargs='+', metavar='NAME', help='print the neighbours of these labels')
    parser.add_argument('--limit', type=int, default=10, help='neighbours to print (default: %(default)s)')
    parser.add_argument('--lam', type=float, help=f'share of the statistical graph (default: {LAM}; 1 without A_K)')
    parser.add_argument('--tau', type=float, default=TAU, help='weakest edge that is kept (default: %(default)s)')
    parser.add_argument('--eta', type=float, default=ETA, help='share of the neighbours (default: %(default)s)')
    parser.add_argument('--dpi', type=int, default=130, help='of a .png (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    graph = LabelGraph.load(args.graph)
    lam = args.lam if args.lam is not None else LAM if graph.knowledge is not None else 1.0
    values = {'lam': lam, 'tau': args.tau, 'eta': args.eta}
    out = args.out
    if out is None and not args.label:
        out = os.path.splitext(args.graph)[0] + '.png'
    if out is not None and os.path.splitext(out)[1].lower() not in FORMATS:
        raise InputError(f'--out {out}: the picture can be one of {", ".join(FORMATS)}')
    check_integer('--limit', args.limit, 1)
    check_integer('--dpi', args.dpi, 1, MAX_DPI)
    if args.label:
        print('\n\n'.join(neighbours_report(graph, name, limit=args.limit, **values) for name in args.label))
    if out is not None:
        from kss_mm.visualization.label_graph import draw_label_graph  # matplotlib, for pictures only
        with whole_path(out) as part:
            draw_label_graph(graph, **values).savefig(part, dpi=args.dpi)
        print(f'Written: {out}')


if __name__ == '__main__':
    run_tool(main)
