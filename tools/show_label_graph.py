"""Look at a label graph: a picture of A_S, A_K and A_KS, or the neighbours of labels in text.

    python tools/show_label_graph.py label_graph.npz --out label_graph.png
    python tools/show_label_graph.py label_graph.npz --label "tennis racket"
"""

import argparse
import os

import kss_mm
from kss_mm.apis.reported_graph import REPORT_ETA, REPORT_LAM, REPORT_TAU, default_lam
from kss_mm.apis.show_graph import MAX_DPI, check_graph_picture, draw_graph
from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.graph.neighbours import neighbours_report
from kss_mm.numeric import check_integer
from kss_mm.visualization import PICTURES


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('graph', metavar='GRAPH.npz', help='made by tools/build_label_graph.py')
    parser.add_argument('--out', type=file_name, metavar='FILE',
                        help=f'picture to write, {" ".join(PICTURES)} (default, without --label: the name of the graph '
                             'with .png)')
    parser.add_argument('--label', nargs='+', metavar='NAME', help='print the neighbours of these labels')
    parser.add_argument('--limit', type=int, default=10, help='neighbours to print (default: %(default)s)')
    parser.add_argument('--lam', type=float,
                        help=f'share of the statistical graph (default: {REPORT_LAM}; 1 without A_K)')
    parser.add_argument('--tau', type=float, default=REPORT_TAU,
                        help='weakest edge that is kept (default: %(default)s)')
    parser.add_argument('--eta', type=float, default=REPORT_ETA, help='share of the neighbours (default: %(default)s)')
    parser.add_argument('--dpi', type=int, default=130, help='of a .png (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    graph = kss_mm.LabelGraph.load(args.graph)
    lam = default_lam(args.lam, with_knowledge=graph.knowledge is not None)
    values = {'lam': lam, 'tau': args.tau, 'eta': args.eta}
    out = args.out
    if out is None and not args.label:
        out = os.path.splitext(args.graph)[0] + '.png'
    if out is not None:
        check_graph_picture(out, args.dpi)
    check_integer('--limit', args.limit, 1)
    check_integer('--dpi', args.dpi, 1, MAX_DPI)
    if args.label:
        print('\n\n'.join(neighbours_report(graph, name, limit=args.limit, **values) for name in args.label))
    if out is not None:
        draw_graph(graph, out, dpi=args.dpi, **values)
        print(f'Written: {out}')


if __name__ == '__main__':
    run_tool(main)
