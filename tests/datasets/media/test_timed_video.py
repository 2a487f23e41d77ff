"""Frames in order with their times, in files of constant and of changing rate, whole and damaged."""

import resource
import time
from pathlib import Path

import numpy as np
import pytest
from media import CODINGS, ffmpeg, frames_by_opencv, turned, write_coded, write_container, write_video

from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.datasets.media.timed_video import TimedVideo
from kss_mm.errors import BadVideoError


@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.avi', 'a.ts', 'a.gif', 'a.flv'])
def test_every_frame_comes_once_with_its_time(tmp_path, name):
    path = write_container(tmp_path, name)
    video = TimedVideo(path)
    for _ in range(2):
        frames = list(video.frames())
        assert [frame.index for frame in frames] == list(range(48)) == list(range(len(video)))
        assert np.array_equal(np.stack([frame.frame for frame in frames]), frames_by_opencv(path))
    assert [frame.seconds for frame in frames] == pytest.approx(np.arange(48) / 12, abs=.011)  # GIFs count 1/100 s
    assert video.fps == pytest.approx(12, rel=.01) and video.duration == pytest.approx(4, abs=.1)
    assert name in CODINGS


@pytest.mark.parametrize('name', ['a.mp4', 'a.ts'])
def test_frames_that_nobody_wants_are_passed_over(tmp_path, name):
    path = write_container(tmp_path, name)
    frames = list(TimedVideo(path).frames(lambda index: index % 7 == 3))
    assert [frame.index for frame in frames] == list(range(3, 48, 7))
    assert np.array_equal(np.stack([frame.frame for frame in frames]), frames_by_opencv(path)[3::7])


@pytest.mark.parametrize('name', ['changing.mp4', 'changing.mkv'])
def test_a_changing_rate_has_the_times_of_the_file(tmp_path, name):
    source = write_coded(tmp_path / 'even.mp4', '-c:v libx264')
    # Every second frame of the first two seconds is left out.
    fewer = r'select=not(lt(t\,2)*mod(n\,2))'
    ffmpeg('-i', source, '-vf', fewer, '-fps_mode', 'vfr', '-c:v', 'libx264', tmp_path / name)
    video = TimedVideo(tmp_path / name)
    expected = [index / 12 for index in range(48) if index >= 24 or index % 2 == 0]
    assert video.times == pytest.approx(expected, abs=.002) and video.duration == pytest.approx(4, abs=.05)


def test_a_damaged_file_gives_its_frames_up_to_the_damage(tmp_path):
    path = write_coded(tmp_path / 'a.mp4', '-c:v libx264', seconds=8)
    content = path.read_bytes()
    start = content.index(b'mdat')
    middle = start + (content.index(b'moov') - start) // 2
    path.write_bytes(content[:middle] + bytes(4000) + content[middle + 4000:])
    frames = TimedVideo(path).frames()
    good = []
    with pytest.raises(BadVideoError, match=r'a.mp4: does not decode from \d.\d\d of 8.00 s on'):
        good.extend(frames)
    assert 20 < len(good) < 80


@pytest.mark.parametrize('coding', ['-pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709',
                                    '-flags +ildct+ilme -pix_fmt yuv420p', '-pix_fmt yuvj420p', '-pix_fmt yuv444p'])
def test_frames_are_those_of_single_predictions(tmp_path, coding):
    path = write_coded(tmp_path / 'a.mp4', f'-c:v libx264 {coding}', seconds=1)
    for file in (path, turned(path, 90, tmp_path / 'turned.mp4')):
        reader = open_video(file)
        expected = np.stack(read_frames(reader, range(len(reader))))
        assert np.array_equal(np.stack([frame.frame for frame in TimedVideo(file).frames()]), expected)


def test_nothing_is_decoded_before_it_is_asked_for(tmp_path):
    """decord decodes as far ahead as the file goes, whoever waits."""
    path = write_video(tmp_path / 'a.mp4', size=(640, 480), frames=120)
    before, frames = resident(), TimedVideo(path).frames()
    for _ in range(3):
        next(frames)
        time.sleep(.2)
    assert resident() - before < 50, 'MB; all frames are 110'


def resident() -> int:
    """MB that this process has in memory."""
    return int(Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize() >> 20


def test_one_frame(tmp_path):
    path = write_video(tmp_path / 'one.mp4', frames=1)
    video = TimedVideo(path)
    assert video.times.tolist() == [0] and video.duration == pytest.approx(1 / 12, abs=.01)
