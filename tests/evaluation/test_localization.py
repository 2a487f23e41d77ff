"""Per-frame mAP as ``Charades_v1_localize.m`` computes it, and interval mAP as MMAction2 does."""

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.evaluation.localization import (
    ACTIVITYNET,
    OVERLAPS,
    frame_targets,
    frame_times,
    interval_average_precision,
    interval_map,
    localization_map,
    temporal_iou,
)


def official(scores: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """``THUMOSeventclspr`` of the official file, line by line; scores without ties."""
    precisions = []
    for label in range(scores.shape[1]):
        hits = total = 0
        for rank, frame in enumerate(np.argsort(-scores[:, label]), 1):
            if targets[frame, label]:
                hits += 1
                total += hits / rank
        precisions.append(total / targets[:, label].sum())
    counts = targets.sum(axis=0)
    return np.mean(precisions), (np.array(precisions) * counts).sum() / counts.sum()


def test_the_official_times():
    assert frame_times(25.) == pytest.approx(np.arange(25)) and frame_times(30.)[-1] == pytest.approx(28.8)


def test_ends_belong_to_actions_and_frames_without_labels_count():
    times = frame_times(25.)
    targets = frame_targets([(0, 0, 2), (0, 10, 10.5), (1, 24, 30), (2, 25, 30)], times, 3)
    assert np.flatnonzero(targets[:, 0]).tolist() == [0, 1, 2, 10] and targets.sum(axis=0).tolist() == [4, 1, 0]
    # By hand: label 0 at ranks 2 and 3 of 4 frames, one of which has no label at all; label 1 at rank 1.
    scores = np.array([[.9, .1], [.8, .2], [.7, .9], [.6, .3]])
    assert localization_map(scores, [[0, 0], [1, 0], [1, 1], [0, 0]]) == pytest.approx(
        (((1 / 2 + 2 / 3) / 2 + 1) / 2, (1 / 2 + 2 / 3 + 1) / 3))
    # Without the first frame, which has no label, it would be (1 + 1) / 2.


@pytest.mark.parametrize('seed', range(5))
def test_it_is_the_official_figure(seed):
    rng = np.random.default_rng(seed)
    scores, targets = rng.random((200, 6)), (rng.random((200, 6)) < .1).astype(int)
    targets[0] = 1
    scores[:3] = -np.inf  # missing predictions
    scores[0, 0] = 1
    assert localization_map(scores[3:], targets[3:]) == pytest.approx(official(scores[3:], targets[3:]))


def test_missing_predictions_and_classes_without_frames():
    scores, targets = np.array([[.5, .5], [-np.inf, -np.inf]]), np.array([[0, 0], [1, 0]])
    assert localization_map(scores, targets) == (.5, .5)
    assert np.isnan(localization_map(scores, targets * 0)).all()


def test_overlaps_by_hand():
    truth = {'a': [(0, 4), (6, 8)], 'b': [(0, 2)]}
    found = [('a', 0, 3, .9), ('a', 1, 4, .8), ('a', 6, 9, .7), ('c', 0, 1, .6), ('b', 0, 2, .5)]
    # At .5: hit, (the first is taken) none, hit, none, hit: precisions 1, 1/2, 2/3, 1/2, 3/5; envelope 1, 2/3, 3/5.
    assert interval_average_precision(truth, found, (.5,)) == pytest.approx([(1 + 2 / 3 + 3 / 5) / 3])
    # At .7: hit, none, none (2/3), none, hit: 1, then 2/5.
    assert interval_average_precision(truth, found, (.7,)) == pytest.approx([(1 + 2 / 5) / 3])
    assert interval_average_precision(truth, [], (.5,)) == [0] and np.isnan(interval_average_precision({}, found)).all()


def test_an_interval_that_is_taken_leaves_the_next_best():
    truth = {'a': [(0, 4), (1, 5)]}
    assert interval_average_precision(truth, [('a', 0, 4, .9), ('a', 0, 4, .8)], (.5,)) == [1]


@pytest.mark.parametrize('seed', range(6))
def test_it_is_mmaction2_s_figure(seed):
    accuracy = pytest.importorskip('mmaction.evaluation.functional.accuracy')
    rng = np.random.default_rng(seed)
    videos = [f'video {index}' for index in range(8)]

    def intervals(count):
        starts = rng.uniform(0, 50, count)
        return np.stack([starts, starts + rng.uniform(2, 30, count)], axis=1)

    truth = {video: intervals(rng.integers(1, 4)) for video in videos[:-1]}
    found = [(rng.choice(videos), *pair, score) for pair, score in zip(intervals(60), rng.permutation(60) / 60)]
    found += [(video, *(pair + rng.normal(0, 1, 2)), score) for video in truth for pair in truth[video]
              for score in rng.random(1)]
    overlaps = np.array([*OVERLAPS, *ACTIVITYNET])
    theirs = accuracy.average_precision_at_temporal_iou(
        truth, np.array([(video, 0, start, end, score) for video, start, end, score in found], dtype=object), overlaps)
    ours = interval_average_precision(truth, found, overlaps)
    assert ours == pytest.approx(theirs, abs=1e-6) and 0 < ours[0] and (np.diff(ours[:5]) <= 0).all()


def test_the_mean_over_classes():
    truth, found = [{'a': [(0, 4)]}, {'a': [(0, 4)]}, {}], [[('a', 0, 4, .9)], [], [('a', 0, 4, .9)]]
    assert interval_map(truth, found, (.5, .9)).tolist() == [.5, .5]
    assert np.isnan(interval_map([{}], [[]])).all()
    with pytest.raises(InputError, match='must agree'):
        interval_map([{}], [])


def test_iou_of_points_and_distant_ones():
    assert temporal_iou((0, 1), [[0, 1], [1, 2], [.25, .75]]).tolist() == [1, 0, .5]
