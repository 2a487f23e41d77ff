import numpy as np
import pytest
import torch

from kss_mm.evaluation import CharadesMetric, charades_map


def samples(scores, targets):
    return [dict(pred_score=torch.as_tensor(s), gt_label=torch.as_tensor(t)) for s, t in zip(scores, targets)]


@pytest.mark.parametrize('batch', [1, 3, 10])
def test_collects_batches_of_any_size(batch):
    rng = np.random.default_rng(0)
    scores, targets = rng.random((10, 4)).astype('float32'), (rng.random((10, 4)) < .4).astype('float32')
    metric = CharadesMetric()
    data = samples(scores, targets)
    for start in range(0, 10, batch):
        metric.process({}, data[start:start + batch])
    result = metric.evaluate(10)
    mean, weighted = charades_map(scores, targets)
    assert result['charades/mAP'] == pytest.approx(mean) and result['charades/wAP'] == pytest.approx(weighted)


def test_prior_is_the_mean_share_of_positives():
    metric = CharadesMetric()
    metric.process({}, samples(torch.rand(4, 2), torch.tensor([[1, 0], [1, 1], [1, 0], [0, 1]])))
    assert metric.evaluate(4)['charades/prior_mAP'] == pytest.approx((3 / 4 + 2 / 4) / 2)
