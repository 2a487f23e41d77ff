"""Pairs of labels counted as the definitions say, sample by sample."""

import numpy as np

from kss_mm.evaluation.label_pairs import label_pairs


def test_counts_are_those_of_the_definitions():
    rng = np.random.default_rng(0)
    targets = rng.integers(-1, 2, (50, 4))
    predicted = rng.random((50, 4)) < .5
    pairs = label_pairs(predicted, targets)
    for i in range(4):
        for j in range(4):
            rows = [(p[i], p[j], t[i], t[j]) for p, t in zip(predicted, targets)]
            assert pairs.together[i, j] == sum(a == b == 1 for _, _, a, b in rows)
            assert pairs.predicted[i, j] == sum(p and q and a >= 0 and b >= 0 for p, q, a, b in rows)
            assert pairs.confused[i, j] == sum(a == 1 and not p and b == 0 and q for p, q, a, b in rows)
            assert pairs.missed[i, j] == sum(a == b == 1 and not p and not q for p, q, a, b in rows)
    wrong = (predicted & (targets == 0)).sum(axis=0)
    np.testing.assert_allclose(pairs.by_chance[0], pairs.missed[0, 0] * wrong / 50)
