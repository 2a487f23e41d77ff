"""Which windows a video has, by hand."""

from itertools import islice

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.inference.window_plan import check_window, plan_stream, plan_windows


def spans(times, duration, window, stride):
    return [tuple(span) for span in plan_windows(times, duration, window, stride)]


def test_windows_that_overlap_and_a_last_one_that_ends_with_the_video():
    times = np.arange(25) / 10
    assert spans(times, 2.5, 1, .5) == [(0, 1, 0, 10), (.5, 1.5, 5, 15), (1, 2, 10, 20), (1.5, 2.5, 15, 25)]
    assert spans(times, 2.5, 1, 1) == [(0, 1, 0, 10), (1, 2, 10, 20), (1.5, 2.5, 15, 25)]
    assert spans(times, 2.5, 2.5, 1) == spans(times, 2.5, 9, 1) == [(0, 2.5, 0, 25)]


def test_a_rest_without_a_frame_is_no_window():
    times = np.arange(300) / 30 * 1.001
    assert spans(times, 10.01, 5, 5) == [(0, 5, 0, 150), (5, 10, 150, 300)]
    assert spans(times, 10.01, 4, 4)[-1] == (6.01, 10.01, 181, 300)


def test_times_that_a_container_rounds():
    exact = np.arange(300) / 29.97
    rounded = np.round(exact, 3)
    assert [span[2:] for span in spans(exact, 10.01, 1, .5)] == [span[2:] for span in spans(rounded, 10.01, 1, .5)]


def test_where_no_frame_begins_the_one_that_is_shown_counts():
    times = [0, 1, 1.1, 5, 5.5]
    assert spans(times, 6, 1, 1) == [(0, 1, 0, 1), (1, 2, 1, 3), (2, 3, 2, 3), (3, 4, 2, 3), (4, 5, 2, 3), (5, 6, 3, 5)]
    assert spans([0.], .04, .001, .001)[5] == (.005, .006, 0, 1)


@pytest.mark.parametrize('fps', [12, 25, 29.97, 59.94])
def test_a_stream_has_the_windows_of_its_file(fps):
    times = np.arange(1000) / fps
    whole = spans(times, 1000 / fps, 2, .7)[:-1]
    assert [tuple(span) for span in islice(plan_stream(fps, 2, .7), len(whole))] == whole


@pytest.mark.parametrize('window, stride, message', [
    (0, None, 'window must be a number >= 0.001, got 0'), (-1, None, 'window'), ('2', None, 'window'), (2, 0, 'stride'),
    (2, 2.5, r'stride must be a number in \[0.001, 2\], got 2.5'), (float('nan'), None, 'window'),
    (1e-9, None, 'window'), (2, 1e-9, 'stride')])
def test_seconds_out_of_their_ranges(window, stride, message):
    with pytest.raises(InputError, match=message):
        check_window(window, stride)
