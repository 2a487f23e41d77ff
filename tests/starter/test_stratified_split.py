"""Both parts see every label in its share, groups stay whole, and neither row order nor chance plays a part."""

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.starter.stratified_split import stratified_split


def draw(samples, labels, seed=0, per_sample=3):
    """Labels of a long tail, as real sets have."""
    rng = np.random.default_rng(seed)
    chances = 1 / np.arange(1, labels + 1)
    columns = rng.choice(labels, size=samples * per_sample, p=chances / chances.sum())
    matrix = sp.csr_matrix((np.ones(len(columns), np.int64), (np.repeat(np.arange(samples), per_sample), columns)),
                           (samples, labels))
    matrix.data[:] = 1
    return (matrix > 0).astype(np.int64), [f'{number}.mp4' for number in range(samples)]


def counts(matrix, chosen):
    return np.asarray(matrix[np.flatnonzero(chosen)].sum(axis=0)).ravel()


@pytest.mark.parametrize('seed', range(5))
def test_every_label_is_in_both_parts_in_its_share(seed):
    matrix, names = draw(400, 60, seed)
    val = stratified_split(matrix, names, val_share=0.2, seed=seed)
    total, validated = counts(matrix, np.ones(400, bool)), counts(matrix, val)
    assert abs(val.mean() - 0.2) < 0.03
    assert (validated[total > 1] > 0).all() and (validated[total > 1] < total[total > 1]).all()
    assert not validated[total == 1].any()  # what can be seen once is trained on
    rng = np.random.default_rng(seed)
    by_chance = np.mean([np.abs(counts(matrix, rng.permutation(400) < 80) - 0.2 * total).mean() for _ in range(20)])
    assert np.abs(validated - 0.2 * total).mean() < by_chance / 2


def test_what_is_seen_once_is_trained_on_also_beside_labels_that_validation_wants():
    matrix = sp.csr_matrix([[1, 1, 0], [0, 1, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]])
    for seed in range(10):
        val = stratified_split(matrix, list('abcde'), val_share=0.2, seed=seed)
        assert not val[0] and val[1]  # the second label has one sample beside it


def test_neither_row_order_nor_anything_but_the_seed_decides():
    matrix, names = draw(200, 20)
    val = stratified_split(matrix, names, val_share=0.25)
    order = np.random.default_rng(1).permutation(200)
    np.testing.assert_array_equal(stratified_split(matrix[order], [names[i] for i in order], val_share=0.25),
                                  val[order])
    assert (stratified_split(matrix, names, val_share=0.25, seed=1) != val).any()


def test_groups_stay_whole():
    matrix, _ = draw(300, 12)
    groups = [f'film {number % 40}' for number in range(300)]
    val = stratified_split(matrix, groups, val_share=0.2)
    parts = {}
    for group, part in zip(groups, val):
        assert parts.setdefault(group, part) == part
    assert 0.1 < val.mean() < 0.3


def test_unknown_labels_count_for_nothing():
    matrix, names = draw(100, 10)
    known = stratified_split(matrix, names, val_share=0.2)
    matrix = matrix.tolil()
    matrix[matrix.toarray() == 0] = -1
    np.testing.assert_array_equal(stratified_split(matrix.tocsr(), names, val_share=0.2), known)


@pytest.mark.parametrize('rows', [[[1], [1]], [[0, 0], [0, 0]], np.eye(5).tolist(), [[1, 1, 1], [1, 1, 1]]])
def test_no_part_is_empty(rows):
    val = stratified_split(sp.csr_matrix(np.array(rows, int)), [f'{i}' for i in range(len(rows))], val_share=0.2)
    assert 0 < val.sum() < len(rows)


def test_one_group_cannot_be_split():
    with pytest.raises(InputError, match='two groups of samples at least, and there is 1'):
        stratified_split(sp.csr_matrix(np.eye(3, dtype=int)), ['a'] * 3, val_share=0.2)
    with pytest.raises(InputError, match='val_share'):
        stratified_split(sp.csr_matrix(np.eye(3, dtype=int)), ['a', 'b', 'c'], val_share=1)
