"""Files of timelines: JSON comes back, subtitles open in a parser and hold names of anyone's."""

import csv
import html
import json
import re

import numpy as np
import pytest

from kss_mm.errors import BadVideoError, InputError, MissingFileError
from kss_mm.timeline.files import read_timeline, write_timeline
from kss_mm.timeline.timeline import Timeline

NAMES = ['a --> b', 'two\n\nlines & <b>bold</b>', '{\\an8}1\n00:00:01,000 --> 00:00:02,000', 'plain "x", y']


@pytest.fixture
def timeline():
    scores = np.full((3, 4), .1, np.float32)
    scores[0, :2] = scores[1, 1:3] = scores[2, 3] = .7
    return Timeline('a,"b\udcff.mp4', NAMES, np.array([0, 3600, 3661.5]), np.array([3600, 3661.5, 3662.0004]), scores,
                    np.full(4, .5, np.float32), 3662.0004, BadVideoError('breaks'))


def test_json_comes_back(tmp_path, timeline):
    write_timeline(timeline, tmp_path / 'a.json')
    found = read_timeline(tmp_path / 'a.json')
    assert found.as_dict() == timeline.as_dict() and found.scores.dtype == np.float32
    assert found.intervals() == timeline.intervals() and str(found.error) == 'breaks'
    write_timeline(timeline, tmp_path / 'a.json', min_seconds=2)
    assert len(json.loads((tmp_path / 'a.json').read_text())['intervals']) == 3


def test_a_table_has_a_row_for_each_interval(tmp_path, timeline):
    write_timeline(timeline, tmp_path / 'a.csv')
    with open(tmp_path / 'a.csv', newline='', errors='surrogateescape') as file:
        rows = list(csv.reader(file))
    assert rows[0] == ['file', 'label', 'start', 'end', 'mean', 'peak'] and len(rows) == 5
    assert rows[1] == ['a,"b\udcff.mp4', NAMES[0], '0.000', '3600.000', '0.700000', '0.700000']
    assert {row[1] for row in rows[1:]} == set(NAMES)


def test_subtitles_open_in_a_parser(tmp_path, timeline):
    webvtt = pytest.importorskip('webvtt')
    texts = ['a --> b 0.70', 'two lines & <b>bold</b> 0.70', '{\\an8}1 00:00:01,000 --> 00:00:02,000 0.70',
             'plain "x", y 0.70']
    write_timeline(timeline, tmp_path / 'a.vtt')
    found = webvtt.read(tmp_path / 'a.vtt')
    assert [html.unescape(caption.text) for caption in found] == texts
    assert [(caption.start, caption.end) for caption in found] == [
        ('00:00:00.000', '01:00:00.000'), ('00:00:00.000', '01:01:01.500'), ('01:00:00.000', '01:01:01.500'),
        ('01:01:01.500', '01:01:02.000')]
    write_timeline(timeline, tmp_path / 'a.srt')
    assert not re.search('<[^>]*b', (tmp_path / 'a.vtt').read_text())
    found = webvtt.from_srt(tmp_path / 'a.srt')
    assert [caption.text for caption in found] == [
        text.replace('<', '‹').replace('>', '›').replace('{', '(').replace('}', ')') for text in texts]


def test_other_endings(tmp_path, timeline):
    with pytest.raises(InputError, match='a.txt: .* ends in .json, .csv, .vtt, .srt'):
        write_timeline(timeline, tmp_path / 'a.txt')


@pytest.mark.parametrize('change', [
    lambda content: [], lambda content: 'x', lambda content: dict(content, windows=None),
    lambda content: dict(content, classes=['a']), lambda content: dict(content, windows=[1]),
    lambda content: dict(content, windows=[dict(start=0, end='x', scores=[0] * 4)]),
    lambda content: dict(content, windows=[dict(start=1, end=0, scores=[0] * 4)]),
    lambda content: dict(content, windows=[dict(start=0, end=1, scores=[0] * 3)]),
    lambda content: dict(content, thresholds=[1]), lambda content: dict(content, file=3),
    lambda content: dict(content, duration=[]), lambda content: {key: content[key] for key in list(content)[:3]}])
def test_json_of_anyone_s(tmp_path, timeline, change):
    (tmp_path / 'a.json').write_text(json.dumps(change(timeline.as_dict())))
    with pytest.raises(InputError, match='a.json: '):
        read_timeline(tmp_path / 'a.json')
    with pytest.raises(MissingFileError):
        read_timeline(tmp_path / 'b.json')
