"""Windows of videos, arrays and streams: the scores of single predictions, each frame decoded once, few held."""

import threading
import warnings
import weakref
from itertools import islice

import cv2
import numpy as np
import pytest
from media import ffmpeg, frames_by_opencv, write_coded, write_video
from stub_network import Camera, Stub
from tiny_models import VIDEOS, save_model

import kss_mm
from kss_mm.datasets.media import timed_video
from kss_mm.errors import BadVideoError, InputError, MissingVideoError
from kss_mm.inference.predictor import Predictor
from kss_mm.inference.window_plan import plan_windows


@pytest.fixture
def video(tmp_path):
    return write_coded(tmp_path / 'a.mp4', '-c:v libx264', seconds=5)  # 60 frames


def expected(predictor, frames, fps, window, stride):
    spans = plan_windows(np.arange(len(frames)) / fps, len(frames) / fps, window, stride)
    return spans, np.array([predictor(frames[span.first:span.after]).scores for span in spans])


@pytest.mark.parametrize('workers', [0, 2])
def test_windows_have_the_scores_of_their_frames(video, workers):
    predictor, frames = Predictor(Stub('video'), workers=workers), frames_by_opencv(video)
    found = predictor.timeline(video, window=1.3, stride=.4)
    spans, scores = expected(predictor, frames, 12, 1.3, .4)
    assert found.scores == pytest.approx(scores, abs=1e-6) and len(spans) == 11
    assert list(zip(found.starts, found.ends)) == [span[:2] for span in spans]
    assert found.duration == 5 and found.error is None and found.source == str(video)
    assert found.thresholds is predictor.thresholds.probabilities
    again = predictor.timeline(frames, window=1.3, stride=.4, fps=12)
    assert np.array_equal(again.scores, found.scores) and again.source == 'array of 60 x 64 x 96 x 3'
    assert len(predictor.timeline(video, window=1, seconds=3).starts) == 5


@pytest.mark.parametrize('name', ['kssnet', 'host', pytest.param('onnx', marks=pytest.mark.slow)])
def test_the_models_of_torch_and_onnx(tmp_path, make_graph, name):
    config = VIDEOS[name if name in VIDEOS else 'kssnet']
    predictor = kss_mm.load(*save_model(config, tmp_path, make_graph), device='cpu')
    if name == 'onnx':
        pytest.importorskip('onnx')
        pytest.importorskip('onnxruntime')
        pytest.importorskip('onnxscript')
        kss_mm.export_onnx(*save_model(config, tmp_path, make_graph), tmp_path / 'a.onnx')
        predictor = kss_mm.load(tmp_path / 'a.onnx')
    path = write_video(tmp_path / 'a.mp4', frames=40)
    found = predictor.timeline(path, window=1.5, stride=.6)
    _, scores = expected(predictor, frames_by_opencv(path), 12, 1.5, .6)
    assert found.scores == pytest.approx(scores, abs=1e-6) and np.ptp(found.scores, axis=0).min() > 1e-5


def test_a_file_that_holds_the_frames_of_a_window_has_its_scores(tmp_path, make_graph, video):
    predictor = kss_mm.load(*save_model(VIDEOS['host'], tmp_path, make_graph), device='cpu')
    ffmpeg('-ss', 2, '-i', video, '-t', 1, '-c:v', 'libx264', '-qp', 0, tmp_path / 'cut.mp4')  # without loss
    found = predictor.timeline(video, window=1, stride=1)
    assert found.scores[2] == pytest.approx(predictor(tmp_path / 'cut.mp4').scores, abs=1e-6)


