"""Fit a decision threshold for every class on the scores of a validation set, and store them in a checkpoint.

    python tools/test.py CONFIG CHECKPOINT --dump scores.npz
    python tools/fit_thresholds.py CHECKPOINT scores.npz --out with_thresholds.pth
"""

import argparse
import os

import numpy as np

from kss_mm.apis.cli import run_tool
from kss_mm.checkpoints.checkpoint import load_plain, save_plain
from kss_mm.errors import InputError
from kss_mm.evaluation.score_files import load_scores
from kss_mm.evaluation.thresholds import DEFAULT_THRESHOLD, f1_per_class, fit_thresholds


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkpoint', help='checkpoint whose head is a KSSHead or KSSClsHead')
    parser.add_argument('scores', metavar='SCORES.npz', help='scores of that checkpoint on validation samples')
    parser.add_argument('--out', required=True, metavar='FILE.pth', help='checkpoint to write')
    return parser.parse_args()


def main() -> None:
    import torch

    args = parse_args()
    content = load_scores(args.scores)
    checkpoint = load_plain(args.checkpoint)
    keys = [key for key in checkpoint['state_dict'] if key.endswith('classifier.thresholds')]
    if len(keys) != 1:
        raise InputError(f'{args.checkpoint}: has no thresholds to set; its head must be a KSSHead or KSSClsHead')
    classes = checkpoint.get('meta', {}).get('dataset_meta', {}).get('classes')
    if classes is not None and list(classes) != list(content.classes):
        raise InputError(f'{args.scores}: its {len(content.classes)} classes are not those of {args.checkpoint}')
    thresholds = fit_thresholds(content.scores, content.targets)
    before = f1_per_class(content.scores, content.targets, np.full(len(thresholds), DEFAULT_THRESHOLD))
    after = f1_per_class(content.scores, content.targets, thresholds)
    checkpoint['state_dict'][keys[0]] = torch.as_tensor(thresholds, dtype=torch.float32)
    save_plain(checkpoint, args.out)
    print(f'mean F1 over classes on these {len(content.ids)} samples: {before.mean():.4f} at {DEFAULT_THRESHOLD}, '
          f'{after.mean():.4f} fitted (on the same samples: expect less on others)')
    print(f'{os.fspath(args.out)}: thresholds from {thresholds.min():.3f} to {thresholds.max():.3f}')


if __name__ == '__main__':
    run_tool(main)
