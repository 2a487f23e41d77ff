"""What the page shows of files, without the page; a stand-in for the model."""

import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from media import write_video
from stub_network import Stub

from kss_mm.demo_page.answers import Answers
from kss_mm.errors import BadVideoError
from kss_mm.inference.predictor import Predictor


class Files(Stub):
    """Reads files as models do."""

    def prepare(self, content):
        if not isinstance(content, str):
            return super().prepare(content)
        self.open += 1
        if self.kind == 'image':
            return cv2.imread(content)
        if Path(content).read_bytes()[4:8] != b'ftyp':
            raise BadVideoError(f'{content}: is no video')
        return np.full((4, 4, 4, 3), 200, np.uint8)


@pytest.fixture
def answers(request):
    return Answers(Predictor(Files(request.param), workers=0))


@pytest.mark.parametrize('answers', ['video'], indirect=True)
def test_labels_and_times_of_a_video(answers, tmp_path):
    path = str(write_video(tmp_path / 'a & b.mp4'))
    text = answers.labels(path)
    assert 'src="data:image/jpeg;base64,' in text and 'alt="a &amp; b.mp4"' in text
    rows = re.findall(r'<tr( class=kss-predicted)?><td>([^<]*)</td>', text)
    assert rows == [(' class=kss-predicted', 'bright'), (' class=kss-predicted', '&lt;b&gt;red&lt;/b&gt;'),
                    ('', 'dark')]
    assert 'left:25.0%' in text and 'width:78.4%' in text and '>0.784<' in text
    assert answers.names(path) == ['bright', '<b>red</b>', 'dark'] and answers.predictor.network.open == 1
    for seconds, said in ((0, 'Windows of 0.6 s'), (1, 'Windows of 1 s')):  # a video of five seconds
        shown = answers.timeline(path, seconds)
        assert '<svg' in shown and said in shown and str(tmp_path) not in shown


@pytest.mark.parametrize('answers', ['video'], indirect=True)
def test_what_is_wrong_is_one_line_with_the_own_name_of_the_file(answers, tmp_path):
    bad = tmp_path / '<i>.mp4'
    bad.write_text('no video')
    for text in (answers.labels(str(bad)), answers.timeline(str(bad)), answers.timeline(str(bad), 1)):
        assert text.startswith('<p class="kss-error"') and text.count('<') == 2 and '\n' not in text
        assert str(tmp_path) not in text
    assert '&lt;i&gt;.mp4: is no video' in answers.labels(str(bad)) and answers.names(str(bad)) == []
    assert answers.labels(None) == answers.timeline(None) == '' and answers.names(None) == []


@pytest.mark.parametrize('answers', ['image'], indirect=True)
def test_images_and_their_drawing(answers, tmp_path):
    path, out = str(tmp_path / 'a.png'), str(tmp_path / 'out.png')
    cv2.imwrite(path, np.full((40, 60, 3), 200, np.uint8))
    assert 'bright' in answers.labels(path) and answers.about == 'stub.pth: 3 labels of images'
    answers.drawn(path, out)
    assert os.path.getsize(out) > 1000 and not answers.can_explain