def test_each_frame_is_decoded_once_and_few_are_held(tmp_path, monkeypatch):
    path = write_video(tmp_path / 'a.mp4', frames=400)
    decoded, held = [], []

    class Few(Stub):
        def chosen(self, total, fps):
            return np.array([0, total // 2, total // 2, total - 1])

        def reduced(self, frame):
            held.append(sum(waiting() is not None for waiting in alive))
            alive.append(weakref.ref(small := frame[:2].copy()))
            return small

    alive = []
    original = timed_video.frames_in_order

    def counted(*arguments):
        for index, frame in original(*arguments):
            decoded.append(index)
            yield index, frame

    monkeypatch.setattr(timed_video, 'frames_in_order', counted)
    found = Predictor(Few('video'), workers=1).timeline(path, window=4, stride=.5)
    assert len(found.starts) == 60 and decoded == sorted(set(decoded)) and len(decoded) < 200
    assert max(held) < 90, 'of 8 windows that overlap, and those on their way through queue, threads and batch'


def test_a_damaged_file_keeps_what_was_predicted(video):
    content = video.read_bytes()
    start = content.index(b'mdat')
    middle = start + (content.index(b'moov') - start) * 2 // 3
    video.write_bytes(content[:middle] + bytes(4000) + content[middle + 4000:])
    predictor = Predictor(Stub('video'))
    with pytest.warns(UserWarning, match=r'a.mp4: does not decode from (.*) of 5.00 s on.*are predicted'):
        found = predictor.timeline(video, window=1, stride=.5)
    assert 2 <= len(found.starts) < 9 and found.ends[-1] < 4.5
    assert f'up to {found.ends[-1]:.2f} s are predicted' in str(found.error) and 'error' in repr(found)
    seen = []
    with pytest.raises(BadVideoError, match='does not decode from'):
        seen.extend(predictor.windows(video, window=1, stride=.5))
    assert len(seen) == len(found.starts)
    with pytest.raises(BadVideoError, match='does not decode'):
        predictor.timeline(video, window=4.9)


def test_streams(tmp_path):
    path = write_video(tmp_path / 'a.mp4', frames=30)
    predictor = Predictor(Stub('video'))
    found = predictor.timeline(cv2.VideoCapture(str(path)), window=1, stride=.5)
    whole = predictor.timeline(path, window=1, stride=.5)
    assert found.starts.tolist() == [0, .5, 1, 1.5] and found.duration is None and found.source == 'video stream'
    assert np.array_equal(found.scores, whole.scores[:4])
    assert predictor.timeline(cv2.VideoCapture(str(path)), window=1, fps=6).ends[-1] == 5
    with pytest.raises(InputError, match='video stream: ends after 2.50 s, before a window is whole'):
        predictor.timeline(cv2.VideoCapture(str(path)), window=3)


def threads_at_work():
    """Threads that decode; those of a server, which another test started, may wait for requests."""
    return [thread for thread in threading.enumerate() if thread.name.startswith(('kss_mm_decode', 'kss_mm_ahead'))]


def test_a_live_stream_is_predicted_as_it_comes():
    camera, predictor = Camera(), Predictor(Stub('video'), batch_size=50)
    windows = predictor.windows(camera, window=1, fps=10)
    assert [found[:2] for found in islice(windows, 3)] == [(0, 1), (.5, 1.5), (1, 2)] and camera.count < 60
    windows.close()
    assert not threads_at_work()
    assert len(predictor.timeline(Camera(), window=1, fps=10, seconds=3).starts) == 5
    with pytest.raises(InputError, match='tells of no end; say by seconds='):
        predictor.timeline(Camera(), window=1, fps=10)
    with pytest.raises(InputError, match='does not say how many frames a second it has; give fps='):
        predictor.timeline(Camera(), window=1, seconds=3)


def test_what_cannot_be_is_said_in_one_line(tmp_path, video):
    frames, predictor = np.zeros((8, 4, 4, 3), np.uint8), Predictor(Stub('video'))
    for source, options, message in (
            (frames, {}, 'array of 8 x 4 x 4 x 3: does not say how many frames a second'),
            (frames, dict(fps=0), 'fps must be'), (video, dict(fps=12), 'has times of its own'),
            (tmp_path, {}, 'a timeline is of one video'), ([video], {}, 'a timeline is of one video'),
            (frames, dict(window=0), 'window must be'), (frames, dict(stride=3, fps=2), 'stride must be'),
            (frames[0], dict(fps=2), r'takes \(T, H, W, 3\)'), (None, {}, 'cannot be predicted'),
            (tmp_path / 'no.mp4', {}, 'no.mp4')):
        with pytest.raises((InputError, MissingVideoError, FileNotFoundError), match=message):
            predictor.timeline(source, **{'window': 2, **options})
    with pytest.raises(InputError, match='stub.pth: reads images, and a timeline is of a video'):
        Predictor(Stub()).timeline(frames, window=1, fps=2)


def test_one_that_is_left_early_ends_its_threads(video):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        windows = Predictor(Stub('video'), workers=2).windows(video, window=.5, stride=.1)
        next(windows)
        windows.close()
    assert not threads_at_work()
