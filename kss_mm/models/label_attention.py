"""Where a network looks for each label."""

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.deploy.pixels_to_logits import PixelsToLogits
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier


@torch.no_grad()
def label_attention(model: nn.Module, pixels: Tensor, *, layer: int = -1) -> Tensor:
    r"""How much each label looks at each position of an input, the mean over the heads of the attention.

    Shapes:
        - **input:** pixels 0..255, as :class:`~kss_mm.models.deploy.pixels_to_logits.PixelsToLogits` takes them
        - **output:** :math:`(B, K, T', H', W')` of videos, :math:`(B, K, H', W')` of images, the sizes those of the
          backbone's features; those of a label sum to 1

    Args:
        model: With a LabelQueryHead or LabelQueryClsHead, trained or deployed. It is used in evaluation mode.
        layer: Of which layer of the head, the last by default.

    Raises:
        InputError: For another head.
    """
    head = head_of(model)
    classifier = getattr(head, 'classifier', None)
    if not isinstance(classifier, LabelQueryClassifier):
        raise InputError(f'the head is a {type(head).__name__}, which pools and has no attention: only '
                         'kss_mm.LabelQueryHead and LabelQueryClsHead have')
    seen, training = [], model.training
    handle = classifier.register_forward_pre_hook(lambda module, args: seen.append(args))
    try:
        PixelsToLogits(model)(pixels)
    finally:
        handle.remove()
    attention = classifier.attention(*seen[0], layer=layer)
    if training:
        model.train()
    return attention
