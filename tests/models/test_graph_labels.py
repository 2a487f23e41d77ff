"""The label graphs of a model's parts: one order, whichever part names them."""

import copy

import numpy as np
import pytest
from torch import nn

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph
from kss_mm.models.graph_labels import graph_labels
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.models.losses import WeightedBCELoss


def graph(names: str) -> LabelGraph:
    counts = np.diag([4, 2, 1])
    return LabelGraph(tuple(names), counts, np.diag(counts), 8, embeddings=np.ones((3, 2)))


def test_a_prior_and_a_loss_name_the_labels():
    for part in (LabelClassifier(4, 3, prior=graph('abc')), WeightedBCELoss(graph('abc'))):
        labels = graph_labels(nn.Sequential(nn.Linear(1, 1), part))
        assert labels.classes == tuple('abc') and labels.counts.samples.tolist() == [4, 2, 1]
        assert copy.deepcopy(labels) is labels
    for part in (LabelClassifier(4, 3), LabelClassifier(4, 3, prior=[.1, .2, .3]), WeightedBCELoss(2.)):
        assert graph_labels(part) is None


def test_two_graphs_in_different_order_are_refused_by_name():
    model = nn.ModuleDict(dict(head=LabelClassifier(4, 3, prior=graph('abc')), loss=WeightedBCELoss(graph('acb'))))
    with pytest.raises(InputError, match=r"head.prior \(3 labels\) and of loss \(3\).*number 1 .*'b'.*'c'.*same graph"):
        graph_labels(model)
