"""Timelines against the truth: figures by hand, the prior beside them, a submission, and a planted timeline."""

import numpy as np
import pytest

from kss_mm.errors import BadVideoError, InputError
from kss_mm.evaluation.timelines import (
    by_name,
    evaluate_timelines,
    evaluation_lines,
    frames_of,
    write_localization_submission,
)
from kss_mm.evaluation.true_intervals import Truth
from kss_mm.timeline.timeline import Timeline

CLASSES = ['run', 'sit']


def make(name='a.mp4', scores=((.9, .1), (.2, .8)), **changes):
    parts = dict(source=name, classes=CLASSES, starts=np.array([0, 5.]), ends=np.array([5, 10.]),
                 scores=np.array(scores, np.float32), thresholds=np.full(2, .5, np.float32), duration=10.)
    return Timeline(**{**parts, **changes})


TRUTH = {'a': Truth(((0, 0, 5), (1, 6, 10)), None), 'b': Truth(((0, 5, 10),), 10.)}


def test_the_25_times_of_each_video():
    frames = frames_of(by_name([make(), make('x/b.avi', ends=np.array([5, 8.]))]), TRUTH, CLASSES)
    assert frames.names == ['a', 'b'] and frames.scores.shape == (2, 25, 2)
    # Times are 0, .4, .. 9.6: the run lasts to 5, which the times 4.8 and 5.2 enclose; the sitting from 6 on.
    assert frames.targets.sum(axis=1).tolist() == [[13, 10], [12, 0]]
    assert (frames.scores[0, :13, 0] == np.float32(.9)).all() and (frames.scores[0, 13:, 1] == np.float32(.8)).all()
    assert np.isinf(frames.scores[1, 21:]).all() and np.isfinite(frames.scores[1, :20]).all()


def test_figures_by_hand():
    figures = evaluate_timelines([make(), make('b.mp4', ((.1, .1), (.8, .1)))], TRUTH)
    # run: 13 frames at .9 and 12 at .8 are all true. sit: the 12 frames at .8 hold all 10 that are.
    assert figures['frame_mAP'] == pytest.approx((1 + 10 / 12) / 2)
    assert figures['frame_wAP'] == pytest.approx((25 + 10 * 10 / 12) / 35)
    assert figures['prior_frame_mAP'] == pytest.approx((25 / 50 + 10 / 50) / 2)
    # Intervals: run (0, 5) and (5, 10) exactly; sit (5, 10) for (6, 10), a tIoU of .8.
    assert figures['mAP@0.5'] == 1 and figures['mAP@0.5:0.95'] == pytest.approx((10 + 7) / 20)
    # The prior: two halves of each video for run (5 s), of which 2 of 4 are hits, a first and the last in any order;
    # and for sit (4 s), the one half that overlaps by .8.
    assert .25 <= figures['prior_mAP@0.5'] <= .75
    assert evaluate_timelines([make()], TRUTH, high=.95)['mAP@0.1'] == 0


def test_videos_without_timelines_count():
    lines = list(evaluation_lines([make(error=BadVideoError('a.mp4: breaks')), make('c.mp4')], TRUTH))
    assert lines[0] == '2 videos, 3 true intervals of 2 labels; 0 labels without any are left out of every mean'
    assert lines[1:4] == ["1 videos have no timeline, such as 'b': they count with scores of -inf",
                          "1 timelines are of videos whose truth is not known, such as 'c': left out",
                          "1 timelines end early, such as that of 'a': -inf from there on"]
    assert lines[5].startswith('per-frame mAP (Charades) ') and len(lines) == 13
    missing = evaluate_timelines([make()], TRUTH)
    assert missing['frame_mAP'] < evaluate_timelines([make()], dict(list(TRUTH.items())[:1]))['frame_mAP']


def test_the_submission_has_the_official_form(tmp_path):
    frames = frames_of(by_name([make()]), TRUTH, CLASSES)
    write_localization_submission(tmp_path / 'a.txt', frames)
    lines = [line.split() for line in (tmp_path / 'a.txt').read_text().splitlines()]
    assert [line[:2] for line in lines] == [['a', str(number)] for number in range(1, 26)]
    assert np.array([line[2:] for line in lines], float) == pytest.approx(frames.scores[0])
    with pytest.raises(InputError, match="the id 'a b' has blanks"):
        write_localization_submission(tmp_path / 'a.txt', frames._replace(names=['a b', 'c']))


def test_timelines_that_do_not_go_together():
    for given, message in (([], 'no timeline'), ([make(), make('x/a.avi')], 'of one name'),
                           ([make(), make('b.mp4', classes=['run', 'eat'])], 'other classes')):
        with pytest.raises(InputError, match=message):
            by_name(given)
    with pytest.raises(InputError, match='how long it is'):
        frames_of(by_name([make(duration=None)]), TRUTH, CLASSES)


def test_a_label_that_is_nowhere_true_is_left_out():
    figures = evaluate_timelines([make()], {'a': Truth(((0, 0, 5),), 10.)})
    assert figures['frame_mAP'] == figures['mAP@0.5'] == 1
    assert np.isnan(evaluate_timelines([make()], {'a': Truth((), 10.)})['frame_mAP'])
