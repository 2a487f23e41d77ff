"""Drawn videos, images and contact sheets, as players see them."""

import re
import subprocess

import numpy as np
import pytest
from media import ffmpeg, frames_by_opencv, turned, write_coded, write_video
from PIL import Image

from kss_mm.datasets.media.reencode import find_ffmpeg
from kss_mm.datasets.media.timed_video import TimedVideo
from kss_mm.drawing import draw_image, draw_sheet, draw_video, encode
from kss_mm.errors import BadVideoError, InputError, MissingPackageError
from kss_mm.inference.prediction import Prediction
from kss_mm.timeline.timeline import Timeline

CLASSES = ['dog', 'cat']
GREEN = np.array([0x2a, 0x8f, 0x4f])


def timeline(seconds: float, classes=CLASSES) -> Timeline:
    """The first label in the first half, the others in the second one."""
    half = seconds / 2
    scores = np.array([[.9, *[.1] * (len(classes) - 1)], [.1, *[.8] * (len(classes) - 1)]], np.float32)
    return Timeline('v', classes, np.array([0, half]), np.array([half, seconds]), scores,
                    np.full(len(classes), .5, np.float32), seconds)


def prediction() -> Prediction:
    return Prediction('v', CLASSES, np.array([.7, .2], np.float32), [0], np.array([.5, .5], np.float32))


def streams(path) -> str:
    return subprocess.run([find_ffmpeg(), '-nostdin', '-hide_banner', '-i', str(path)], capture_output=True,
                          text=True).stderr


def greens(frame: np.ndarray, rows: slice) -> int:
    """Pixels of a predicted label's color in the names."""
    return int((np.abs(frame[rows, :60].astype(int) - GREEN).max(axis=-1) < 40).sum())


def test_a_video_with_sound_again(tmp_path):
    source = tmp_path / 'a b.mp4'
    ffmpeg('-f', 'lavfi', '-i', 'color=gray:size=95x65:rate=12:duration=4', '-f', 'lavfi', '-i', 'sine=duration=4',
           '-pix_fmt', 'yuv444p', source)
    seen = []
    draw_video(source, timeline(4), tmp_path / 'new' / 'out.mp4', report=seen.append)
    said = streams(tmp_path / 'new' / 'out.mp4')
    assert re.search(r'Video: h264 .*yuv420p', said) and 'Audio: aac' in said and 'Duration: 00:00:04.0' in said
    content = (tmp_path / 'new' / 'out.mp4').read_bytes()
    assert content.index(b'moov') < content.index(b'mdat')  # plays while it loads
    video = TimedVideo(tmp_path / 'new' / 'out.mp4')
    assert len(video) == 48 and video.duration == pytest.approx(4, abs=.1) and seen[-1] == pytest.approx(4, abs=.3)
    frames = frames_by_opencv(tmp_path / 'new' / 'out.mp4')
    height = 640 * 64 // 94 // 2 * 2
    assert frames.shape[2] == 640 and np.abs(frames[10, 5:height - 5].astype(int) - 128).max() < 12
    first, second = slice(height + 9, height + 30), slice(height + 33, height + 53)
    assert greens(frames[10], first) > 100 > 10 > greens(frames[10], second)
    assert greens(frames[40], second) > 100 > 10 > greens(frames[40], first)
    assert not np.array_equal(frames[10, height:], frames[16, height:])  # the cursor moves


def test_every_frame_keeps_its_time(tmp_path):
    source = tmp_path / 'uneven.mkv'
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=30:duration=3', '-vf',
           "select='lt(t,1)+not(mod(n,10))'", '-fps_mode', 'vfr', source)
    draw_video(source, timeline(3), tmp_path / 'out.mp4')
    assert np.allclose(TimedVideo(tmp_path / 'out.mp4').times, TimedVideo(source).times, atol=.002)


def test_a_turned_video_stands_upright_with_its_labels_beside_it(tmp_path):
    source = turned(write_coded(tmp_path / 'a.mp4', '-c:v libx264', seconds=1), 90, tmp_path / 'turned.mp4')
    draw_video(source, prediction(), tmp_path / 'out.mp4')
    frames = frames_by_opencv(tmp_path / 'out.mp4')
    assert len(frames) == 12 and frames.shape[1] == 640 and frames.shape[2] > 427 + 400


