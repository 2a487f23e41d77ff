import logging

import numpy as np
import pytest
import torch
from mmengine.logging import MMLogger

from kss_mm.errors import InputError
from kss_mm.evaluation import CharadesMetric, KSSMultiLabelMetric

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


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_a_softmax_is_named_in_the_log_and_sigmoids_are_not(metric, log):
    evaluate(metric(), LOGITS.sigmoid())
    assert not [record for record in log.records if record.levelno >= logging.WARNING]
    evaluate(metric(), LOGITS.softmax(dim=1))
    (record,) = [record for record in log.records if record.levelno >= logging.WARNING]
    assert 'average_clips="score"' in record.getMessage()


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_scores_of_each_clip_are_refused(metric):
    with pytest.raises(InputError, match=r'got shape \(2, 3\): set average_clips'):
        evaluate(metric(), LOGITS.unsqueeze(1).expand(-1, 2, -1))


def test_logits_give_the_figures_of_probabilities():
    with pytest.raises(InputError, match='set logits=True'):
        evaluate(KSSMultiLabelMetric(), LOGITS)
    logits = LOGITS.clamp(-9, 9)
    assert evaluate(KSSMultiLabelMetric(logits=True), logits) == pytest.approx(
        evaluate(KSSMultiLabelMetric(), logits.sigmoid()))
    assert evaluate(CharadesMetric(), logits) == pytest.approx(evaluate(CharadesMetric(), logits.sigmoid()))


def test_large_logits_keep_their_ranks():
    """Float32 probabilities of 20 and 30 are both 1."""
    figures = evaluate(KSSMultiLabelMetric(logits=True), LOGITS)
    assert figures['multi-label/mAP'] == pytest.approx(np.mean([(1 + 2 / 3) / 2, 1, 1]))


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_logits_of_other_scores_are_left_alone(metric):
    """MMPretrain's test-time augmentation averages scores and keeps the logits of the first view."""
    scores = LOGITS.clamp(-9, 9).sigmoid()
    made = metric()
    made.process({}, [dict(pred_score=score, pred_logit=-logit, gt_label=target)
                      for score, logit, target in zip(scores, LOGITS, TARGETS)])
    assert made.evaluate(3) == pytest.approx(evaluate(metric(), scores))


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_scores_beside_logits_that_are_no_numbers_are_an_error(metric):
    made = metric()
    nothing = torch.full((3,), torch.nan)
    made.process({}, [dict(pred_score=nothing, pred_logit=nothing, gt_label=target) for target in TARGETS])
    with pytest.raises(InputError, match='NaN'):
        made.evaluate(3)


def test_the_threshold_of_the_metric_is_one_of_probabilities():
    samples = [dict(pred_score=logit.sigmoid(), gt_label=target) for logit, target in zip(LOGITS.clamp(-9, 9), TARGETS)]
    for threshold in (0., .3, .5, .7):
        figures = []
        for beside in (False, True):
            made = KSSMultiLabelMetric(threshold=threshold)
            made.process({}, [dict(sample, **({'pred_logit': logit} if beside else {}))
                              for sample, logit in zip(samples, LOGITS.clamp(-9, 9))])
            figures.append(made.evaluate(3))
        assert figures[0] == pytest.approx(figures[1])
