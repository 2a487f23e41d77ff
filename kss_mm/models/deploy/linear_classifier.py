"""The classifier of a network whose label embeddings do not change any more."""

import torch
from torch import Tensor, nn

from kss_mm.models.heads.label_classifier import LabelClassifier


@torch.no_grad()
def merge_classifier(classifier: LabelClassifier, label_embedding: Tensor | None) -> None:
    r"""Make one linear layer of all terms of a :class:`~kss_mm.models.LabelClassifier`.

    .. math::
        s \, x \tanh(E_L)^T + (W x + b) + b_{prior} = (s \tanh(E_L) + W) \, x + (b + b_{prior})

    Without tanh where the classifier has none.

    Args:
        label_embedding: E_L, (K, C); None leaves out the first term.
    """
    likeness = classifier.threshold_logits  # (K,), which stay as they are
    fc = nn.Linear(classifier.in_channels, len(likeness)).to(likeness)  # (C) -> (K)
    fc.weight.zero_()
    fc.bias.zero_()
    if label_embedding is not None:
        fc.weight += classifier.logit_scale * classifier.squashed(label_embedding)
    if classifier.fc is not None:
        fc.weight += classifier.fc.weight
        fc.bias += classifier.fc.bias
    if classifier.bias is not None:
        fc.bias += classifier.bias
    classifier.fc, classifier.bias, classifier.log_scale = fc, None, None
    classifier.hold_out, classifier.unseen_bias = 0., None
