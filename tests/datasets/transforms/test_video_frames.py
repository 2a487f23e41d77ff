"""Frames decoded one at a time are bit for bit those that MMAction2's own steps make, whatever the video's shape."""

import random

import numpy as np
import pytest
import torch

pytest.importorskip('mmaction')
import cv2  # noqa: E402
import decord  # noqa: E402
from media import ffmpeg, turned, write_video  # noqa: E402
from mmaction.datasets import transforms as host  # noqa: E402
from mmengine.dataset import Compose  # noqa: E402

from kss_mm.datasets import SafeDecordDecode, SafeDecordInit, VideoFrames  # noqa: E402
from kss_mm.errors import BadVideoError, InputError  # noqa: E402

SIZE, SHORT_SIDE, CLIP = 32, 40, 16
PACK = [host.FormatShape(input_format='NCTHW'),
        host.PackActionInputs(meta_keys=('img_shape', 'original_shape', 'scale_factor', 'crop_bbox', 'num_clips'))]
RESIZE, SQUARE = host.Resize(scale=(-1, SHORT_SIDE)), host.Resize(scale=(SIZE, SIZE), keep_ratio=False)
RANDOM, MIDDLE = host.UniformSample(clip_len=CLIP), host.UniformSample(clip_len=CLIP, test_mode=True)
FLIP = host.Flip(flip_ratio=.5)
PIPELINES = {
    'train': [RANDOM, RESIZE, host.RandomCrop(size=SIZE), FLIP, *PACK],
    'test': [MIDDLE, RESIZE, host.CenterCrop(crop_size=SIZE), *PACK],
    'corners': [RANDOM, host.MultiScaleCrop(input_size=SIZE, scales=(1, .75, .5), num_fixed_crops=13), SQUARE, FLIP,
                *PACK],
    'squashed': [MIDDLE, host.Resize(scale=(44, 30), keep_ratio=False), *PACK],
    'views': [host.SampleFrames(clip_len=4, frame_interval=3, num_clips=5, test_mode=True),
              host.Resize(scale=(-1, SIZE)), host.ThreeCrop(crop_size=SIZE), *PACK],
    'bare': [MIDDLE, *PACK]}
TRAIN, TEST, CORNERS, SQUASHED, VIEWS, _ = PIPELINES.values()


def run(steps, path, ours: bool):
    """Results of a pipeline for a file; both get the same random numbers."""
    if ours:
        init, decode = SafeDecordInit(), SafeDecordDecode(stream=True)
    else:
        init, decode = host.DecordInit(), host.DecordDecode()
    random.seed(1)
    np.random.seed(1)
    sample, *rest = steps
    return Compose([init, sample, decode, *rest])(
        dict(filename=str(path), label=0, start_index=0, modality='RGB', num_clips=1))


def assert_same(steps, path):
    ours, usual = (run(steps, path, ours) for ours in (True, False))
    assert ours['inputs'].dtype == torch.uint8 and usual['inputs'].float().std() > 10
    assert torch.equal(ours['inputs'], usual['inputs'])
    ours, usual = (side['data_samples'].metainfo for side in (ours, usual))
    assert ours.keys() == usual.keys() and all(np.array_equal(ours[key], usual[key]) for key in usual)


@pytest.mark.parametrize('steps', PIPELINES.values(), ids=PIPELINES)
@pytest.mark.parametrize('size', [(64, 48), (52, 90)], ids=['landscape', 'portrait'])
def test_pipelines_give_the_same_tensors(tmp_path, steps, size):
    assert_same(steps, write_video(tmp_path / 'video.mp4', size))


@pytest.mark.parametrize('frames', [1, 2, 15, 16])
def test_short_videos_repeat_frames(tmp_path, frames):
    path = write_video(tmp_path / 'video.mp4', frames=frames)
    for steps in (TRAIN, VIEWS):
        assert_same(steps, path)


def test_other_containers(tmp_path):
    assert_same(TEST, write_video(tmp_path / 'video.avi', (50, 38), codec='MJPG'))


@pytest.mark.parametrize('turn', [90, 180, 270])
def test_rotated_videos(tmp_path, turn):
    """As telephones write them: turned pictures, and a matrix that says so."""
    upright = write_video(tmp_path / 'upright.mp4', (88, 60))
    path = turned(upright, turn, tmp_path / 'turned.mp4')
    plain, frames = (VideoFrames(decord.VideoReader(str(path)), [5]) for path in (upright, path))
    assert frames[0].shape == ((88, 60, 3) if turn != 180 else (60, 88, 3))
    # decord turns before it makes RGB of YUV, in which colours have half the resolution: a few grey levels.
    apart = [np.abs(frames[0] - np.rot90(plain[0], quarter).astype(float)).mean()
             for quarter in range(4) if np.rot90(plain[0], quarter).shape == frames[0].shape]
    assert min(apart) < 4 < 20 < max(apart)
    for steps in (TRAIN, TEST):
        assert_same(steps, path)


