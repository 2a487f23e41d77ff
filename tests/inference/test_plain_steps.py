"""Described steps make what the hosts' own steps make, to the last bit."""

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope
from torch import nn

from kss_mm.apis.describe_pipeline import describe_pipeline
from kss_mm.errors import InputError
from kss_mm.inference.plain_steps import changed, chosen_frames

SAMPLING = [dict(type='UniformSample', clip_len=5, num_clips=clips, test_mode=True) for clips in (1, 3)] + [
    dict(type='SampleFrames', clip_len=length, frame_interval=interval, num_clips=clips, twice_sample=twice,
         out_of_bound_opt=beyond, test_mode=True)
    for length, interval, clips, twice, beyond in ((1, 1, 8, False, 'loop'), (1, 1, 3, True, 'loop'),
                                                   (4, 3, 1, False, 'loop'), (4, 2, 10, False, 'repeat_last'),
                                                   (8, 4, 1, False, 'repeat_last'))]
VIDEO_STEPS = [[dict(type='Resize', scale=(-1, 40)), dict(type='CenterCrop', crop_size=32)],
               [dict(type='Resize', scale=(57, 39)), dict(type='CenterCrop', crop_size=(30, 20))],
               [dict(type='Resize', scale=(33, 41), keep_ratio=False, interpolation='area')],
               [dict(type='Resize', scale=(-1, 32)), dict(type='ThreeCrop', crop_size=32)],
               [dict(type='Resize', scale=(-1, 36), interpolation='bicubic')]]
IMAGE_STEPS = [[dict(type='Resize', scale=(48, 40)), dict(type='CenterCrop', crop_size=31)],
               [dict(type='Resize', scale=(48, 40), keep_ratio=True, backend='pillow', interpolation='bicubic')],
               *([dict(type='ResizeEdge', scale=40, edge=edge), dict(type='CenterCrop', crop_size=(37, 30))]
                 for edge in ('short', 'long', 'width', 'height')),
               [dict(type='ResizeEdge', scale=40, backend='pillow', interpolation='lanczos')],
               [dict(type='EfficientNetCenterCrop', crop_size=32, crop_padding=8)],
               [dict(type='CenterCrop', crop_size=500)]]
SIZES = [(48, 64), (65, 47), (60, 60), (33, 101)]


class Model(nn.Module):
    """What a description asks of a model: a data preprocessor, and a head that has thresholds."""

    def __init__(self):
        super().__init__()
        self.data_preprocessor, self.head = nn.Identity(), nn.Identity()
        self.head.num_classes, self.head.thr = 3, .5


def described(host: str, steps: list) -> list[dict]:
    pytest.importorskip(host)
    opener = (['DecordInit'], ['DecordDecode'], 'PackActionInputs') if host == 'mmaction' else (
        ['LoadImageFromFile'], [], 'PackInputs')
    sampling = [step for step in steps if 'Sample' in step['type']]
    pipeline = [*map(as_step, opener[0]), *sampling, *map(as_step, opener[1]),
                *(step for step in steps if step not in sampling), as_step(opener[2])]
    return describe_pipeline(Config(dict(default_scope=host, test_pipeline=pipeline)), Model())['steps']


def as_step(name: str) -> dict:
    return dict(type=name)


@pytest.mark.parametrize('step', SAMPLING, ids=lambda step: f'{step["type"]}-{step["clip_len"]}-{step["num_clips"]}')
def test_the_same_frames_of_videos_of_any_length(step):
    (plain,) = described('mmaction', [step])
    pipeline = Compose([step])
    for total in (*range(1, 40), 100, 301):
        expected = pipeline(dict(total_frames=total, start_index=0))['frame_inds']
        assert chosen_frames(plain, total).reshape(-1).tolist() == expected.tolist(), total


@pytest.mark.parametrize(('host', 'steps'), [*(('mmaction', steps) for steps in VIDEO_STEPS),
                                             *(('mmpretrain', steps) for steps in IMAGE_STEPS)])
@pytest.mark.parametrize('size', SIZES)
def test_the_same_pixels(host, steps, size):
    images = list(np.random.default_rng(0).integers(0, 255, (2 if host == 'mmaction' else 1, *size, 3), np.uint8))
    plain = described(host, steps)
    init_default_scope(host)
    if host == 'mmaction':
        expected = Compose(steps)(dict(imgs=images, img_shape=size, modality='RGB'))['imgs']
    else:
        expected = [Compose(steps)(dict(img=images[0], img_shape=size))['img']]
    for step in plain:
        images = changed(step, images)
    assert len(images) == len(expected)
    for found, wanted in zip(images, expected):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(('host', 'step', 'named'), [
    ('mmaction', dict(type='SampleFrames', clip_len=4), "type='SampleFrames'"),
    ('mmaction', dict(type='SampleFrames', clip_len=4, target_fps=30, test_mode=True), 'target_fps=30'),
    ('mmaction', dict(type='TenCrop', crop_size=32), "type='TenCrop'"),
    ('mmaction', dict(type='Resize', scale=.5), 'scale=0.5'),
    ('mmpretrain', dict(type='LoadImageFromFile', color_type='grayscale'), "color_type='grayscale'"),
    ('mmpretrain', dict(type='CenterCrop', crop_size=32, auto_pad=True), 'auto_pad=True'),
    ('mmpretrain', dict(type='Resize', scale_factor=.5), 'scale_factor=0.5')])
def test_a_step_without_a_description_is_named(host, step, named):
    with pytest.raises(InputError, match=f'cannot be described as plain data, because of .*{named}'):
        described(host, [step])


def test_a_head_without_thresholds_is_named():
    model = Model()
    model.head.thr = None
    with pytest.raises(InputError, match='because of a Identity that predicts the highest labels'):
        describe_pipeline(Config(dict(default_scope='mmpretrain', test_pipeline=[dict(type='PackInputs')])), model)


def test_unknown_steps_are_refused():
    with pytest.raises(InputError, match="'turn' is not known; use a newer"):
        changed(dict(step='turn'), [])
    with pytest.raises(InputError, match='one side must be the same'):
        changed(dict(step='three_crop', size=[3, 3]), [np.zeros((4, 5, 3), np.uint8)])
