"""Evaluate scores again that tools/test.py --dump FILE.npz wrote, by every protocol, without any model.

    python tools/evaluate_scores.py scores.npz --class-csv ap.csv
"""

import argparse

import numpy as np

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.evaluation.functional import (
    average_precision,
    charades_map,
    precision_recall_f1,
    sample_average_precision,
)
from kss_mm.evaluation.sample_ids import repeated
from kss_mm.evaluation.score_files import load_scores, write_class_csv, write_submission
from kss_mm.evaluation.thresholds import DEFAULT_LOGIT, DEFAULT_THRESHOLD


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('scores', metavar='FILE.npz', help='ids, scores, targets and classes')
    parser.add_argument('--class-csv', metavar='FILE.csv', help="write every class's AP")
    parser.add_argument('--submission', metavar='FILE.txt', help='write the file that Charades_v1_classify.m reads')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    content = load_scores(args.scores)
    scores, targets = content.ranking, content.targets
    mean, weighted = charades_map(scores, targets)
    precisions = average_precision(scores, targets)
    # Without logits, probabilities of at least one half.
    threshold = DEFAULT_LOGIT if content.are_logits else DEFAULT_THRESHOLD
    print(f'{len(content.ids)} samples, {len(content.classes)} classes, {int(np.isnan(precisions).sum())} without '
          'positives (left out of every mean over classes)')
    if note := repeated(content.ids):
        print(f'{note}: each of them counts')
    if content.are_logits and content.logits is None:
        print('The scores are no probabilities, so they are taken for logits: a label is predicted from 0 on.')
    print(f'Charades protocol:  mAP {mean:.4f}  weighted AP {weighted:.4f}  (samples without labels do not count)')
    print(f'class-wise:         mAP {np.nanmean(precisions):.4f}  (every sample counts)')
    for name, topk in (('ML-GCN, all:', None), ('ML-GCN, top 3:', 3)):
        figures = precision_recall_f1(scores, targets, topk, threshold=threshold)
        print(f'{name:19s} ' + '  '.join(f'{key} {value:.4f}' for key, value in figures.items()))
    print(f'sample-wise:        {sample_average_precision(scores, targets):.4f}  (the released KSSNet meter, no mAP)')
    if args.class_csv:
        write_class_csv(args.class_csv, content)
    if args.submission:
        write_submission(args.submission, content)


if __name__ == '__main__':
    run_tool(main)
