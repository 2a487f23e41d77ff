"""Kept scores by every protocol, in words."""

from collections.abc import Iterator

import numpy as np

from kss_mm.evaluation.functional import (
    average_precision,
    charades_map,
    precision_recall_f1,
    sample_average_precision,
)
from kss_mm.evaluation.score_files import Scores, unknown_note
from kss_mm.evaluation.thresholds import DEFAULT_LOGIT, DEFAULT_THRESHOLD
from kss_mm.sample_ids import repeated


def content_lines(content: Scores) -> Iterator[str]:
    """Yield lines on what is evaluated, before any figure."""
    absent = int((~(np.asarray(content.targets) > 0).any(axis=0)).sum())
    yield (f'{len(content.ids)} samples, {len(content.classes)} classes, {absent} without '
          'positives (left out of every mean over classes)')
    if note := repeated(content.ids):
        yield f'{note}: each of them counts'
    if note := unknown_note(content.targets):
        yield note
    if content.are_logits and content.logits is None:
        yield 'The scores are not probabilities, so they are taken for logits: a label is predicted from 0 on.'


def protocol_lines(content: Scores) -> Iterator[str]:
    """Yield lines with the figures of the Charades protocol, of ML-GCN's and of the released KSSNet's."""
    yield from content_lines(content)
    scores, targets = content.ranking, content.targets
    mean, weighted = charades_map(scores, targets)
    precisions = average_precision(scores, targets)
    # Without logits, probabilities of at least one half.
    threshold = DEFAULT_LOGIT if content.are_logits else DEFAULT_THRESHOLD
    yield f'Charades protocol:  mAP {mean:.4f}  weighted AP {weighted:.4f}  (samples without labels do not count)'
    yield f'class-wise:         mAP {np.nanmean(precisions):.4f}  (every sample counts)'
    for name, topk in (('ML-GCN, all:', None), ('ML-GCN, top 3:', 3)):
        figures = precision_recall_f1(scores, targets, topk, threshold=threshold)
        yield f'{name:19s} ' + '  '.join(f'{key} {value:.4f}' for key, value in figures.items())
    yield f'sample-wise:        {sample_average_precision(scores, targets):.4f}  (the released KSSNet meter, no mAP)'