@pytest.mark.parametrize('name', ['a.gif', 'a.avi', 'a.ts'])
def test_other_containers(tmp_path, name):
    coding = {'a.gif': '-pix_fmt rgb8', 'a.avi': '-c:v mpeg4 -bf 2', 'a.ts': '-c:v mpeg2video'}[name]
    draw_video(write_coded(tmp_path / name, coding, seconds=1), timeline(1), tmp_path / 'out.mp4')
    assert len(frames_by_opencv(tmp_path / 'out.mp4')) == 12


def test_nothing_is_left_of_what_does_not_decode(tmp_path):
    source = write_coded(tmp_path / 'a.mp4', '-c:v libx264 -movflags faststart', size='320x240')
    content = bytearray(source.read_bytes())
    content[len(content) // 2:len(content) * 3 // 4] = np.random.default_rng(0).bytes(
        len(content) * 3 // 4 - len(content) // 2)
    source.write_bytes(content)
    with pytest.raises(BadVideoError, match='a.mp4: does not decode to its end, so nothing is drawn'):
        draw_video(source, timeline(4), tmp_path / 'new' / 'out.mp4')
    assert not list((tmp_path / 'new').iterdir())
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', tmp_path / 'sound.mp4')
    with pytest.raises(BadVideoError, match='sound.mp4: ffmpeg finds no frame in it'):
        draw_video(tmp_path / 'sound.mp4', timeline(4), tmp_path / 'out.mp4')


def test_a_full_disk_is_no_fault_of_the_video(tmp_path, monkeypatch):
    source = write_video(tmp_path / 'a.mp4', frames=12)
    program = tmp_path / 'ffmpeg'
    program.write_text("#!/bin/sh\necho '[mp4] Error writing trailer: No space left on device' >&2\nexit 228\n")
    program.chmod(0o755)
    monkeypatch.setattr(encode, 'find_ffmpeg', lambda purpose: str(program))
    with pytest.raises(OSError, match='No space left') as raised:
        encode.write_video(source, tmp_path / 'out.mp4', [Image.new('RGB', (64, 48))], 10,
                           encode.Places((64, 96), (64, 48), (0, 48)), encode.Shape(64, 48, 0., ''), '#000000')
    assert raised.value.filename == str(tmp_path / 'out.mp4') and not (tmp_path / 'out.mp4').exists()


def test_outputs_that_cannot_be(tmp_path, monkeypatch):
    source = write_video(tmp_path / 'a.mp4', frames=12)
    before = source.read_bytes()
    with pytest.raises(InputError, match='a.mp4: is the file that is drawn'):
        draw_video(source, prediction(), source)
    for draw, name in ((draw_video, 'a.avi'), (draw_sheet, 'a.mp4'), (draw_image, 'a.gif')):
        with pytest.raises(InputError, match=f'{name}: must end in'):
            draw(source, prediction(), f'new/{name}')
    with pytest.raises(InputError, match='700 labels make a picture .* draw fewer'):
        draw_video(source, timeline(1, [f'label {index}' for index in range(700)]), tmp_path / 'out.mp4', labels=700)
    monkeypatch.setattr('shutil.which', lambda name: None)
    monkeypatch.setitem(__import__('sys').modules, 'imageio_ffmpeg', None)
    with pytest.raises(MissingPackageError, match='drawing a video needs ffmpeg: pip install imageio-ffmpeg'):
        draw_video(source, prediction(), tmp_path / 'out.mp4')
    assert source.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ['a.mp4']


@pytest.mark.parametrize(('size', 'ending'), [((128, 128), 'png'), ((1920, 1080), 'jpg'), ((40, 300), 'webp')])
def test_images(tmp_path, size, ending):
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    draw_image(pixels, prediction(), tmp_path / f'out.{ending}')
    with Image.open(tmp_path / f'out.{ending}') as drawn:
        assert max(drawn.size) >= 640 and np.abs(np.asarray(drawn)[20, 20].astype(int) - 200).max() < 5
        width, height = drawn.size
        assert width > size[0] if size[1] > size[0] else height > size[1]


def test_a_contact_sheet(tmp_path):
    source = write_video(tmp_path / 'a.mp4', frames=36)
    sizes = []
    for frames, found in ((12, timeline(3)), (4, timeline(3)), (12, prediction())):
        draw_sheet(source, found, tmp_path / 'sheet.png', frames=frames)
        sizes.append(Image.open(tmp_path / 'sheet.png').size)
    assert sizes[0][0] == 1280 and sizes[0][1] > 2 * sizes[1][1] - 200 and sizes[2][1] < sizes[0][1]
    draw_sheet(write_video(tmp_path / 'one.mp4', frames=1), prediction(), tmp_path / 'one.jpg')
