"""Pictures of samples by id; a file that does not decode is named, and the report goes on."""

import base64

import cv2
import numpy as np
import pytest
from media import image_bytes, write_video
from report_data import data_of, made_up, saved

import kss_mm
from kss_mm.reporting.thumbnails import HEIGHT, thumbnails


def decoded(address: str) -> np.ndarray:
    kind, content = address.split(',')
    assert kind == 'data:image/jpeg;base64'
    return cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'media/inner').mkdir(parents=True)
    write_video(tmp_path / 'media/inner/clip 0.mp4', frames=12)
    (tmp_path / 'media/clip 1.jpg').write_bytes(image_bytes('JPEG'))
    (tmp_path / 'media/clip 2.mp4').write_bytes((tmp_path / 'media/inner/clip 0.mp4').read_bytes()[:900])
    return tmp_path / 'media'


def test_videos_are_strips_and_images_are_one(folder):
    pictures, problems = thumbnails(folder, ['clip 0', 'clip 1', 'clip 2', 'clip 3', 'clip 0'])
    assert list(pictures) == ['clip 0', 'clip 1']
    assert decoded(pictures['clip 0']).shape == (HEIGHT, 360, 3)  # three frames of 64 x 48
    assert decoded(pictures['clip 1']).shape == (HEIGHT, 112, 3)
    assert len(problems) == 2 and 'clip 2.mp4' in problems[0] and problems[1].startswith('clip 3: no such file in')
    assert max(map(len, pictures.values())) < 20_000


def test_the_page_holds_the_pictures_and_says_what_is_missing(folder, tmp_path):
    written = kss_mm.report(saved(made_up(samples=4), tmp_path / 'scores.npz'), tmp_path / 'page.html', media=folder)
    media = data_of(tmp_path / 'page.html')['media']
    assert set(media['pictures']) == {'clip 0', 'clip 1'} and media['given']
    assert any('clip 3: no such file' in note for note in written.notes)
