import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.evaluation.functional import average_precision
from kss_mm.evaluation.zero_shot import top_k_f1, unseen_indices, zero_shot_figures


def test_f1_of_the_highest_labels_by_hand():
    scores = [[.9, .8, .7, .1], [.1, .2, .9, .8], [.5, .4, .3, .2]]
    targets = [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]]
    # The third sample has none of the labels and counts for nothing: 2 of 4 given are right, 2 of 4 are found.
    assert top_k_f1(scores, targets, 2) == .5
    # Three each: labels 0, 1, 2 and 2, 3, 1: 2 + 2 of 6 are right, 4 of 4 found.
    assert top_k_f1(scores, targets, 3) == pytest.approx(2 * (4 / 6) / (1 + 4 / 6))


def test_unknown_labels_are_neither_given_nor_missed():
    assert top_k_f1([[.9, .8, .1]], [[-1, 1, 0]], 1) == 1
    assert np.isnan(top_k_f1([[.9, .8]], [[0, -1]], 1))


def test_figures_are_of_the_parts():
    rng = np.random.default_rng(0)
    scores, targets = rng.random((40, 9)), (rng.random((40, 9)) < .3).astype(int)
    figures = zero_shot_figures(scores, targets, [1, 4, 8])
    precisions = average_precision(scores, targets)
    seen = [0, 2, 3, 5, 6, 7]
    assert figures['ZS_mAP'] == pytest.approx(precisions[[1, 4, 8]].mean())
    assert figures['seen_mAP'] == pytest.approx(precisions[seen].mean())
    assert figures['GZS_mAP'] == pytest.approx(precisions.mean())
    assert figures['ZS_F1@3'] == top_k_f1(scores[:, [1, 4, 8]], targets[:, [1, 4, 8]], 3)
    assert figures['GZS_F1@5'] == top_k_f1(scores, targets, 5)


def test_a_perfect_ranking_is_one():
    targets = np.eye(6, dtype=int)
    figures = zero_shot_figures(targets + 0., targets, [5])
    assert figures['ZS_mAP'] == figures['seen_mAP'] == figures['GZS_mAP'] == 1


def test_unseen_names_are_found_or_told():
    assert unseen_indices(['c', 'a'], ['a', 'b', 'c']) == [2, 0]
    with pytest.raises(InputError, match="'gren', which is no class.*did you mean 'green'"):
        unseen_indices(['gren'], ['red', 'green'])
    with pytest.raises(InputError, match='k must be'):
        top_k_f1([[.1]], [[1]], 0)
