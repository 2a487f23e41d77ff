"""Add labels to a trained model that no sample had: the label graph grows, and its GCN makes their classifier.

    python tools/add_labels.py published/MODEL.pth "folding a towel" -o wider.pth \\
        --conceptnet conceptnet-assertions-5.7.0.csv.gz --words glove.840B.300d.txt
"""

import argparse

import kss_mm
from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.graph.embeddings import POLICIES


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('model', metavar='MODEL.pth', help='published file of a KSSNet, best one trained with hold_out')
    parser.add_argument('labels', metavar='LABEL', nargs='+', help='name of a new label')
    parser.add_argument('-o', '--out', metavar='FILE.pth', required=True, help='the model with the new labels')
    parser.add_argument('--conceptnet', metavar='FILE', help='ConceptNet assertions, as for its label graph')
    parser.add_argument('--words', metavar='SOURCE', help='the word vectors of its label graph')
    parser.add_argument('--concepts', metavar='FILE', help='JSON, CSV or TSV file: new label -> its concepts')
    parser.add_argument('--missing-words', choices=POLICIES, default=POLICIES[0],
                        help='what becomes of words without a vector (default: %(default)s)')
    parser.add_argument('--frozen', action=argparse.BooleanOptionalAction, default=True,
                        help='leave the logits of the other labels as they are (default); --no-frozen makes the new '
                        'labels neighbours of the others, which changes them, and says by how much')
    parser.add_argument('--threshold', type=float, metavar='P',
                        help='probability from which the new labels are predicted (default: the median of the others)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    print(kss_mm.add_labels(**vars(args)).report())


if __name__ == '__main__':
    run_tool(main)
