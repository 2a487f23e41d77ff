"""Lists, streams, batches and threads around a model that is a stand-in."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import cv2
import numpy as np
import pytest
from media import write_video
from PIL import Image
from stub_network import CLASSES, Camera, Stub

from kss_mm.errors import BadImageError, InputError, MissingFileError
from kss_mm.inference.network import Scores
from kss_mm.inference.predictor import Predictor


def test_one_gives_one_and_several_give_a_list_in_order():
    predictor = Predictor(Stub())
    names = [f'{number:03d}.png' for number in range(20)]
    assert predictor('200.png').source == '200.png'
    assert predictor('200.png').predicted == ['bright', '<b>red</b>']
    for given in (names, tuple(names), iter(names)):
        assert [found.source for found in predictor(given)] == names
    assert predictor([]) == [] and [found.source for found in predictor(['001.png'])] == ['001.png']
    assert predictor.network.batches.count(3) == 18


def test_a_broken_file_is_reported_and_the_others_done():
    names = ['001.png', 'bad.png', 'none.png', 'odd.png', '004.png']
    for workers in (0, 2):
        found = Predictor(Stub(), workers=workers)(names)
        assert [prediction.error is None for prediction in found] == [True, False, False, False, True]
        assert [str(prediction.error) for prediction in found[1:3]] == ['bad.png: is damaged', 'none.png: no such file']
        assert "odd.png: does not pass the test pipeline: KeyError: 'avg_fps'" == str(found[3].error)
        assert found[1].as_dict() == dict(file='bad.png', labels=[], error='bad.png: is damaged')
        assert 'is damaged' in repr(found[1]) and 'is damaged' in found[1]._repr_html_()
        assert found[1].labels == found[1].predicted == []
    with pytest.raises(BadImageError, match='bad.png'):
        Predictor(Stub())('bad.png')


def test_samples_of_other_shapes_are_run_apart():
    network = Stub()
    names = ['001.png', '002small.png', '003small.png', 'bad.png', '005small.png', '006.png']
    found = Predictor(network, batch_size=6)(names)
    assert [prediction.source for prediction in found] == names and sorted(network.batches) == [2, 3]


def test_endless_sources_take_little_memory():
    network = Stub()
    stream = Predictor(network, workers=2).stream(f'{number % 200:03d}.png' for number in count())
    for number, prediction in zip(range(50), stream):
        assert prediction.source == f'{number:03d}.png' and network.open <= number + 12
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith('kss_mm_decode')]


def test_threads_share_the_model():
    predictor = Predictor(Stub(), workers=2)
    names = [f'{number:03d}.png' for number in range(30)]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: predictor(names), range(8)):
            assert [prediction.scores[1] for prediction in found] == pytest.approx([n / 255 for n in range(30)])


def test_labels_dicts_and_words():
    found = Predictor(Stub())('200.png')
    first, second, third = found.labels
    assert first == (CLASSES[1], pytest.approx(200 / 255), .5, True) and third.name == 'dark' and not third.predicted
    label = found.as_dict(top=1)['labels']
    assert label == [dict(name='bright', probability=0.78431374, threshold=.5, predicted=True)]
    assert np.float32(label[0]['probability']) == found.scores[1]
    assert repr(found) == '<Prediction 200.png: bright 0.784, <b>red</b> 0.784>'
    assert '&lt;b&gt;red' in found._repr_html_() and '<b>red' not in found._repr_html_()
    assert 'no label predicted' in repr(Predictor(Stub(), threshold=1.)('100.png'))


def test_a_threshold_of_ones_own():
    found = Predictor(Stub(), threshold=.9)('250.png')
    assert found.predicted == ['bright', CLASSES[2]] and {label.threshold for label in found.labels} == {np.float32(.9)}
    for options in (dict(threshold=1.5), dict(batch_size=0), dict(workers=-1), dict(threshold='a')):
        with pytest.raises(InputError, match=next(iter(options))):
            Predictor(Stub(), **options)


def test_scores_that_are_not_numbers_end_it():
    network = Stub()
    network.run = lambda samples: [Scores(np.array([np.nan, 0, 1]), None, [])] * len(samples)
    with pytest.raises(InputError, match='stub.pth: gives a score of nan for 1 of 3'):
        Predictor(network)(['001.png'])


def test_images_in_memory():
    predictor = Predictor(Stub())
    pixels = np.zeros((5, 6, 3), np.uint8)
    pixels[..., 0] = 255
    turned = Image.fromarray(pixels).convert('RGBA')
    for given in (pixels, turned, type('Tensor', (), dict(
            detach=lambda self: self, cpu=lambda self: self, numpy=lambda self: pixels))()):
        assert predictor(given).predicted == [CLASSES[2], 'dark']
    assert predictor(pixels).source == 'array of 5 x 6 x 3'
    assert len(predictor([pixels, turned])) == 2
    for wrong, message in ((pixels[None], 'several images as a list'), (pixels.astype(float), 'float64: .*uint8'),
                           (pixels.transpose(2, 0, 1), r'\(3, 5, 6\) .*takes \(H, W, 3\)'), (pixels[:0], r'\(0, 6')):
        with pytest.raises(InputError, match=message):
            predictor(wrong)
    for wrong in (None, 1.5, b'a.png', {'a': 1}, [None], True):
        with pytest.raises(InputError, match='cannot be predicted'):
            predictor(wrong)


def test_a_folder_or_pattern_gives_its_files_by_name(tmp_path):
    for name in ('002.png', '001.JPG', 'sub/003.png', '.004.png', '.git/005.png', 'notes.txt', 'film.mp4'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('')
    (tmp_path / '006').write_bytes(b'\x89PNG\r\n\x1a\n')
    predictor = Predictor(Stub())
    folder = [found.source for found in predictor(tmp_path)]
    assert folder == [str(tmp_path / name) for name in ('001.JPG', '002.png', '006', 'sub/003.png')]
    assert [found.source for found in predictor(str(tmp_path / '**' / '*.png'))] == [folder[1], folder[3]]
    assert [found.source for found in predictor([tmp_path / 'sub', tmp_path / '002.png'])] == [folder[3], folder[1]]
    with pytest.raises(MissingFileError, match=r'\*.gif: no file has such a name'):
        predictor(f'{tmp_path}/*.gif')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(MissingFileError, match='empty: has no images in it'):
        predictor(tmp_path / 'empty')
    (tmp_path / '007[1].png').write_text('')
    assert predictor(tmp_path / '007[1].png').source == str(tmp_path / '007[1].png')


def test_streams_give_one_clip_or_all_of_them(tmp_path):
    path = str(write_video(tmp_path / 'a.mp4', frames=7))
    predictor = Predictor(Stub('video'))
    assert predictor(cv2.VideoCapture(path)).source == 'video stream, frame 0 to 6'
    capture = cv2.VideoCapture(path)
    assert predictor(capture, frames=3).source == predictor([capture], frames=3)[0].source
    assert predictor(capture, frames=3).source.endswith('0 to 0')  # the last frame
    with pytest.raises(InputError, match='no frame any more'):
        predictor(capture)
    clips = list(predictor.stream(cv2.VideoCapture(path), frames=3))
    assert [clip.source for clip in clips] == [f'video stream, frame {frames}' for frames in
                                               ('0 to 2', '3 to 5', '6 to 6')]
    images = list(Predictor(Stub()).stream(cv2.VideoCapture(path)))
    assert [image.source for image in images] == [f'video stream, frame {frame}' for frame in range(7)]
    blue = np.zeros((2, 4, 4, 3), np.uint8)
    assert predictor(blue).predicted == ['dark']


def test_a_stream_without_an_end():
    predictor = Predictor(Stub('video'))
    with pytest.raises(InputError, match='no end; say by frames'):
        predictor(Camera())
    assert predictor(Camera(), frames=4).scores[2] == 0
    with pytest.raises(InputError, match='is not open'):
        predictor(cv2.VideoCapture('/nowhere.mp4'))
    with pytest.raises(InputError, match='camera 97: does not open'):
        predictor(97, frames=2)
