from types import SimpleNamespace

import pytest
import torch

from kss_mm.engine import SingleLabelMetricHook
from kss_mm.errors import InputError
from kss_mm.evaluation import KSSMultiLabelMetric


def metric(name: str, **options):
    host, _, kind = name.partition('.')
    pytest.importorskip(host)
    return getattr(__import__(f'{host}.evaluation', fromlist=[kind]), kind)(**options)


def evaluate(loop: str, metrics: list, *labels) -> None:
    samples = [SimpleNamespace(gt_label=torch.tensor(label)) for label in labels]
    runner = SimpleNamespace(**{f'{loop}_loop': SimpleNamespace(evaluator=SimpleNamespace(metrics=metrics))})
    getattr(SingleLabelMetricHook(), f'before_{loop}_iter')(runner, 0, dict(inputs=None, data_samples=samples))


@pytest.mark.parametrize('loop', ['val', 'test'])
@pytest.mark.parametrize(('name', 'labels'), [
    ('mmaction.AccMetric', ([0., 1., 1.],)), ('mmpretrain.Accuracy', ([0], [1, 2])),
    ('mmpretrain.SingleLabelMetric', ([0], []))])
def test_accuracy_of_several_labels_is_refused_with_the_remedy(loop, name, labels):
    with pytest.raises(InputError, match='kss_mm.KSSMultiLabelMetric.*kss_mm.CharadesMetric') as error:
        evaluate(loop, [KSSMultiLabelMetric(), metric(name)], *labels)
    assert name.partition('.')[2] in str(error.value)


@pytest.mark.parametrize(('name', 'options', 'labels'), [
    ('mmaction.AccMetric', {}, ([2], [0])), ('mmpretrain.Accuracy', {}, ([2], [0])),
    ('mmaction.AccMetric', dict(metric_list=('mean_average_precision',)), ([0., 1., 1.],)),
    ('mmpretrain.AveragePrecision', {}, ([0, 1],))])
def test_metrics_that_fit_pass(name, options, labels):
    evaluate('test', [metric(name, **options)], *labels)
