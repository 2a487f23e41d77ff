"""The config, not a file's suffix, says whether videos or images are read."""

import pytest
from conftest import ROOT
from media import image_bytes, write_container, write_video
from mmengine.config import Config

from kss_mm.apis.input_kind import check_input, input_kind
from kss_mm.errors import InputError, MissingFileError

VIDEO, IMAGE = ROOT / 'configs/kssnet_i3d_toy.py', ROOT / 'configs/r101_coco.py'


def config(*types, **more) -> Config:
    pipeline = [dict(type=name) for name in types]
    return Config(dict(test_dataloader=dict(dataset=dict(pipeline=pipeline)), **more), cfg_text='-', filename='own.py')


@pytest.mark.parametrize('path', sorted((ROOT / 'configs').glob('*_*.py')), ids=lambda path: path.stem)  # not _base_
def test_every_config_says_what_it_reads(path):
    cfg = Config.fromfile(path)
    assert input_kind(cfg) == {'mmaction': 'video', 'mmpretrain': 'image'}[cfg.default_scope]


@pytest.mark.parametrize(('cfg', 'kind'), [
    (config('LoadImageFromFile', 'PackInputs'), 'image'), (config('kss_mm.SafeLoadImage'), 'image'),
    (config('mmaction.DecordInit'), 'video'), (config('PyAVInit', default_scope='mmpretrain'), 'video'),
    (Config(dict(default_scope='mmpretrain')), 'image'), (config('PackInputs', default_scope='mmaction'), 'video')])
def test_the_pipeline_decides_before_the_host(cfg, kind):
    assert input_kind(cfg) == kind


@pytest.mark.parametrize(('cfg', 'message'), [(config('RawFrameDecode'), 'folders of frames'),
                                              (config('PackInputs'), 'neither its test pipeline')])
def test_configs_that_say_neither(cfg, message):
    with pytest.raises(InputError, match=f'own.py: .*{message}'):
        input_kind(cfg)


def test_files_of_the_other_kind_whatever_their_suffix(tmp_path):
    video, image = Config.fromfile(VIDEO), Config.fromfile(IMAGE)
    film = write_video(tmp_path / 'film.mp4').rename(tmp_path / 'film.jpg')
    (tmp_path / 'picture.mp4').write_bytes(image_bytes('PNG'))
    (tmp_path / 'text').write_text('hello')
    assert check_input(video, film) == 'video' and check_input(image, tmp_path / 'picture.mp4') == 'image'
    for cfg, path, message in ((image, film, r'film\.jpg: is a video \(MP4\), but .*r101_coco\.py reads images'),
                               (video, tmp_path / 'picture.mp4',
                                r'picture\.mp4: is an image \(PNG\), but .*kssnet_i3d_toy\.py reads videos')):
        with pytest.raises(InputError, match=message):
            check_input(cfg, path)
    # A GIF is both, and of other files the reader says what they are.
    assert check_input(video, write_container(tmp_path, 'a.gif')) == 'video'
    assert check_input(image, tmp_path / 'a.gif') == check_input(image, tmp_path / 'text') == 'image'
    with pytest.raises(MissingFileError, match=r'nowhere\.mp4: no such video'):
        check_input(video, tmp_path / 'nowhere.mp4')
    with pytest.raises(InputError, match='cannot be read as an image: Is a directory'):
        check_input(image, tmp_path)
