"""The counts of a training set's labels in a checkpoint, with which the order of sets without names is compared."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from scipy import sparse as sp
from torch import Tensor

from kss_mm.checkpoints.checkpoint import is_whole
from kss_mm.errors import InputError, shown
from kss_mm.graph.label_counts import LabelCounts

#: Where they stand in ``meta``.
KEY = 'label_counts'
# So many pairs of labels are kept: 6 MB. Data of more say enough by the labels alone.
_MOST_PAIRS = 250_000


def as_record(counts: LabelCounts) -> dict[str, Any]:
    """The form in which a checkpoint holds counts; pairs as rows of two labels, the first the lower, and a number."""
    record = dict(samples=counts.samples.tolist(), total=int(counts.total))
    if counts.pairs is not None:
        pairs = sp.triu(sp.coo_array(counts.pairs), k=1)
        if pairs.nnz <= _MOST_PAIRS:
            record['pairs'] = torch.from_numpy(np.stack([pairs.row, pairs.col, pairs.data], axis=1).astype(np.int64))
    return record


def recorded_counts(checkpoint: Mapping, number: int) -> LabelCounts | None:
    """The counts in a checkpoint of a model of so many labels; None where it has none, or of another number.

    Raises:
        InputError: For an entry of that name that is something else.
    """
    record = (checkpoint.get('meta') or {}).get(KEY)
    if record is None:
        return _of_graph(checkpoint, number)
    samples, total = (record.get('samples'), record.get('total')) if isinstance(record, Mapping) else (None, None)
    if not (isinstance(samples, list | tuple) and all(type(value) is int and 0 <= value for value in samples)
            and type(total) is int and max(samples, default=0) <= total < 1 << 62):
        raise InputError(f'the checkpoint has counts of labels (meta.{KEY}) that are none: {shown(record)}; take '
                         'another copy of it')
    samples = np.array(samples, np.int64)
    return None if len(samples) != number else LabelCounts(samples, total, _pairs(record.get('pairs'), samples))


def _pairs(rows: Any, samples: np.ndarray) -> sp.csr_array | None:
    if rows is None:
        return None
    number = len(samples)
    if not (isinstance(rows, Tensor) and is_whole(rows) and rows.dtype == torch.int64 and rows.ndim == 2
            and rows.shape[1] == 3 and (not len(rows) or 0 <= rows.min() and int(rows[:, :2].max()) < number)):
        raise InputError(f'the checkpoint has counts of labels (meta.{KEY}.pairs) that are none; take another '
                         'copy of it')
    first, second, values = rows.numpy().T
    labels = np.arange(number)
    places = [np.concatenate(part) for part in ((first, second, labels), (second, first, labels))]
    return sp.coo_array((np.concatenate([values, values, samples]), places), (number, number)).tocsr()


def _of_graph(checkpoint: Mapping, number: int) -> LabelCounts | None:
    """Those of the label graph that a published checkpoint holds."""
    graph = checkpoint.get('label_graph')
    samples, total = (graph.get('num_samples'), graph.get('total')) if isinstance(graph, Mapping) else (None, None)
    fits = all(isinstance(value, Tensor) and is_whole(value) and value.dtype == torch.int64
               for value in (samples, total))
    if not fits or samples.shape != (number,) or total.numel() != 1:
        return None
    return LabelCounts(samples.numpy(), int(total))
