"""Runs on cached features: what the config key ``cached_features`` changes in a config."""

import copy
import os

from mmengine.config import Config

from kss_mm.apis.pipeline_steps import step_name
from kss_mm.errors import InputError, MissingFileError, shown

#: The key, whose value is the folder that tools/cache_features.py has written.
KEY = 'cached_features'
#: Data loaders, each with features of its own.
SPLITS = ('train', 'val', 'test')
# Transforms of labels alone.
_LABEL_STEPS = ('KeepPositives',)


def with_cached_features(cfg: Config) -> Config:
    """A copy of the config that reads features instead of images or videos; the config itself where it names none.

    Raises:
        InputError: If its backbone is not a ``kss_mm.FrozenBackbone``, or a data set has no pipeline of its own.
        MissingFileError: If the folder has no features of one of its data sets.
    """
    folder = cfg.get(KEY)
    if folder is None:
        return cfg
    cfg = copy.deepcopy(cfg)
    backbone = frozen_backbone(cfg)
    backbone.cached = True
    for split in SPLITS:
        dataset = (cfg.get(f'{split}_dataloader') or {}).get('dataset')
        if not dataset:
            continue
        if 'pipeline' not in dataset:
            raise InputError(f'{KEY}: {split}_dataloader.dataset is a {dataset.get("type")} around data sets, whose '
                             'pipelines are not replaced; name one data set')
        file = feature_file(folder, split)
        if not os.path.isfile(file):
            raise MissingFileError(f'{file}: no such file of features; make it by tools/cache_features.py CONFIG '
                                   f'--out {shown(folder)[1:-1]}')
        load = dict(type='kss_mm.LoadFeatures', file=file, random_view=split == 'train')
        dataset.pipeline = [load, *_of_labels(dataset.pipeline), *_packing(dataset.pipeline)]
    for preprocessor in (cfg.get('data_preprocessor'), cfg.model.get('data_preprocessor')):
        if preprocessor is not None:
            preprocessor.update(mean=None, std=None, to_rgb=False)
            for key in ('bgr_to_rgb', 'rgb_to_bgr'):
                preprocessor.pop(key, None)
    cfg.setdefault('custom_hooks', []).append(dict(type='kss_mm.CachedFeaturesHook'))
    return cfg


def without_cached_features(cfg: Config) -> Config:
    """The config for images or videos of a run on cached features: that of the checkpoints which it writes."""
    if cfg.get(KEY) is None:
        return cfg
    cfg = copy.deepcopy(cfg)
    cfg.pop(KEY)
    frozen_backbone(cfg).cached = False
    return cfg


def feature_file(folder: str, split: str) -> str:
    """The file of a data loader's features; validation and test share one."""
    return os.path.join(folder, f'{"train" if split == "train" else "val"}.npy')


def frozen_backbone(cfg: Config) -> dict:
    """The config of the backbone with frozen stages.

    Raises:
        InputError: If there is none.
    """
    backbone = (cfg.get('model') or {}).get('backbone') or {}
    if str(backbone.get('type')).rpartition('.')[2] != 'FrozenBackbone':
        raise InputError(f'{KEY}: the backbone of the config is a {backbone.get("type")}; put a kss_mm.FrozenBackbone '
                         'around it, whose until= says which features are kept')
    return backbone


def _of_labels(pipeline: list[dict]) -> list[dict]:
    """The steps of a pipeline that change labels, which features leave as they are."""
    return [step for step in pipeline if step_name(step) in _LABEL_STEPS]


def _packing(pipeline: list[dict]) -> list[dict]:
    """The last step of a pipeline, which packs inputs and labels."""
    if not pipeline or 'Pack' not in str(pipeline[-1].get('type')):
        raise InputError(f'{KEY}: a pipeline ends in {pipeline[-1].get("type") if pipeline else "nothing"}, not in the '
                         'step that packs inputs, such as PackInputs')
    return pipeline[-1:]
