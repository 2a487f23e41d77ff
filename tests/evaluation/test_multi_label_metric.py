import numpy as np
import pytest
import torch
from golden import figures, metric_inputs
from mmengine.registry import METRICS

from kss_mm.errors import InputError
from kss_mm.evaluation import KSSMultiLabelMetric, average_precision, precision_recall_f1, sample_average_precision

K = 6


def data(rows=11):
    rng = np.random.default_rng(0)
    return rng.normal(size=(rows, K)).astype('float32'), (rng.random((rows, K)) < .4).astype('float32')


def mmpretrain_sample(logits, target) -> dict:
    return dict(pred_score=torch.as_tensor(logits).sigmoid(), gt_label=torch.as_tensor(target).nonzero().flatten())


def mmaction2_sample(logits, target) -> dict:
    return dict(pred_score=torch.as_tensor(logits).sigmoid(), gt_label=torch.as_tensor(target))


def evaluate(samples, batch=4, **options) -> dict:
    metric = KSSMultiLabelMetric(**options)
    for start in range(0, len(samples), batch):
        metric.process({}, samples[start:start + batch])
    return metric.evaluate(len(samples))


@pytest.mark.parametrize('form', [mmpretrain_sample, mmaction2_sample])
@pytest.mark.parametrize('batch', [1, 4, 20])
def test_figures_are_those_of_the_functions(form, batch):
    logits, targets = data()
    targets[:, 2] = 0  # a class without positives is left out of the mean
    targets[3] = 0  # a sample without labels counts
    figures = evaluate([form(*row) for row in zip(logits, targets)], batch)
    expected = {'mAP': np.nanmean(average_precision(logits, targets)), **precision_recall_f1(logits, targets),
                'sample_mAP': sample_average_precision(logits, targets)}
    expected |= {f'{name}@3': value for name, value in precision_recall_f1(logits, targets, 3).items()}
    assert figures == pytest.approx({f'multi-label/{name}': value for name, value in expected.items()})


def test_goldens():
    golden = figures('metrics')
    found = evaluate([mmpretrain_sample(*row) for row in zip(*metric_inputs())], 64)
    expected = {'mAP': golden['mlgcn']['mAP'], 'sample_mAP': golden['kssnet']['sample_mAP'], **golden['mlgcn']['all'],
                **{f'{name}@3': value for name, value in golden['mlgcn']['top3'].items()}}
    assert found == pytest.approx({f'multi-label/{name}': value for name, value in expected.items()}, abs=1e-6)


def test_threshold_and_k():
    logits, targets = data()
    figures = evaluate([mmpretrain_sample(*row) for row in zip(logits, targets)], threshold=.7, topk=2)
    shifted = logits - np.log(.7 / .3)
    assert figures['multi-label/OF1'] == pytest.approx(precision_recall_f1(shifted, targets)['OF1'])
    assert figures['multi-label/CF1@2'] == pytest.approx(precision_recall_f1(shifted, targets, 2)['CF1'])


def test_host_scores_of_mixed_images_are_preferred_to_their_labels():
    sample = dict(pred_score=torch.tensor([.9, .1]), gt_label=torch.tensor([1]), gt_score=torch.tensor([1., 0.]))
    assert evaluate([sample])['multi-label/OR'] == 1


def test_scores_and_class_figures_are_written(tmp_path):
    logits, targets = data()
    samples = [dict(mmpretrain_sample(*row), img_path=f'{index}.jpg') for index, row in enumerate(zip(logits, targets))]
    evaluate(samples, dump=str(tmp_path / 'scores.npz'), class_csv=str(tmp_path / 'ap.csv'))
    with np.load(tmp_path / 'scores.npz') as file:
        assert file['ids'].tolist()[:2] == ['0.jpg', '1.jpg']
        np.testing.assert_array_equal(file['targets'], targets)
    assert len((tmp_path / 'ap.csv').read_text().splitlines()) == K + 1


@pytest.mark.parametrize(('label', 'message'), [
    (torch.tensor([0, 1, 1]), 'must be floating-point'), (torch.tensor([3]), r'0\.\.2'),
    (torch.tensor([1., 0.]), '3 zeros and ones'), (torch.tensor([1., .5, 0.]), '3 zeros and ones')])
def test_other_forms_of_labels_are_refused(label, message):
    with pytest.raises(InputError, match=message):
        evaluate([dict(pred_score=torch.rand(3), gt_label=label)])


def test_a_score_that_is_no_number_is_an_error():
    with pytest.raises(InputError, match='sample 0, label 1 is NaN'):
        evaluate([dict(pred_score=torch.tensor([.5, float('nan')]), gt_label=torch.tensor([0]))])


@pytest.mark.parametrize('options', [dict(threshold=2.), dict(topk=0)])
def test_mistakes_are_named(options):
    with pytest.raises(InputError, match=next(iter(options))):
        METRICS.build(dict(type='kss_mm.KSSMultiLabelMetric', **options))


def test_the_old_name_is_the_same_metric():
    from kss_mm.evaluation import MultiLabelMetrics
    assert MultiLabelMetrics is KSSMultiLabelMetric
    assert type(METRICS.build(dict(type='kss_mm.MultiLabelMetrics', topk=2))) is KSSMultiLabelMetric


def _one_of_two(rank: int, folder: str) -> None:
    """A process that evaluates every second sample; DefaultSampler repeats one where they do not come out even."""
    import torch.distributed as dist

    dist.init_process_group('gloo', init_method=f'file://{folder}/rendezvous', rank=rank, world_size=2)
    samples = [mmpretrain_sample(*row) for row in zip(*data())]
    metric = KSSMultiLabelMetric()
    metric.process({}, (samples + samples[:1])[rank::2])
    torch.save(metric.evaluate(len(samples)), f'{folder}/{rank}.pth')
    dist.destroy_process_group()


def test_two_processes_report_the_figures_of_one(context, tmp_path):
    both = [context.Process(target=_one_of_two, args=(rank, str(tmp_path))) for rank in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    assert [process.exitcode for process in both] == [0, 0]
    expected = evaluate([mmpretrain_sample(*row) for row in zip(*data())])
    for rank in range(2):
        assert torch.load(tmp_path / f'{rank}.pth') == pytest.approx(expected)
