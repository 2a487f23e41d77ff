"""Refusal of single-label metrics on multi-label data, where they fail or measure something else."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.errors import InputError
from kss_mm.registry import HOOKS

# The hosts' metrics that count right and wrong single answers. AccMetric has others beside these two.
_METRICS = ('AccMetric', 'Accuracy', 'SingleLabelMetric', 'ConfusionMatrix')
_OF_ACC_METRIC = ('top_k_accuracy', 'mean_class_accuracy')


@HOOKS.register_module()
class SingleLabelMetricHook(Hook):
    """Stop an evaluation at the first sample without exactly one label, where a metric needs one label each."""

    def before_val_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        _check(runner.val_loop.evaluator.metrics, data_batch)

    def before_test_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        _check(runner.test_loop.evaluator.metrics, data_batch)


def _check(metrics: list, data_batch: object) -> None:
    wrong = [type(metric).__name__ for metric in metrics if _counts_single_answers(metric)]
    samples = data_batch.get('data_samples') if wrong and isinstance(data_batch, dict) else None
    for sample in samples or ():
        label = getattr(sample, 'gt_label', None)
        if label is not None and label.numel() != 1:
            raise InputError(f'{wrong[0]} is a metric of single-label data, and these samples are multi-label (one has '
                             f'a label of {label.numel()} entries): set the evaluator to '
                             "dict(type='kss_mm.KSSMultiLabelMetric'), or for videos of Charades to "
                             "dict(type='kss_mm.CharadesMetric')")


def _counts_single_answers(metric: object) -> bool:
    kind = type(metric)
    if kind.__name__ not in _METRICS or not kind.__module__.startswith(('mmaction.', 'mmpretrain.')):
        return False
    return kind.__name__ != 'AccMetric' or bool(set(metric.metrics) & set(_OF_ACC_METRIC))
