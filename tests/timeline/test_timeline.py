"""The timeline of a video: scores at a time, intervals, plain values and how it shows itself."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from kss_mm.errors import BadVideoError, InputError
from kss_mm.timeline.timeline import Timeline

CLASSES = ['run', '<b>sit & $x$</b>']


def make(**changes) -> Timeline:
    parts = dict(source='a<i>.mp4', classes=CLASSES, starts=np.array([0, 2, 4.]), ends=np.array([4, 6, 7.]),
                 scores=np.array([[.9, .1], [.5, .1], [.1, .8]], np.float32), thresholds=np.array([.6, .5], np.float32),
                 duration=8.)
    return Timeline(**{**parts, **changes})


def test_scores_at_a_time():
    timeline = make()
    assert timeline.at(0) == pytest.approx([.9, .1]) and timeline.at(2) == pytest.approx([.7, .1])
    assert timeline.at(7) == pytest.approx([.1, .8]), 'the last end belongs to its window'
    assert np.isnan(timeline.at(7.5)).all() and np.isnan(timeline.at(-1)).all()


def test_intervals_by_the_label_s_own_threshold():
    run, sit = make().intervals()
    assert run[:3] == (0, 4, 'run') and run.mean == pytest.approx(.8)
    assert sit[:3] == (6, 7, CLASSES[1]) and sit.peak == pytest.approx(.8)
    assert [found.label for found in make().intervals(min_seconds=1.5)] == ['run']
    assert make().intervals(high=.95) == []
    assert make().intervals(high=[.9, .4], low=.05)[0][:2] == (0, 7)


@pytest.mark.parametrize('options, message', [
    (dict(high=1.5), 'high must be a number in'), (dict(high=[.1, .2, .3]), 'one for each of 2 labels'),
    (dict(low=.9), r'low=0.9 is above high=0.6'), (dict(min_seconds=-1), 'min_seconds'), (dict(high='x'), 'high must')])
def test_levels_out_of_range(options, message):
    with pytest.raises(InputError, match=message):
        make().intervals(**options)


def test_a_model_without_thresholds_needs_a_level():
    timeline = make(thresholds=None)
    with pytest.raises(InputError, match='has no thresholds.*high='):
        timeline.intervals()
    assert len(timeline.intervals(high=.6)) == 2 and timeline.as_dict()['intervals'] is None
    assert 'windows' in repr(timeline) and '<svg' in timeline._repr_html_()


@pytest.mark.parametrize('changes, message', [
    (dict(ends=np.array([4, 6.])), 'must be'), (dict(scores=np.zeros((3, 3))), 'must be'),
    (dict(thresholds=np.zeros(3)), '3 thresholds for 2'), (dict(starts=np.array([0, 5, 4.])), 'be no earlier'),
    (dict(ends=np.array([4, 2, 7.])), 'be no earlier'), (dict(scores=np.full((3, 2), np.nan)), 'finite')])
def test_parts_that_do_not_fit(changes, message):
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_plain_values():
    found = json.loads(json.dumps(make().as_dict(), allow_nan=False))
    assert found['windows'][1] == dict(start=2, end=6, scores=[.5, .1]) and found['thresholds'] == [.6, .5]
    assert found['file'] == 'a<i>.mp4' and found['duration'] == 8 and found['error'] is None
    assert found['intervals'][0]['label'] == 'run'


def test_it_shows_itself_with_all_text_escaped():
    timeline = make(error=BadVideoError('a<i>.mp4: breaks & ends'))
    assert repr(timeline).startswith('<Timeline a<i>.mp4: 3 windows of 0.0 to 7.0 s, 2 intervals: run 0.0 to 4.0 s')
    text = timeline._repr_html_()
    assert '<i>' not in text and '<b>sit' not in text and 'breaks &amp; ends' in text
    picture = ElementTree.fromstring(re.search('<svg.*</svg>', text)[0])
    shades = [part for part in picture if part.get('fill') == '#4a90d9']
    assert len(shades) == 8 and float(shades[0].get('x')) + float(shades[0].get('width')) == pytest.approx(320, abs=.2)


def test_a_long_one_stays_small():
    count = 20_000
    timeline = make(starts=np.arange(count), ends=np.arange(count) + 2., scores=np.full((count, 2), .9))
    assert len(timeline._repr_html_()) < 200_000


def test_one_without_windows():
    nothing = make(starts=np.zeros(0), ends=np.zeros(0), scores=np.zeros((0, 2)))
    assert nothing.intervals() == [] and np.isnan(nothing.at(0)).all()
    assert 'no windows' in nothing._repr_html_() and '0 windows' in repr(nothing)
