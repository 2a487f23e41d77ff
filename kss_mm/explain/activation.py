"""Where a label's logit depends on the last features: by their gradient, or by a query head's own attention."""

import numpy as np
import torch
from torch import Tensor, nn

from kss_mm.errors import InputError, MissingPackageError
from kss_mm.explain.explanation import HeatMap
from kss_mm.explain.feature_maps import as_map
from kss_mm.explain.view import View, seen_by


def class_activation(view: View) -> HeatMap:
    """Grad-CAM (Selvaraju et al. 2017), by captum, at what the backbone returns.

    Of a backbone of several pathways, such as SlowFast, it is the first; of several stages of an image backbone the
    last, which heads take.

    Raises:
        MissingPackageError: Where captum is not installed.
        InputError: For a backbone that returns no positions, or a head that reads none.
    """
    try:
        from captum.attr import LayerGradCam
    except ImportError as error:
        raise MissingPackageError(f"class activation is an optional extra ({error}): pip install 'kss-mm[explain]'; or "
                                  'leave it out of the parts') from error
    backbone, probe = view.model.backbone, nn.Identity()

    def through_probe(_, arguments, output):
        """The feature becomes a leaf, so that what stands before it needs neither gradients nor memory."""
        features = output if isinstance(output, tuple | list) else [output]
        at = 0 if view.is_video else len(features) - 1
        feature = features[at]
        if not isinstance(feature, Tensor) or feature.ndim < 3:
            raise InputError(f'{type(backbone).__name__} returns no feature map, so there is no class activation; a '
                             "transformer does with out_type='featmap'")
        feature = feature.detach().requires_grad_()
        if feature.ndim == 3:  # tokens (B, L, C)
            feature = probe(feature.transpose(1, 2)).transpose(1, 2)
        else:
            feature = probe(feature)
        if isinstance(output, Tensor):
            return feature
        return type(output)([*features[:at], feature, *features[at + 1:]])

    handle = backbone.register_forward_hook(through_probe)
    try:
        with torch.enable_grad():
            activation = LayerGradCam(lambda _: view.logits(gradients=True), probe).attribute(
                torch.zeros(1, requires_grad=True), target=view.label, relu_attributions=True)
    finally:
        handle.remove()
    return HeatMap('activation', type(backbone).__name__, _placed(activation[:, 0], view))


def label_attention(view: View) -> HeatMap:
    """What the label's query looks at in the last layer of a label-query head.

    Raises:
        InputError: For tokens whose places are not known.
    """
    classifier = view.head.classifier
    with seen_by(classifier) as calls:
        view.logit()
    with torch.no_grad(), view.context():
        weights = classifier.attention(*calls[-1][0])[:, view.label]  # (B, *)
    return HeatMap('attention', type(classifier).__name__, _placed(weights, view))


def _placed(values: Tensor, view: View) -> np.ndarray:
    found = as_map(values)
    if found is None:
        raise InputError(f'{type(view.model.backbone).__name__} returns tokens whose places are not known, so there is '
                         "no map of them; a transformer with out_type='featmap' gives one")
    return found
