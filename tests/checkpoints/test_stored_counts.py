import numpy as np
import pytest
import torch
from scipy import sparse as sp

from kss_mm.checkpoints.stored_counts import KEY, as_record, recorded_counts
from kss_mm.errors import InputError
from kss_mm.graph.label_counts import LabelCounts

PAIRS = np.array([[3, 1, 0], [1, 2, 2], [0, 2, 2]])


@pytest.mark.parametrize('pairs', [PAIRS, sp.csr_array(PAIRS), None])
def test_counts_come_back(pairs):
    record = as_record(LabelCounts(np.array([3, 2, 2]), 5, pairs))
    counts = recorded_counts(dict(meta={KEY: record}), 3)
    assert counts.samples.tolist() == [3, 2, 2] and counts.total == 5
    assert (counts.pairs is None) == (pairs is None)
    assert pairs is None or counts.pairs.dtype == np.int64 and (counts.pairs.toarray() == PAIRS).all()
    assert recorded_counts(dict(meta={KEY: record}), 4) is None and recorded_counts({}, 3) is None


def test_a_published_label_graph_has_counts_too():
    graph = dict(num_samples=torch.tensor([3, 2]), total=torch.tensor(5))
    assert recorded_counts(dict(label_graph=graph), 2).total == 5
    assert recorded_counts(dict(label_graph=dict(graph, total='five')), 2) is None


@pytest.mark.parametrize('record', [
    3, {}, dict(samples=[1], total=0), dict(samples=[-1], total=2), dict(samples=['a'], total=2),
    dict(samples=[1, 1], total=2, pairs=torch.tensor([[0, 2, 1]])), dict(samples=[1, 1], total=2, pairs=[1]),
    dict(samples=[1, 1], total=2, pairs=torch.ones(1, 3)), dict(samples=[1], total=True)])
def test_what_is_none_is_refused(record):
    with pytest.raises(InputError, match=f'meta.{KEY}.* are none'):
        recorded_counts(dict(meta={KEY: record}), len(record.get('samples', 'a')) if isinstance(record, dict) else 1)
