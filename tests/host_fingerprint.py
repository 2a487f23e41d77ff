"""Prints what the hosts are and do in a process of its own, with or without this project, as one line of JSON a run.

    python host_fingerprint.py FOLDER [MODULE ...]    a run of the hosts' own configs, after importing the modules
    ... --after-ours                                  and another one, after a run with parts of this project
"""

import hashlib
import importlib
import json
import os
import pickle
import sys
import types
import warnings

warnings.simplefilter('ignore')
DRN = 'mmaction.models.localizers.drn'
for name in (DRN, f'{DRN}.drn'):  # without which MMAction2's wheel does not import
    sys.modules[name] = types.ModuleType(name)
sys.modules[f'{DRN}.drn'].DRN = type('DRN', (), {})

import numpy as np  # noqa: E402
import torch  # noqa: E402
from mmengine.registry import DefaultScope, Registry  # noqa: E402
from mmengine.registry import root as mmengine_root  # noqa: E402

VIDEO_STEPS = [dict(type='DecordInit'), dict(type='SampleFrames', clip_len=2, num_clips=1, test_mode=True),
               dict(type='DecordDecode'), dict(type='Resize', scale=(32, 32), keep_ratio=False),
               dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
IMAGE_STEPS = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=64), dict(type='PackInputs')]


def digest(value) -> str:
    value = value.detach().numpy().tobytes() if isinstance(value, torch.Tensor) else value
    return hashlib.sha256(value if isinstance(value, bytes) else pickle.dumps(value)).hexdigest()[:16]


def name_of(value) -> str:
    return f'{getattr(value, "__module__", "")}.{getattr(value, "__qualname__", value)}'


def registered(module) -> dict[str, dict[str, str]]:
    """Registry -> what its names mean."""
    found = {}
    for name, registry in vars(module).items():
        if isinstance(registry, Registry):
            try:
                registry.import_from_location()
            except ImportError:  # MMAction2's FUNCTION names a module that does not exist
                pass
            found[name] = {key: name_of(value) for key, value in registry.module_dict.items()}
    return found


def patched() -> dict[str, object]:
    """The things that a repair could have changed without a registry's knowing."""
    from mmaction.datasets import BaseActionDataset
    from mmengine.runner import checkpoint
    from mmpretrain.models.utils.attention import ShiftWindowMSA

    return {'get': name_of(Registry.get), 'window_reverse': name_of(ShiftWindowMSA.window_reverse),
            'dataset': sorted(vars(BaseActionDataset)), 'filter_data': name_of(BaseActionDataset.filter_data),
            'torch load': name_of(getattr(checkpoint, '_safe_torch_load', None)), 'torch': name_of(torch.load),
            'environment': sorted(key for key in os.environ if 'OPENCV' in key), 'warnings': len(warnings.filters)}


def behaviour(folder: str, run: str) -> dict[str, object]:
    """Both hosts' own configs: networks, data sets, pickles."""
    from mmaction.registry import DATASETS, MODELS
    from mmpretrain.registry import DATASETS as IMAGE_SETS
    from mmpretrain.registry import MODELS as CLASSIFIERS

    DefaultScope.get_instance(f'{run} videos', scope_name='mmaction')
    torch.manual_seed(0)
    model = MODELS.build(dict(
        type='Recognizer3D', backbone=dict(type='ResNet3dSlowOnly', depth=18, base_channels=8, pretrained=None),
        cls_head=dict(type='I3DHead', num_classes=3, in_channels=64, average_clips='prob')))
    videos = DATASETS.build(dict(type='VideoDataset', ann_file=f'{folder}/list.txt', data_prefix=dict(video=folder),
                                 multi_class=True, num_classes=3, pipeline=VIDEO_STEPS, test_mode=True))
    DefaultScope.get_instance(f'{run} images', scope_name='mmpretrain')
    images = IMAGE_SETS.build(dict(type='CustomDataset', data_root=f'{folder}/images', pipeline=IMAGE_STEPS))
    torch.manual_seed(0)
    classifier = CLASSIFIERS.build(dict(
        type='ImageClassifier', backbone=dict(type='SwinTransformer', img_size=64, window_size=2, pad_small_map=True,
                                              arch=dict(embed_dims=8, depths=[2, 1, 1, 1], num_heads=[1, 1, 2, 2])),
        neck=dict(type='GlobalAveragePooling'), head=dict(type='LinearClsHead', num_classes=3, in_channels=64)))
    clip, image = videos[0], images[0]
    with torch.no_grad():
        (sample,) = model.eval()(clip['inputs'][None] / 255., [clip['data_samples']], mode='predict')
        logits = classifier.eval()(torch.stack([image['inputs'] / 255.]))
    steps = [*videos.pipeline.transforms, *images.pipeline.transforms]
    again = pickle.loads(pickle.dumps((videos, images)))
    return {'steps': [name_of(type(step)) for step in steps], 'reprs': digest(repr(steps).encode()),
            'pickles': [digest(pickle.dumps(data.pipeline)) for data in (videos, images)],
            'loaded': [digest(data[0]['inputs']) for data in again],
            'inputs': [digest(clip['inputs']), digest(image['inputs'])],
            'labels': clip['data_samples'].gt_label.tolist(), 'last label': videos.get_data_info(1)['label'].tolist(),
            'networks': [digest(sample.pred_score), digest(logits), name_of(type(model)), name_of(type(classifier))]}


def ours() -> dict[str, object]:
    """A run that builds one part of this project."""
    from mmaction.registry import MODELS, TRANSFORMS
    from mmpretrain.registry import TRANSFORMS as IMAGE_TRANSFORMS

    DefaultScope.get_instance('ours', scope_name='mmaction')
    before = type(TRANSFORMS.build(dict(type='DecordInit'))).__name__
    MODELS.build(dict(type='kss_mm.InceptionI3d', width=.1))
    return {'before': before, 'after': [type(registry.build(dict(type=name))).__name__ for registry, name in (
        (TRANSFORMS, 'DecordInit'), (TRANSFORMS, 'DecordDecode'), (IMAGE_TRANSFORMS, 'mmpretrain.LoadImageFromFile'))]}


def main() -> None:
    folder, *modules = sys.argv[1:]
    after = '--after-ours' in modules
    for module in modules:
        if not module.startswith('--'):
            importlib.import_module(module)
    np.random.seed(0)
    import mmaction.registry
    import mmpretrain.registry

    hosts = {module.__name__: registered(module) for module in (mmaction.registry, mmpretrain.registry, mmengine_root)}
    print(json.dumps({'registered': hosts, 'patched': patched(), **behaviour(folder, 'first')}))
    if after:
        print(json.dumps(ours()))
        print(json.dumps(behaviour(folder, 'second')))


if __name__ == '__main__':
    main()
