"""Which labels are drawn, in which order, and their scores at a time."""

import numpy as np
import pytest

from kss_mm.drawing.track import track_of
from kss_mm.errors import BadVideoError, InputError
from kss_mm.inference.prediction import Prediction
from kss_mm.timeline.timeline import Timeline

CLASSES = ['a', 'b', 'c', 'd']


def timeline(thresholds=(.5, .2, .9, .9)):
    scores = np.array([[.1, .3, .8, .0], [.6, .1, .7, .1]], np.float32)
    return Timeline('v.mp4', CLASSES, np.array([0., 2.]), np.array([2., 4.]), scores,
                    None if thresholds is None else np.array(thresholds, np.float32), 5.)


def test_predicted_labels_come_first_and_stand_by_their_peak():
    track = track_of(timeline(), 3)
    assert list(track.names) == ['c', 'a', 'b']  # c is the likeliest of those that are not predicted
    assert track.predicted.tolist() == [[False, False, True], [False, True, False]] and track.duration == 5
    assert list(track_of(timeline(), 2).names) == ['a', 'b']
    assert np.allclose(track.thresholds, [.9, .5, .2])
    assert list(track_of(timeline(None), 2).names) == ['c', 'a'] and not track_of(timeline(None)).predicted.any()


def test_scores_at_a_time():
    track = track_of(timeline(), 3)
    assert track.at(1.9)[0].tolist() == pytest.approx([.8, .1, .3]) and track.at(2)[0].tolist() == pytest.approx(
        [.7, .6, .1]) and track.at(4)[0][0] == pytest.approx(.7)
    assert np.isnan(track.at(4.5)[0]).all() and not track.at(4.5)[1].any()  # no window is there
    scores, predicted = track.at()
    assert scores.tolist() == pytest.approx([.8, .6, .3]) and predicted.tolist() == [False, True, True]


def test_a_prediction_stays_all_the_time():
    found = Prediction('v.mp4', CLASSES, np.array([.1, .4, .3, .2], np.float32), [0], np.full(4, .1, np.float32))
    track = track_of(found, 2)
    assert list(track.names) == ['b', 'a'] and track.duration is None
    assert track.at(0)[1].tolist() == track.at(1e6)[1].tolist() == [False, True]  # as the model decides


def test_what_cannot_be_drawn():
    with pytest.raises(BadVideoError, match='is damaged'):
        track_of(Prediction('v.mp4', error=BadVideoError('v.mp4: is damaged')))
    with pytest.raises(InputError, match='labels must be'):
        track_of(timeline(), 0)
    empty = Timeline('v.mp4', CLASSES, np.zeros(0), np.zeros(0), np.zeros((0, 4)), None, 5.)
    with pytest.raises(InputError, match='v.mp4: its timeline has no window'):
        track_of(empty)
