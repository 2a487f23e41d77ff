"""The types that a config from others may name: parts of the hosts and of this project that do no harm.

MMEngine looks a name up in its registries and, where it finds none, imports it: ``type='subprocess.Popen'`` runs a
command, ``type='antigravity'`` opens a browser. And not all that is registered is harmless: some of it downloads,
unpickles, evaluates text or writes files. So a name counts only where it is registered, by a module listed here.
"""

import functools
import importlib
import re
from collections.abc import Iterator
from typing import Any

from mmengine.registry import Registry

from kss_mm.errors import InputError, shown
from kss_mm.hosts import HOSTS, require

# Where registries are. mmcv registers its parts in MMEngine's.
SCOPES = ('mmengine', 'kss_mm', 'mmaction', 'mmpretrain')
_REGISTERING = ('mmcv.cnn', 'mmcv.transforms')
# Modules whose registered classes build layers, read labels or pixels, or compute: reviewed for what a config could
# make them do beyond that.
_MODULES = (
    'kss_mm', 'torch.nn.modules', 'torch.optim', 'mmcv.cnn.bricks', 'mmcv.ops', 'mmcv.transforms',
    'mmengine.dataset', 'mmengine.evaluator.evaluator', 'mmengine.hooks', 'mmengine.model', 'mmengine.optim',
    'mmengine.runner.log_processor', 'mmengine.runner.loops', 'mmengine.utils.dl_utils.parrots_wrapper',
    'mmengine.visualization',
    'mmaction.datasets', 'mmaction.engine', 'mmaction.evaluation', 'mmaction.models.backbones',
    'mmaction.models.common', 'mmaction.models.data_preprocessors', 'mmaction.models.heads', 'mmaction.models.losses',
    'mmaction.models.necks', 'mmaction.models.recognizers', 'mmaction.models.utils', 'mmaction.visualization',
    'mmpretrain.datasets', 'mmpretrain.engine', 'mmpretrain.evaluation', 'mmpretrain.models.backbones',
    'mmpretrain.models.classifiers.image', 'mmpretrain.models.heads', 'mmpretrain.models.losses',
    'mmpretrain.models.necks', 'mmpretrain.models.tta', 'mmpretrain.models.utils', 'mmpretrain.visualization')
# And what in them does more.
_DENIED_MODULES = {
    'mmengine.model.wrappers': 'a run chooses how it is distributed',
    'mmengine.visualization.vis_backend': 'only LocalVisBackend stays on this machine',
    'mmaction.visualization.video_backend': 'only LocalVisBackend stays on this machine',
    'mmengine.hooks.profiler_hook': 'it writes traces',
    'mmpretrain.engine.hooks.swav_hook': 'it reads and writes files of torch',
    'mmpretrain.engine.hooks.retriever_hooks': 'it writes files of torch',
    'mmaction.engine.runner.multi_loop': 'it builds data loaders by itself',
    'mmaction.datasets.charades_sta_dataset': 'it reads files of torch',
    'mmpretrain.datasets.cifar': 'it downloads and unpickles',
    'mmpretrain.datasets.mnist': 'it downloads',
    'mmpretrain.datasets.refcoco': 'it unpickles',
    'mmaction.evaluation.metrics.ava_metric': 'it writes files',
    'mmaction.evaluation.metrics.multimodal_metric': 'it writes files',
    'mmpretrain.evaluation.metrics.caption': 'it writes files',
    'mmpretrain.evaluation.metrics.nocaps': 'it writes files',
    'mmpretrain.evaluation.metrics.shape_bias_label': 'it writes and removes files',
    'mmpretrain.evaluation.metrics.vqa': 'it writes files',
    'mmpretrain.models.utils.huggingface': 'it downloads, and runs what it finds',
    'mmpretrain.models.utils.tokenizer': 'it downloads',
    'mmpretrain.models.utils.vector_quantizer': 'it reads files of torch'}
_DENIED_NAMES = {
    'ImgAug': 'it calls functions of another package by name, one of which writes files',
    'Albu': 'it calls functions of another package by name',
    'Albumentations': 'it calls functions of another package by name'}
# Of vis_backend and video_backend.
_KEPT_NAMES = ('LocalVisBackend',)
# Types that MMAction2 compares with these words, or takes for a network of another package, instead of looking them up.
_WORDS = re.compile(r'AvgConsensus|resnet2d|resnet3d|(torchvision|timm)\.[a-z]\w*')


def find(name: str, scopes: tuple[str, ...], path: str) -> Any:
    """The part registered under a type's name, with or without its scope before it; None for a word of MMAction2's.

    Args:
        scopes: Scopes in which a name without one is looked for.
        path: File that names it, for messages.

    Raises:
        InputError: Naming the type, if nothing is, or if it may not be used.
        MissingPackageError: If the framework is not installed.
    """
    if _WORDS.fullmatch(name):
        return None
    scope, dot, short = name.partition('.')
    for place in (scope,) if dot else scopes:
        for registry in _registries(place, path):
            found = registry.module_dict.get(short if dot else name)
            if found is not None:
                return check_allowed(name, found)
    raise InputError(f'{shown(name)} is not a registered type of {", ".join(SCOPES)}')


def check_scope(scope: object, where: str) -> None:
    """Raise an InputError for a default scope that is not of the hosts; MMEngine would import it."""
    if scope not in SCOPES:
        raise InputError(f'{where}={shown(scope)} is not one of {", ".join(SCOPES)}')


def _registries(scope: str, path: str) -> Iterator[Registry]:
    """The registries of a scope; each is filled only when it is its turn, which imports modules of the host."""
    if scope not in SCOPES:
        return
    for host in HOSTS:
        if HOSTS[host].module == scope:
            require(host, path)
    if scope == 'mmengine':
        for module in _REGISTERING:
            importlib.import_module(module)
    registries = [value for value in vars(importlib.import_module(f'{scope}.registry')).values()
                  if isinstance(value, Registry) and value.scope == scope]
    yield from registries  # what has been imported by now is found without more imports
    for registry in registries:
        try:
            registry.import_from_location()
        except ImportError:  # MMAction2's FUNCTION names a module that does not exist
            continue
        yield registry


def check_allowed(name: str, found: Any) -> Any:
    """Return ``found``, which is registered under a name; an InputError if a stranger may not use it."""
    owner = found.func if isinstance(found, functools.partial) else found  # MMPretrain's torchvision/...
    module, short = owner.__module__, getattr(found, '__name__', '')
    reason = _DENIED_NAMES.get(short) or next(
        (reason for denied, reason in _DENIED_MODULES.items() if _within(module, denied)), None)
    if reason and short not in _KEPT_NAMES:
        raise InputError(f'{shown(name)}: {reason}')
    if not any(_within(module, allowed) for allowed in _MODULES):
        raise InputError(f'{shown(name)}, of {module}, is not among the parts that a stranger may use')
    return found


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f'{package}.')