@pytest.mark.parametrize('coding', [('libx264', 'yuv444p'), ('mpeg4', 'yuv420p')], ids=['h264', 'mpeg4'])
def test_odd_sizes(tmp_path, coding):
    codec, pixels = coding
    ffmpeg('-i', write_video(tmp_path / 'even.mp4', (102, 78)), '-vf', f'scale=51:39,format={pixels}', '-c:v', codec,
           tmp_path / 'odd.mp4')
    assert VideoFrames(decord.VideoReader(str(tmp_path / 'odd.mp4')), [0])[0].shape == (39, 51, 3)
    for steps in (TRAIN, TEST, SQUASHED):
        assert_same(steps, tmp_path / 'odd.mp4')


def test_sparse_key_frames_with_frames_between_that_look_ahead(tmp_path):
    """H.264 with B-frames stores frames out of order; seeking must find the right one all the same."""
    ffmpeg('-i', write_video(tmp_path / 'plain.mp4', (80, 60)), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', 3,
           '-g', 25, '-keyint_min', 25, tmp_path / 'video.mp4')
    assert decord.VideoReader(str(tmp_path / 'video.mp4')).get_key_indices()[:2] == [0, 25]
    for steps in (TRAIN, TEST, CORNERS, VIEWS):
        assert_same(steps, tmp_path / 'video.mp4')


def test_looping_over_a_short_video_keeps_each_frame_once(tmp_path):
    """And they cannot be written to, as where nothing comes back."""
    path = write_video(tmp_path / 'short.mp4', frames=5)
    results = SafeDecordInit().transform(dict(filename=str(path), start_index=0, modality='RGB', num_clips=1))
    results['frame_inds'] = np.arange(12) % 5
    frames = SafeDecordDecode(stream=True).transform(dict(results))['imgs']
    assert len({id(frame) for frame in frames}) == 5 and not frames[0].flags.writeable
    # Without stream a step may write into one and not into its copy.
    frames = SafeDecordDecode().transform(dict(results))['imgs']
    frames[0][:] = 0
    assert frames[5].any() and all(frame.flags.writeable for frame in frames)


def test_frames_come_on_demand_and_cannot_be_written(tmp_path):
    path = write_video(tmp_path / 'video.mp4')
    results = SafeDecordInit().transform(dict(filename=str(path), start_index=0, modality='RGB', num_clips=1))
    reader, decoded = results['video_reader'], []

    class Watched:
        def __getitem__(self, index):
            decoded.append(index)
            return reader[index]

    results = host.UniformSample(clip_len=4, test_mode=True).transform(results)
    frames = SafeDecordDecode(stream=True).transform(dict(results, video_reader=Watched()))['imgs']
    assert decoded == [results['frame_inds'][0]] and len(frames) == 4  # the first, for its size
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 4 and decoded == results['frame_inds'].tolist()
    assert np.array_equal(frames[-1], frames[1:][-1])
    with pytest.raises(IndexError):
        frames[4]
    with pytest.raises(ValueError, match='read-only'):
        frames[0][:] = 0
    with pytest.raises(cv2.error):  # it writes into what it is given: better an error than frames not mirrored
        host.Flip(flip_ratio=1.).transform(dict(imgs=frames, img_shape=(48, 64), modality='RGB'))


def test_damage_is_named_where_it_is_met(tmp_path):
    """The first frames are whole, so decoding starts; it or Resize then runs into the rest, as decord reads ahead."""
    content = bytearray(write_video(tmp_path / 'whole.mp4').read_bytes())
    start, end = content.index(b'mdat') + 4, content.index(b'moov') - 4  # not the size of the next box
    late = end - (end - start) // 8
    content[late:end] = np.random.default_rng(0).integers(0, 255, end - late, dtype=np.uint8).tobytes()
    (tmp_path / 'rotten.mp4').write_bytes(content)
    results = SafeDecordInit().transform(
        dict(filename=str(tmp_path / 'rotten.mp4'), start_index=0, modality='RGB', num_clips=1))
    with pytest.raises(BadVideoError, match=r'rotten\.mp4: its frames do not decode'):
        RESIZE.transform(SafeDecordDecode(stream=True).transform(MIDDLE.transform(results)))


def test_streaming_key_frames_is_refused():
    with pytest.raises(InputError, match='efficient'):
        SafeDecordDecode('efficient', stream=True)
