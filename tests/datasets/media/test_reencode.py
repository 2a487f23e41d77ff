"""The choice of ffmpeg, and that a result is checked before it has its name."""

import os
import sys

import pytest
from media import write_container, write_video

from kss_mm.datasets.charades_check import probe
from kss_mm.datasets.media.reencode import find_ffmpeg, reencode
from kss_mm.errors import InputError, MissingPackageError


def test_the_packages_ffmpeg_comes_before_the_one_on_the_path(tmp_path, monkeypatch):
    imageio_ffmpeg = pytest.importorskip('imageio_ffmpeg')
    program = tmp_path / 'ffmpeg'
    program.write_text('#!/bin/sh\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep)
    assert find_ffmpeg() == imageio_ffmpeg.get_ffmpeg_exe() != str(program)
    monkeypatch.setitem(sys.modules, 'imageio_ffmpeg', None)
    assert find_ffmpeg() == str(program)
    monkeypatch.setenv('PATH', str(tmp_path / 'nowhere'))
    with pytest.raises(MissingPackageError, match='pip install imageio-ffmpeg'):
        find_ffmpeg()


def test_a_result_that_lacks_frames_gets_no_name(tmp_path):
    source, target = str(write_video(tmp_path / 'a.mp4')), tmp_path / 'small.mp4'
    for promise, message in ((dict(frames=80), '60 of its 80 frames'), (dict(seconds=9.), r'5\.0 of 9\.0 s')):
        with pytest.raises(InputError, match=rf'a\.mp4: cannot be re-encoded: {message} came through'):
            reencode(find_ffmpeg(), source, str(target), short_side=32, gop=4, **promise)
        assert [path.name for path in tmp_path.iterdir()] == ['a.mp4']
    reencode(find_ffmpeg(), source, str(target), short_side=32, gop=4, frames=60)
    assert probe(str(target)) == (60, 12)


@pytest.mark.parametrize('name', ['a.ts', 'a.gif', 'a.avi'])
def test_every_frame_of_other_kinds_comes_through(tmp_path, name):
    path = write_container(tmp_path, name)
    frames, _ = probe(str(path))
    reencode(find_ffmpeg(), str(path), str(tmp_path / 'small.mp4'), short_side=32, gop=4, frames=frames)
    assert abs(probe(str(tmp_path / 'small.mp4'))[0] - frames) <= 2
