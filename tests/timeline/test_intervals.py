"""Scores of overlapping windows as one score per time, and hysteresis, by hand."""

import numpy as np
import pytest

from kss_mm.timeline.intervals import find_intervals, find_runs, scores_over_time


def test_overlapping_windows_are_averaged_and_a_gap_has_no_score():
    borders, values = scores_over_time(np.array([0, 1, 2, 6.]), np.array([3, 4, 5, 7.]),
                                       np.array([[.3, 0], [.6, 0], [.9, 0], [.1, 1]]))
    assert borders.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert values[:, 0] == pytest.approx([.3, .45, .6, .75, .9, np.nan, .1], nan_ok=True)


def test_borders_that_differ_by_rounding_are_one():
    starts = np.arange(30) * .1
    borders, values = scores_over_time(starts, starts + .3, np.zeros((30, 1)))
    assert len(borders) == 33 and np.isfinite(values).all()


def test_a_time_of_many_equal_windows_is_theirs():
    borders, values = scores_over_time(np.zeros(3), np.ones(3), np.array([[.1], [.2], [.6]]))
    assert borders.tolist() == [0, 1] and values[0, 0] == pytest.approx(.3)


@pytest.mark.parametrize('values, found', [
    ([.6, .6, .6], []),  # never high
    ([.6, .7, .5, .49], [(1, 3)]),  # what is low before it is no part of it
    ([.7, .5, .6, .7, .1, .6, .9], [(0, 4), (6, 7)]),
    ([.9, np.nan, .6], [(0, 1)]),
    ([], [])])
def test_an_interval_begins_high_and_goes_on_low(values, found):
    assert find_runs(np.array(values), .5, .7) == found


def test_the_mean_is_over_time():
    (found,) = find_intervals(np.array([0, 1, 4.]), np.array([1, .6]), 'a', .5, .9)
    assert found == (0, 4, 'a', pytest.approx(.7), 1)


@pytest.mark.parametrize('seed', range(5))
def test_runs_are_those_of_a_loop(seed):
    values = np.random.default_rng(seed).random(300)
    expected, begin = [], None
    for index, value in enumerate([*values, 0]):
        if begin is None and value >= .8:
            begin = index
        elif begin is not None and value < .4:
            expected.append((begin, index))
            begin = None
    assert find_runs(values, .4, .8) == expected
