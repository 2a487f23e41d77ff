"""Explanations of a network whose weights were shuffled (Adebayo et al., "Sanity checks for saliency maps", 2018)."""

import copy

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

from kss_mm.explain.activation import class_activation
from kss_mm.explain.adjacency import CutGraph
from kss_mm.explain.explanation import HeatMap
from kss_mm.explain.graph_evidence import candidates, estimator
from kss_mm.explain.lateral_maps import lateral_maps
from kss_mm.explain.view import View
from kss_mm.models.laterals.lateral import laterals_of
from kss_mm.models.necks.label_gcn import LabelGCN

GRAPH = 'neighbours in the graph'


def shuffled(model: nn.Module, seed: int) -> nn.Module:
    """A copy in which the entries of every parameter are in random order; statistics of normalisations stay."""
    model, generator = copy.deepcopy(model), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            parameter.copy_(parameter.flatten()[order].view_as(parameter))
    return model


def evidence(view: View) -> dict[str, np.ndarray]:
    """All maps by title, and the estimated changes without each label that is near in the graph."""
    maps: list[HeatMap] = [class_activation(view)]
    if laterals_of(view.model.backbone):
        maps += lateral_maps(view)[0]
    found = {map.title: map.values for map in maps}
    if isinstance(getattr(view.model, 'neck', None), LabelGCN):
        graph, estimate, changes = CutGraph(view.model.neck), estimator(view), []
        for label in sorted(candidates(view, graph)):
            with graph.without(labels=[label]):
                changes.append(estimate())
        found[GRAPH] = np.array(changes)
    return found


def agreement(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> dict[str, float]:
    """Spearman's rank correlation of each of two explanations' parts; one that is the same everywhere has none, 0.

    >>> agreement({'a': np.array([1, 2, 3]), 'b': np.ones(2)}, {'a': np.array([5, 6, 9]), 'b': np.ones(2)})
    {'a': 1.0, 'b': 0.0}
    """
    found = {}
    for name, values in first.items():
        pair = values.ravel(), second[name].ravel()
        found[name] = 0. if min(map(np.ptp, pair)) == 0 else float(spearmanr(*pair).statistic)
    return found
