"""A view of a small KSSNet."""

from contextlib import nullcontext

import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.registry import init_default_scope

from kss_mm.explain.view import View

K = 5


def network(graph, head: dict | None = None, **lateral) -> torch.nn.Module:
    init_default_scope('mmaction')
    model = MODELS.build(dict(
        type='kss_mm.KSSNet', data_preprocessor=dict(type='ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3,
                                                     format_shape='NCTHW'),
        backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=K, width=.125, zero_init=False, lateral=lateral),
        neck=dict(type='kss_mm.LabelGCN', graph=graph, lam=.6, tau=.03, eta=.4),
        cls_head=head or dict(type='kss_mm.KSSHead', num_classes=K, in_channels=128)))
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1 and name.endswith('weight'):  # so that what is seen reaches the head
            parameter.data.uniform_(.9, 1.8)
    return model.eval()


def batch(views: int = 1) -> dict:
    clips = torch.randint(0, 256, (views, 3, 8, 64, 64), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    return dict(inputs=[clips], data_samples=[ActionDataSample()])


def view(model, label: int = 2, views: int = 1) -> View:
    return View(model, batch(views), label, nullcontext)


def logit_of(model, inputs: dict, label: int) -> float:
    """The logit as anyone gets it."""
    with torch.no_grad():
        return model.test_step(inputs)[0].pred_logit[label].item()
