import logging

import numpy as np
import pytest
import torch
from mmengine.logging import MMLogger

from kss_mm.errors import InputError
from kss_mm.evaluation import CharadesMetric, MultiLabelMetrics

LOGITS = torch.tensor([[2., -1., 30.], [0., 1., 20.], [-3., .5, -40.]])
TARGETS = torch.tensor([[1., 0., 1.], [0., 1., 0.], [1., 0., 0.]])


def evaluate(metric, scores) -> dict:
    metric.process({}, [dict(pred_score=score, gt_label=target) for score, target in zip(scores, TARGETS)])
    return metric.evaluate(len(scores))


@pytest.fixture
def log(caplog):
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.mark.parametrize('metric', [CharadesMetric, MultiLabelMetrics])
def test_a_softmax_is_named_in_the_log_and_sigmoids_are_not(metric, log):
    evaluate(metric(), LOGITS.sigmoid())
    assert not [record for record in log.records if record.levelno >= logging.WARNING]
    evaluate(metric(), LOGITS.softmax(dim=1))
    (record,) = [record for record in log.records if record.levelno >= logging.WARNING]
    assert 'average_clips="score"' in record.getMessage()


@pytest.mark.parametrize('metric', [CharadesMetric, MultiLabelMetrics])
def test_scores_of_each_clip_are_refused(metric):
    with pytest.raises(InputError, match=r'got shape \(2, 3\): set average_clips'):
        evaluate(metric(), LOGITS.unsqueeze(1).expand(-1, 2, -1))


def test_logits_give_the_figures_of_probabilities():
    with pytest.raises(InputError, match='set logits=True'):
        evaluate(MultiLabelMetrics(), LOGITS)
    logits = LOGITS.clamp(-9, 9)
    assert evaluate(MultiLabelMetrics(logits=True), logits) == pytest.approx(
        evaluate(MultiLabelMetrics(), logits.sigmoid()))
    assert evaluate(CharadesMetric(), logits) == pytest.approx(evaluate(CharadesMetric(), logits.sigmoid()))


def test_large_logits_keep_their_ranks():
    """Float32 probabilities of 20 and 30 are both 1."""
    figures = evaluate(MultiLabelMetrics(logits=True), LOGITS)
    assert figures['multi-label/mAP'] == pytest.approx(np.mean([(1 + 2 / 3) / 2, 1, 1]))
