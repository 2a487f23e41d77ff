"""The label queries of a network whose label embeddings do not change any more."""

import torch
from torch import Tensor, nn

from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier


@torch.no_grad()
def fix_queries(classifier: LabelQueryClassifier, label_embedding: Tensor | None) -> None:
    """Put numbers in the place of what a :class:`LabelQueryClassifier` computes its queries from.

    Args:
        label_embedding: E_L, (K, C); None where queries='graph' are for weights that are yet to come.
    """
    if label_embedding is None and classifier.takes_embedding:
        label_embedding = classifier.readout.new_zeros(len(classifier.readout_bias), classifier.in_channels)
    queries = nn.Parameter(classifier.all_queries(label_embedding).clone())
    classifier.kind, classifier.project, classifier.queries = 'learned', None, queries
    if hasattr(classifier, 'words'):
        del classifier.words
    classifier.hold_out, classifier.unseen_bias, classifier.shared_readout = 0., None, None
    if classifier.bias is not None:
        classifier.readout_bias += classifier.bias
        classifier.bias = None
