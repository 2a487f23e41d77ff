"""How well labels are found in time: Charades' per-frame protocol, and intervals by their overlap. Values in 0..1."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from kss_mm.errors import InputError
from kss_mm.evaluation.functional import average_precision, check_scores_and_targets

#: Times of each video at which ``Charades_v1_localize.m`` looks.
FRAMES = 25
#: Overlaps at which intervals count as found: those of THUMOS, then those that ActivityNet means over.
OVERLAPS = (.1, .2, .3, .4, .5)
ACTIVITYNET = tuple(round(.5 + .05 * step, 2) for step in range(10))


def frame_times(length: float, count: int = FRAMES) -> np.ndarray:
    """The times of a video, in seconds, that ``Charades_v1_localize.m`` evaluates: 0, 1/25, ... 24/25 of its length.

    >>> frame_times(50.)[[0, 1, 24]]
    array([ 0.,  2., 48.])
    """
    return np.arange(count) / count * length


def frame_targets(actions: Sequence[tuple[int, float, float]], times: ArrayLike, num_classes: int) -> np.ndarray:
    """Which labels are true at each time, (T, K) of 0 and 1: an action lasts from its start to its end, both included.

    >>> frame_targets([(1, 2., 4.)], [1.9, 2, 4, 4.1], 2)[:, 1]
    array([0, 1, 1, 0], dtype=int8)

    Args:
        actions: Label index, start and end in seconds.
    """
    times = np.asarray(times)
    targets = np.zeros((len(times), num_classes), np.int8)
    for label, start, end in actions:
        targets[(start <= times) & (times <= end), label] = 1
    return targets


def localization_map(scores: ArrayLike, targets: ArrayLike) -> tuple[float, float]:
    """Per-frame mAP and weighted AP by the protocol of ``Charades_v1_localize.m``.

    A class ranks the frames of all videos together; a frame without any label counts as one, and a missing prediction
    is a score of -inf. The official file gives no mAP where a class has no frame: here such a class is left out. Equal
    scores count as one step, where the official file takes them in the order of the videos.

    >>> localization_map([[.9, .1], [.8, .2], [.7, .3]], [[1, 0], [0, 1], [0, 0]])  # AP 1 and 1/2
    (0.75, 0.75)

    Returns:
        (mAP, weighted AP), the latter by the number of a class's frames; NaN where no class has a frame.

    Shapes:
        - **input:** scores, targets :math:`(VF, K)`, the frames of all videos
    """
    scores, targets = check_scores_and_targets(scores, targets)
    precisions, frames = average_precision(scores, targets), (targets == 1).sum(axis=0)
    present = frames > 0
    if not present.any():
        return float('nan'), float('nan')
    return float(precisions[present].mean()), float(np.average(precisions[present], weights=frames[present]))


def temporal_iou(interval: tuple[float, float], others: ArrayLike) -> np.ndarray:
    """Intersection over union of an interval with others: (2,), (N, 2) -> (N,).

    >>> temporal_iou((0, 2), [[1, 3], [0, 4], [5, 6]])
    array([0.33333333, 0.5       , 0.        ])
    """
    others = np.asarray(others, np.float64).reshape(-1, 2)
    shared = (np.minimum(interval[1], others[:, 1]) - np.maximum(interval[0], others[:, 0])).clip(0)
    return shared / (interval[1] - interval[0] + others[:, 1] - others[:, 0] - shared)


def interval_average_precision(truth: Mapping[str, ArrayLike], found: Sequence[tuple[str, float, float, float]],
                               overlaps: Sequence[float] = ACTIVITYNET) -> np.ndarray:
    """Interpolated AP of one label's intervals at each overlap, by the rules of ActivityNet's evaluation.

    From the highest score on, an interval is a hit if it overlaps with a true one of its video, that no higher one has
    taken, by at least so much; it takes the one that it overlaps with most.

    >>> interval_average_precision({'a': [(0, 4)], 'b': [(1, 2)]}, [('a', 0, 3, .9), ('b', 5, 6, .8)], (.5, .8))
    array([0.5, 0. ])

    Args:
        truth: Video -> its true intervals, (N, 2) seconds.
        found: Video, start, end and score of each that was found.

    Returns:
        (overlaps,); NaN where there is no true interval.
    """
    total = sum(len(intervals) for intervals in truth.values())
    if not total:
        return np.full(len(overlaps), np.nan)
    least = min(overlaps)
    hits = np.zeros((len(overlaps), len(found)), bool)
    taken = {video: np.zeros((len(overlaps), len(intervals)), bool) for video, intervals in truth.items()}
    # A stable order: of equal scores the later one comes first, as in MMAction2.
    ranked = [found[place] for place in np.argsort([score for *_, score in found], kind='stable')[::-1]]
    for rank, (video, start, end, _) in enumerate(ranked):
        if not len(truth.get(video, ())):
            continue
        shared = temporal_iou((start, end), truth[video])
        if shared.max() < least:
            continue
        for row, overlap in enumerate(overlaps):
            free = np.where(taken[video][row] | (shared < overlap), -1., shared)
            best = int(free.argmax())
            if free[best] >= 0:
                hits[row, rank] = taken[video][row, best] = True
    counts = hits.cumsum(axis=1)
    return np.array([_interpolated(row, total) for row in counts])


def _interpolated(hits: np.ndarray, total: int) -> float:
    """The area under the envelope of precision over recall, from how many hits there are up to each rank."""
    precision = np.maximum.accumulate((hits / np.arange(1, len(hits) + 1))[::-1])[::-1]
    gained = np.diff(hits, prepend=0)
    return float((gained * precision).sum() / total)


def interval_map(truth: Sequence[Mapping[str, ArrayLike]], found: Sequence[Sequence[tuple[str, float, float, float]]],
                 overlaps: Sequence[float] = ACTIVITYNET) -> np.ndarray:
    """The mean over classes of :func:`interval_average_precision`; classes without a true interval are left out.

    >>> interval_map([{'a': [(0, 4)]}, {}], [[('a', 0, 4, .9)], [('a', 0, 4, .8)]], (.5,))
    array([1.])

    Args:
        truth, found: One for each of K classes.

    Returns:
        (overlaps,); NaN where no class has one.
    """
    if len(truth) != len(found):
        raise InputError(f'intervals of {len(truth)} classes are true, and of {len(found)} found; they must agree')
    each = [interval_average_precision(*pair, overlaps) for pair in zip(truth, found)]
    each = np.array([row for row in each if not np.isnan(row).any()]).reshape(-1, len(overlaps))
    return each.mean(axis=0) if len(each) else np.full(len(overlaps), np.nan)
