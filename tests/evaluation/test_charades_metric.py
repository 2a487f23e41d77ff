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


def test_a_missing_video_counts_without_a_prediction(tmp_path):
    scores, targets = torch.tensor([[.9], [.5]]), torch.tensor([[1.], [0.]])
    metric = CharadesMetric(dump=str(tmp_path / 'scores.npz'))
    metric.dataset_meta = dict(classes=('a',), missing={'LOST1': [0]})
    metric.process({}, samples(scores, targets))
    result = metric.evaluate(2)
    # Without a label the second video does not count; the missing one ranks behind the first: both are hits.
    assert result['charades/mAP'] == 1.
    metric.process({}, samples(scores, torch.tensor([[0.], [1.]])))
    metric.dataset_meta['missing'] = {'LOST1': [0], 'LOST2': []}
    assert metric.evaluate(2)['charades/mAP'] == 1.
    from kss_mm.evaluation.score_files import load_scores

    content = load_scores(tmp_path / 'scores.npz')
    assert content.ids[-2:] == ['LOST1', 'LOST2'] and np.isneginf(content.scores[-1]).all()


def test_a_missing_video_lowers_the_map_it_should():
    metric = CharadesMetric()
    metric.dataset_meta = dict(classes=('a', 'b'), missing={'LOST': [0]})
    metric.process({}, samples(torch.tensor([[.9, .1], [.5, .8]]), torch.tensor([[1., 0.], [0., 1.]])))
    # Class a: hit at rank 1, then the second video, then the missing one at rank 3: (1 + 2/3) / 2. Class b: 1.
    assert metric.evaluate(2)['charades/mAP'] == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
