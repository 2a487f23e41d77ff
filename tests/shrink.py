"""Any config at a size for tests: its own parts, optimiser and preprocessing, but fewer channels, layers and pixels.

A new kind of backbone gets a line in ``SHRINKERS`` if it can be made smaller, and one in ``SHAPES`` if it does not
take the usual input. Everything else works for it as it is.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config, ConfigDict

from kss_mm.graph import LabelGraph

WIDTH = .125  # of Inception-I3D
DEPTH = 18  # of ResNets
# Bottlenecks widen a stage by this factor, the blocks of ResNet-18 do not.
EXPANSION = 4
VIDEO, IMAGE = (8, 64, 64), (64, 64)  # frames, height and width
SAMPLES = 2


def _inception(backbone: dict) -> float:
    factor = WIDTH / backbone.get('width', 1)
    backbone['width'] = WIDTH
    return factor


def _resnet(backbone: dict) -> float:
    if backbone['depth'] <= DEPTH:
        return 1
    backbone['depth'] = DEPTH
    return 1 / EXPANSION


def _slowfast(backbone: dict) -> float:
    return max(_resnet(backbone[pathway]) for pathway in ('slow_pathway', 'fast_pathway'))


def _vit(backbone: dict) -> float:
    backbone['arch'] = 'deit-tiny'
    return .25  # of the base model's channels


#: By the type of a backbone, without scope and "LC": shrinks its config, returns the factor on its channels.
SHRINKERS: dict[str, Callable[[dict], float]] = {'InceptionI3d': _inception, 'ResNet': _resnet, 'ResNetV1d': _resnet,
                                                 'ResNetTSM': _resnet, 'ResNet3dSlowOnly': _resnet,
                                                 'ResNet3dSlowFast': _slowfast, 'VisionTransformer': _vit}
#: Inputs of backbones that do not take VIDEO or IMAGE.
SHAPES: dict[str, tuple[int, ...]] = {'ResNet3dSlowFast': (32, 64, 64), 'SwinTransformer': (224, 224)}


def shrink(cfg: Config, graph: LabelGraph, folder: Path) -> None:
    """Make a config small, in place; ``graph`` stands for every label graph that it names (see ``num_classes``)."""
    inner = inner_backbone(cfg.model)
    factor = SHRINKERS.get(kind(inner), lambda backbone: 1)(inner)
    widths = ((cfg.model.backbone, 'channels'), (cfg.model.get('neck'), 'channels'), (head(cfg), 'in_channels'))
    for part, key in widths:
        if isinstance(part, dict) and part.get(key) is not None:
            part[key] = _scaled(part[key], factor)
    # A superimposed matrix beside the counts: a config may want either.
    replace(graph, superimposed=graph.adjacency(lam=.5, tau=0, eta=.5)).save(folder / 'label_graph.npz')
    for part in ('model', 'val_evaluator', 'test_evaluator'):
        cfg[part] = _edited(cfg[part], str(folder / 'label_graph.npz'))
    cfg.load_from = None


def inner_backbone(model: ConfigDict) -> ConfigDict:
    """The host's backbone, inside LCBackbone and FrozenBackbone where they are."""
    backbone = model.backbone
    while 'backbone' in backbone:
        backbone = backbone.backbone
    return backbone


def kind(backbone: dict) -> str:
    return backbone['type'].rpartition('.')[2].removeprefix('LC')


def head(cfg: Config) -> ConfigDict:
    return cfg.model.get('cls_head') or cfg.model.head


def num_classes(cfg: Config) -> int:
    return head(cfg).num_classes


def batch_for(cfg: Config, preprocessor: torch.nn.Module) -> dict:
    """A batch as a DataLoader of the config would give it: uint8 pixels and many-hot labels, random."""
    inner = inner_backbone(cfg.model)
    layout = getattr(preprocessor, 'format_shape', None)
    shape = SHAPES.get(kind(inner), VIDEO if layout else IMAGE)
    labels = np.random.default_rng(0).random((SAMPLES, num_classes(cfg))) < .3
    labels[:, 0] = True
    if layout is None:
        from mmpretrain.structures import DataSample

        samples = [DataSample().set_gt_label(np.flatnonzero(row)) for row in labels]
        size = (3, *shape)
    else:
        from mmaction.structures import ActionDataSample

        samples = [ActionDataSample().set_gt_label(torch.from_numpy(row).float()) for row in labels]
        frames, *pixels = shape
        frames = inner.get('num_segments', frames)
        size = (1, 3, frames, *pixels) if layout == 'NCTHW' else (frames, 3, *pixels)
    return dict(inputs=[torch.randint(0, 256, size, dtype=torch.uint8) for _ in samples], data_samples=samples)


def _scaled(channels, factor: float):
    if isinstance(channels, list | tuple):
        return type(channels)(_scaled(c, factor) for c in channels)
    return round(channels * factor)


def _edited(part, graph: str):
    """``part`` of a config without weights to start from, and with ``graph`` in place of label graph files."""
    if isinstance(part, dict):
        return type(part)({key: _edited(value, graph) for key, value in part.items()
                           if key not in ('init_cfg', 'pretrained')})
    if isinstance(part, list | tuple):
        return type(part)(_edited(value, graph) for value in part)
    return graph if isinstance(part, str) and os.path.splitext(part)[1] == '.npz' else part
