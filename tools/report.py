"""Write a report on kept scores as one HTML page: how good a run is, where it fails, what changed from another one.

    python tools/test.py CONFIG CHECKPOINT --dump scores.npz
    python tools/report.py scores.npz --media data/videos --graph label_graph.npz -o report.html
    python tools/report.py new.npz old.npz -o comparison.html
"""

import argparse

from kss_mm.apis.reported_graph import REPORT_ETA, REPORT_LAM, REPORT_TAU
from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.evaluation.bootstrap import DRAWS
from kss_mm.reporting.write import SAMPLES, report


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('scores', metavar='SCORES.npz', help='scores of tools/test.py --dump')
    parser.add_argument('other', nargs='?', metavar='OTHER.npz',
                        help='scores of another run on the same samples and classes, to compare with')
    parser.add_argument('-o', '--out', type=file_name, required=True, metavar='FILE.html', help='page to write')
    parser.add_argument('--media', type=file_name, metavar='FOLDER', help='where the videos or images are')
    parser.add_argument('--graph', type=file_name, metavar='GRAPH.npz', help='label graph to explore')
    parser.add_argument('--model', type=file_name, metavar='CHECKPOINT',
                        help='checkpoint to take thresholds from and, without --graph, the label graph')
    parser.add_argument('--thresholds', type=file_name, metavar='P|FILE.csv',
                        help='probability from which on labels are predicted, or a table of class,threshold '
                             '(default: 0.5)')
    parser.add_argument('--lam', type=float, help="share of A_S in A_KS (default: the model's, else "
                                                  f'{REPORT_LAM}; 1 without A_K)')
    parser.add_argument('--tau', type=float, help='weakest edge of A_KS that is kept (default: likewise, '
                                                  f'{REPORT_TAU})')
    parser.add_argument('--eta', type=float, help=f'share of the neighbours in A_KS (default: likewise, {REPORT_ETA})')
    parser.add_argument('--draws', type=int, default=DRAWS,
                        help='data sets to draw for the intervals, 0 for none (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=0, help='of the draws (default: %(default)s)')
    parser.add_argument('--samples', type=int, default=SAMPLES,
                        help='samples to show of each kind: worst, best, lost, gained (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    written = report(**vars(parse_args()))
    for note in written.notes:
        print(f'note: {note}')
    print(f'Written: {written.path} ({written.size / 1e6:.1f} MB)')


if __name__ == '__main__':
    run_tool(main)
