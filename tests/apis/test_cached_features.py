"""Runs on cached features: the same network, figures and checkpoints as on images."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config

import kss_mm
from kss_mm.apis.cache_features import cache_features
from kss_mm.apis.cached_features import with_cached_features
from kss_mm.errors import InputError, MissingFileError

mmcv = pytest.importorskip('mmcv')
pytest.importorskip('mmpretrain')

CONFIG = '''
default_scope = 'mmpretrain'
model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='kss_mm.FrozenBackbone', until='layer2',
        backbone=dict(
            type='kss_mm.LCResNet', depth=18, base_channels=8, stem_channels=8, num_classes=3,
            taps=('layer2', 'layer3'), zero_init=False)),
    neck=dict(type='kss_mm.LabelGCN', graph={root!r} + '/graph.npz', lam=.4, tau=.02, eta=.4),
    head=dict(type='kss_mm.KSSClsHead', num_classes=3, in_channels=64, residual_fc=True))
data_preprocessor = dict(num_classes=3, to_onehot=True, mean=[127.] * 3, std=[60.] * 3, to_rgb=True)
train_dataloader = dict(
    batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='MultiLabelDataset', ann_file={root!r} + '/train.json',
                 pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')]))
val_dataloader = test_dataloader = train_dataloader
val_evaluator = test_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
train_cfg, val_cfg, test_cfg = dict(by_epoch=True, max_epochs=2), dict(), dict()
optim_wrapper = dict(optimizer=dict(type='SGD', lr=.05))
custom_hooks = [dict(type='kss_mm.PlainCheckpointHook')]
'''


@pytest.fixture
def folder(tmp_path, make_graph):
    """Eight pictures, their labels, a config, and weights to start from."""
    rng = np.random.default_rng(0)
    samples = []
    for number in range(8):
        path = str(tmp_path / f'{number}.png')
        mmcv.imwrite(rng.integers(0, 256, (32, 48, 3), dtype=np.uint8), path)
        samples.append(dict(img_path=path, gt_label=[number % 3]))
    content = dict(metainfo=dict(classes=list(make_graph(3).classes)), data_list=samples)
    (tmp_path / 'train.json').write_text(json.dumps(content))
    make_graph(3, width=8).save(tmp_path / 'graph.npz')
    (tmp_path / 'c.py').write_text(CONFIG.format(root=str(tmp_path)))
    torch.manual_seed(0)
    start = kss_mm.load_config(tmp_path / 'c.py')
    from kss_mm.apis.model import fresh_model
    model = fresh_model(start)
    for value in model.state_dict().values():
        if value.ndim == 1 and value.is_floating_point():  # statistics unlike those of a fresh network
            torch.nn.init.uniform_(value, .5, 1.5)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'start.pth')
    return tmp_path


def train(folder, name: str, **options):
    options = {'load_from': str(folder / 'start.pth'), 'randomness': dict(seed=0), **options}
    runner = kss_mm.train(folder / 'c.py', work_dir=folder / name, options=options)
    return runner, runner.message_hub.get_scalar('val/multi-label/mAP').current()


def cached(folder, **options):
    files = cache_features(folder / 'c.py', folder / 'features', checkpoint=folder / 'start.pth', **options)
    assert [file.rpartition('/')[2] for file in files] == ['train.npy', 'val.npy']


def test_training_on_features_is_training_on_images(folder):
    cached(folder, mirrored=False, dtype='float32')
    of_images, figure = train(folder, 'images')
    of_features, same = train(folder, 'features_run', cached_features=str(folder / 'features'))
    found, expected = of_features.model.state_dict(), of_images.model.state_dict()
    assert same == figure and found.keys() == expected.keys()
    for key in expected:
        torch.testing.assert_close(found[key], expected[key], rtol=1e-3, atol=1e-5, msg=key)
    assert not torch.equal(expected['backbone.layer3.0.conv1.weight'],
                           torch.load(folder / 'start.pth')['state_dict']['backbone.layer3.0.conv1.weight'])


def test_the_checkpoint_is_one_for_images(folder):
    cached(folder)
    _, figure = train(folder, 'run', cached_features=str(folder / 'features'))
    metrics = kss_mm.evaluate(folder / 'c.py', folder / 'run' / 'epoch_2.pth', work_dir=folder / 'test')
    assert metrics['multi-label/mAP'] == pytest.approx(figure, abs=1e-3)
    content = torch.load(folder / 'run' / 'epoch_2.pth', weights_only=True)
    config = Config.fromstring(content['meta']['cfg'], '.py')
    assert 'cached_features' not in config and not config.model.backbone.get('cached')
    assert config.train_dataloader.dataset.pipeline[0].type == 'LoadImageFromFile'


def test_steps_that_change_labels_stay(folder):
    cached(folder)
    config = kss_mm.load_config(folder / 'c.py', dict(cached_features=str(folder / 'features')))
    config.train_dataloader.dataset.pipeline.insert(0, dict(type='kss_mm.KeepPositives', share=.5, others='negative'))
    assert [step.type for step in with_cached_features(config).train_dataloader.dataset.pipeline] == [
        'kss_mm.LoadFeatures', 'kss_mm.KeepPositives', 'PackInputs']
    _, all_labels = train(folder, 'all', cached_features=str(folder / 'features'))
    steps = [dict(type='kss_mm.KeepPositives', share=0., others='negative'), *config.val_dataloader.dataset.pipeline]
    _, none = train(folder, 'none', cached_features=str(folder / 'features'),
                    **{'val_dataloader.dataset.pipeline': steps})
    assert all_labels > 0 and np.isnan(none)


def test_training_samples_are_kept_mirrored_too(folder):
    cached(folder)
    features = np.load(folder / 'features' / 'train.npy')
    assert features.shape == (8, 2, 16, 4, 6) and features.dtype == np.float16
    assert np.load(folder / 'features' / 'val.npy').shape == (8, 1, 16, 4, 6)
    assert not np.allclose(features[:, 0], features[:, 1])
    for number in range(8):
        path = str(folder / f'{number}.png')
        mmcv.imwrite(mmcv.imflip(mmcv.imread(path)), path)
    cache_features(folder / 'c.py', folder / 'flipped', checkpoint=folder / 'start.pth')
    np.testing.assert_allclose(np.load(folder / 'flipped' / 'train.npy')[:, 0], features[:, 1], rtol=1e-2, atol=1e-2)


def test_features_of_other_weights_are_refused(folder):
    cache_features(folder / 'c.py', folder / 'features')  # of a fresh network
    with pytest.raises(InputError, match=r'train.npy: its features are of layer2 with weights \w+, .* make them again'):
        train(folder, 'run', cached_features=str(folder / 'features'))


def test_missing_features_are_named(folder):
    with pytest.raises(MissingFileError, match=r'nowhere/train.npy: no such file of features; make it by'):
        train(folder, 'run', cached_features='nowhere')


def test_a_sample_without_features_is_named(folder):
    cached(folder)
    about = json.loads((folder / 'features' / 'train.json').read_text())
    about['paths'][3] = 'other.png'
    (folder / 'features' / 'train.json').write_text(json.dumps(about))
    with pytest.raises(InputError, match=r"train.npy: has no features of '.*3.png', only of 8 other samples"):
        train(folder, 'run', cached_features=str(folder / 'features'))


def test_samples_of_other_sizes_are_named(folder):
    mmcv.imwrite(np.zeros((64, 48, 3), np.uint8), str(folder / '5.png'))
    with pytest.raises(InputError, match='size'):
        cache_features(folder / 'c.py', folder / 'features', options={'train_dataloader.batch_size': 1})
    assert not (folder / 'features' / 'train.npy').exists()


def test_a_backbone_without_frozen_stages_is_refused(folder):
    options = {'model.backbone.type': 'kss_mm.LCResNet'}
    with pytest.raises(InputError, match='put a kss_mm.FrozenBackbone around it'):
        cache_features(folder / 'c.py', folder / 'features', options=options)
