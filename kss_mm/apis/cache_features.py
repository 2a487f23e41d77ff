"""Features of the frozen stages of a backbone for every sample of a config, computed once and kept in files."""

import copy
import os
from collections.abc import Callable, Iterator

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch import Tensor, nn

from kss_mm.apis.cached_features import KEY, SPLITS, feature_file, frozen_backbone
from kss_mm.apis.config import evaluation_pipeline, own_config
from kss_mm.apis.model import build_model, choose_device, fresh_model
from kss_mm.apis.translate_errors import translate_build_errors, translate_errors
from kss_mm.datasets.feature_files import DTYPES, write_features
from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.models.backbones.frozen_stages import FROZEN, output_until
from kss_mm.sample_ids import path_of


def cache_features(config: PathLike | Config, out: PathLike, *, checkpoint: PathLike | None = None,
                   mirrored: bool = True, dtype: str = DTYPES[0], device: str | None = None,
                   options: dict | list[str] | None = None,
                   progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Compute what comes out of the frozen stages for the samples of training and validation.

    All samples pass the evaluation pipeline, those of training once more mirrored. A run of the config with
    ``cached_features=out`` then reads them.

    Args:
        config: A config whose backbone is a ``kss_mm.FrozenBackbone``, or its file.
        out: The folder that gets ``train.npy`` and ``val.npy``, each with a ``.json`` beside it.
        checkpoint: Weights of the whole model; by default those that its ``init_cfg`` names.
        mirrored: Whether training samples are kept mirrored, too.
        dtype: 'float16' or 'float32'.
        device: By default a GPU where there is one.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.
        progress: Called with (samples done, samples in all), for each file anew.

    Returns:
        The files that were written.

    Raises:
        UserError: In one line, for a mistake in the config, a file that is missing or weights of another model.
    """
    if dtype not in DTYPES:
        raise InputError(f'dtype must be {" or ".join(map(repr, DTYPES))}, got {shown(dtype)}')
    cfg = own_config(config, options)
    cfg.pop(KEY, None)
    frozen_backbone(cfg).cached = False
    device = choose_device(device)
    if checkpoint is None:
        model = fresh_model(cfg)
        with translate_errors(cfg), translate_build_errors(cfg):
            model.init_weights()
        model.to(device).eval()
    else:
        model = build_model(cfg, checkpoint, device)
    stages = getattr(model.backbone, FROZEN)
    written, loaders = [], {}
    for split in SPLITS:
        file = feature_file(os.fspath(out), split)
        if cfg.get(f'{split}_dataloader') and file not in loaders:
            loaders[file] = _loader(cfg, split)
    for file, loader in loaders.items():
        views = 2 if mirrored and file == feature_file(os.fspath(out), SPLITS[0]) else 1
        with translate_errors(cfg):
            write_features(file, _batches(model, loader, views, progress), len(loader.dataset), until=stages.until,
                           weights=stages.digest(model.backbone), dtype=dtype)
        written.append(file)
    return written


def _loader(cfg: Config, split: str) -> torch.utils.data.DataLoader:
    """A loader of all samples in order, through the evaluation pipeline."""
    loader = copy.deepcopy(cfg[f'{split}_dataloader'])
    if 'pipeline' not in loader.dataset:
        raise InputError(f'{split}_dataloader.dataset is a {loader.dataset.get("type")} around data sets: name one '
                         'data set, whose features are to be kept')
    loader.dataset.pipeline = copy.deepcopy(evaluation_pipeline(cfg))
    loader.update(sampler=dict(type='DefaultSampler', shuffle=False), drop_last=False)
    for key in ('batch_sampler', 'worker_init_fn'):
        loader.pop(key, None)
    with translate_errors(cfg), translate_build_errors(cfg):
        return Runner.build_dataloader(loader, seed=0)


@torch.no_grad()
def _batches(model: nn.Module, loader: torch.utils.data.DataLoader, views: int,
             progress: Callable[[int, int], None] | None) -> Iterator[tuple[list[str], np.ndarray]]:
    stages, done = getattr(model.backbone, FROZEN), 0
    for batch in loader:
        inputs = model.data_preprocessor(batch, False)['inputs']  # (B, C, H, W), or of videos (B, clips, C, ...)
        found = [_features(model, stages.until, inputs.flip(-1) if view else inputs) for view in range(views)]
        paths = [path_of(sample) for sample in batch['data_samples']]
        if None in paths:
            raise InputError(f'{type(loader.dataset).__name__}: a sample has no path, by which its features would be '
                             "found: have the packing step keep it, such as by meta_keys=('img_path',)")
        done += len(paths)
        if progress is not None:
            progress(done, len(loader.dataset))
        yield paths, torch.stack(found, dim=1).float().cpu().numpy()  # (B, views, ...)


def _features(model: nn.Module, until: str, inputs: Tensor) -> Tensor:
    """Features (B, C, *) of images, (B, clips, C, *) of videos, whose clips or frames a recogniser takes as a batch."""
    if not hasattr(model, 'cls_head'):
        return output_until(model.backbone, until, inputs)
    return output_until(model.backbone, until, inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])
