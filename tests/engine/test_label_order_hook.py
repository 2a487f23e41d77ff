"""Runs of a model that records the labels it is given, from data sets of its own: no host, no image."""

import logging
import re

import numpy as np
import pytest
import torch
from mmengine.dataset import BaseDataset, ConcatDataset
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from kss_mm.datasets.label_counts import label_counts
from kss_mm.engine import LabelOrderHook
from kss_mm.errors import InputError
from kss_mm.graph.label_counts import LabelCounts
from kss_mm.models.graph_labels import GraphLabels

CLASSES = ('a', 'b', 'c')
LABELS = ['a', 'ab', 'c', 'cb', 'c', 'c']  # by name, of six samples: a in 2, b in 2, c in 4


class Samples(BaseDataset):
    def __init__(self, names, named=True, labels=LABELS):
        self.names, self.labels = names, labels
        super().__init__(metainfo=dict(classes=tuple(names)) if named else None)

    def load_data_list(self):
        return [dict(number=number) for number in range(len(self.labels))]

    def get_data_info(self, idx):
        labels = self.labels[super().get_data_info(idx)['number']]
        return dict(gt_label=torch.tensor([float(name in labels) for name in self.names]))


class Recorder(BaseModel):
    """Keeps the labels of each mode, by the names that its classes have."""

    def __init__(self, graph=None, counts=None, total=6, num_classes=3):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.head = nn.Module()
        self.head.num_classes = num_classes
        if graph is not None:
            self.neck = nn.Module()
            counts = None if counts is None else LabelCounts(np.array(counts), total)
            self.neck.graph_labels = GraphLabels(graph, counts)
        self.seen = dict(train=[], eval=[])

    def forward(self, *args, **kwargs):
        raise NotImplementedError

    def train_step(self, data, optim_wrapper):
        self.seen['train'] += [row.tolist() for row in data['gt_label']]
        return dict(loss=self.weight.sum())

    def val_step(self, data):
        self.seen['eval'] += [row.tolist() for row in data['gt_label']]
        return [dict() for _ in data['gt_label']]

    test_step = val_step

    def labels(self, mode, classes):
        return sorted(''.join(sorted(name for name, value in zip(classes, row) if value)) for row in self.seen[mode])


class Names(BaseMetric):
    """Reports nothing but keeps what it was told about the data set."""

    def process(self, data_batch, data_samples):
        self.results += data_samples

    def compute_metrics(self, results):
        return dict(count=len(results))


def wanted(labels=LABELS, without=''):
    return sorted(''.join(sorted(set(label) - set(without))) for label in labels)


def build(tmp_path, model, *, train=None, val=None, test=None, workers=0, by='epoch', load_from=None, resume=False):
    def loader(dataset):
        return dataset and dict(dataset=dataset, batch_size=2, num_workers=workers, persistent_workers=workers > 0,
                                sampler=dict(type='DefaultSampler', shuffle=False),
                                collate_fn=dict(type='pseudo_collate'))

    loops = {}
    if train:
        cfg = dict(by_epoch=True, max_epochs=1) if by == 'epoch' else dict(by_epoch=False, max_iters=3, val_interval=3)
        loops |= dict(train_dataloader=loader(train), train_cfg=cfg,
                      optim_wrapper=dict(optimizer=dict(type='SGD', lr=.1)))
    for name, dataset in (('val', val), ('test', test)):
        if dataset:
            loops |= {f'{name}_dataloader': loader(dataset), f'{name}_evaluator': [Names()], f'{name}_cfg': {}}
    return Runner(model, str(tmp_path), **loops, custom_hooks=[LabelOrderHook()], load_from=load_from, resume=resume,
                  default_hooks=dict(checkpoint=None, logger=None), experiment_name=f'{tmp_path.name}{id(model)}')


def checkpoint(tmp_path, classes, **meta):
    path = tmp_path / 'start.pth'
    dataset_meta = {} if classes is None else dict(classes=list(classes))
    torch.save(dict(state_dict=Recorder().state_dict(), meta=dict(dataset_meta=dataset_meta, **meta)), path)
    return str(path)


@pytest.fixture
def log(caplog, monkeypatch):
    """Text of the warnings; MMEngine's loggers do not pass them on."""
    lines = []
    for module in ('model_classes', 'align_loop', 'check_counts'):
        monkeypatch.setattr(f'kss_mm.engine.{module}.print_log',
                            lambda text, logger, level: lines.append((level, text)))
    return lambda: [text for level, text in lines if level == logging.WARNING]


@pytest.mark.parametrize(('graph', 'train', 'order'), [
    (None, 'abc', 'abc'),  # the training set's
    ('bca', 'abc', 'bca'),  # the graph's
    ('abc', 'abc', 'abc'),
])
@pytest.mark.parametrize('val', ['abc', 'cab'])
def test_training_and_its_validation_have_the_order_of_the_model(tmp_path, graph, train, order, val, log):
    model = Recorder(graph and tuple(graph))
    runner = build(tmp_path, model, train=Samples(train), val=Samples(val))
    runner.train()
    assert model.labels('train', order) == model.labels('eval', order) == wanted()
    for meta in (runner.train_dataloader.dataset.metainfo, runner.val_evaluator.dataset_meta,
                 runner.val_evaluator.metrics[0].dataset_meta, runner.visualizer.dataset_meta):
        assert meta['classes'] == tuple(order)
    assert len(log()) == (train != order) + (val != order)


def test_the_graph_of_a_heads_queries_has_the_order_where_there_is_no_neck(tmp_path):
    model = Recorder()
    model.head.classifier = nn.Module()
    model.head.classifier.graph_labels = GraphLabels(tuple('bca'), None)
    build(tmp_path, model, train=Samples('abc'), val=Samples('cab')).train()
    assert model.labels('train', 'bca') == model.labels('eval', 'bca') == wanted()


@pytest.mark.parametrize('workers', [0, 1])
def test_loops_by_iterations_start_to_load_before_labels_are_mapped(tmp_path, workers):
    model = Recorder(tuple('bca'))
    build(tmp_path, model, train=Samples('abc'), val=Samples('cab'), by='iteration', workers=workers).train()
    assert model.labels('train', 'bca') == model.labels('eval', 'bca') == wanted()


@pytest.mark.parametrize('graph', [None, 'abc', 'cab'])
@pytest.mark.parametrize('loop', ['val', 'test'])
def test_evaluation_has_the_order_of_the_checkpoint(tmp_path, graph, loop, log):
    model = Recorder(graph and tuple(graph))
    runner = build(tmp_path, model, **{loop: Samples('bca')}, load_from=checkpoint(tmp_path, 'cab'))
    getattr(runner, loop)()
    assert model.labels('eval', 'cab') == wanted()
    (line,) = log()
    assert 'the checkpoint' in line and 'mapped by name' in line


def test_without_names_in_the_checkpoint_the_order_is_said_to_be_a_guess(tmp_path, log):
    model = Recorder()
    build(tmp_path, model, test=Samples('bca'), load_from=checkpoint(tmp_path, None)).test()
    assert model.labels('eval', 'bca') == wanted() and 'taken to be in the order of the data set' in log()[0]


def test_names_of_a_checkpoint_of_mmclassification(tmp_path):
    model = Recorder()
    build(tmp_path, model, test=Samples('bca'), load_from=checkpoint(tmp_path, None, CLASSES=list('cab'))).test()
    assert model.labels('eval', 'cab') == wanted()


def test_a_test_set_that_lacks_a_class(tmp_path, log):
    model = Recorder()
    build(tmp_path, model, test=Samples('cb'), load_from=checkpoint(tmp_path, 'abc')).test()
    assert model.labels('eval', 'abc') == wanted(without='a')
    assert "lacks 1 of the 3" in log()[0]


def test_training_from_a_checkpoint_of_the_same_labels_takes_its_order(tmp_path):
    model = Recorder()
    runner = build(tmp_path, model, train=Samples('abc'), load_from=checkpoint(tmp_path, 'bca'))
    runner.train()
    assert model.labels('train', 'bca') == wanted()
    assert runner.train_dataloader.dataset.metainfo['classes'] == tuple('bca')


def test_training_from_a_checkpoint_of_other_labels_keeps_its_own_order(tmp_path):
    model = Recorder()
    build(tmp_path, model, train=Samples('abc'), load_from=checkpoint(tmp_path, 'xyz')).train()
    assert model.labels('train', 'abc') == wanted()


@pytest.mark.parametrize(('model', 'sets', 'classes', 'message'), [
    (dict(), dict(train='abc', val='abd'), None, r"validation set has 3 .*'d' is not one of the latter: .*CocoM"),
    (dict(), dict(train='abc', val='abcd'), None, "the training set 3 .*'d' is not one"),
    (dict(), dict(test='abd'), 'abc', "test set has 3 classes .*the checkpoint 3 .*'d' is not one"),
    (dict(graph=CLASSES), dict(train='abd'), None, "the label graph 3 .*'d' is not one.*build_label_graph"),
    (dict(graph=CLASSES), dict(train='ab'), None, "'c' is missing in the former"),
    (dict(graph=CLASSES), dict(test='abc'), 'abd', r"number 2 \(counted from 0\) is \['d'\], \['c'\].*trained with"),
    (dict(num_classes=4), dict(train='abc'), None, 'num_classes=4, but the training set has 3 classes'),
    (dict(num_classes=4), dict(test='abc'), 'abc', 'num_classes=4, but the checkpoint has 3 classes'),
])
def test_other_classes_are_an_error_before_anything_is_run(tmp_path, model, sets, classes, message):
    model = Recorder(**model)
    runner = build(tmp_path, model, **{name: Samples(names) for name, names in sets.items()},
                   load_from=classes and checkpoint(tmp_path, classes))
    with pytest.raises(InputError, match=message):
        runner.train() if 'train' in sets else runner.test()
    assert not model.seen['train'] and not model.seen['eval']


def test_a_run_is_not_resumed_with_a_graph_of_another_order(tmp_path):
    hook, runner = LabelOrderHook(), build(tmp_path, Recorder(tuple('bca')), train=Samples('abc'))
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    hook.after_load_checkpoint(runner, dict(meta=dict(dataset_meta=dict(classes=list('abc')))))
    runner._resume = True
    with pytest.raises(InputError, match='number 0 .*start a new run'):
        hook.before_train(runner)


def test_a_run_without_any_names_passes_but_for_its_number_of_labels(tmp_path):
    model = Recorder()
    build(tmp_path, model, train=Samples('abc', named=False), val=Samples('abc', named=False)).train()
    assert model.labels('eval', 'abc') == wanted()
    dataset = Samples('abc', named=False)
    dataset.num_classes, dataset.multi_class = 4, True  # MMAction2's
    with pytest.raises(InputError, match='num_classes=4, but there are 3 classes of the head'):
        build(tmp_path, Recorder(), train=dataset).train()


@pytest.mark.parametrize(('counts', 'total', 'error', 'warning'), [
    ([2, 2, 4], 6, None, None),
    ([4, 2, 2], 6, 'another order only: label 0 .*carried by 4 of .* 6 samples and by 2 of', None),
    ([3, 3, 6], 9, None, 'label 0 .*carried by 3 of .* 9 samples and by 2 of .* 6.*cannot be compared'),
    (None, None, None, None),
])
def test_counts_take_the_place_of_names(tmp_path, log, counts, total, error, warning):
    model = Recorder(CLASSES, counts, total)
    runner = build(tmp_path, model, train=Samples('abc', named=False), val=Samples('cab'))
    if error:
        with pytest.raises(InputError, match=error):
            runner.train()
        return
    runner.train()
    assert runner.train_dataloader.dataset.metainfo['classes'] == CLASSES
    assert model.labels('train', 'abc') == model.labels('eval', 'abc') == wanted()
    lines = [line for line in log() if 'counted on' in line]
    assert len(lines) == bool(warning)
    assert not warning or re.search(warning, lines[0])


@pytest.mark.parametrize(('counts', 'told'), [([2, 4, 2], False), ([3, 5, 2], True)])
def test_counts_of_other_samples_are_told_where_names_are_known(tmp_path, log, counts, told):
    build(tmp_path, Recorder(tuple('bca'), counts), train=Samples('abc')).train()
    assert any('leak into training' in line for line in log()) == told


#: Many labels, so that counts tell their order: label k in every (k + 2)th sample.
MANY = tuple('abcdefghijklmnopqrst')
SAMPLES = [[name for k, name in enumerate(MANY) if number % (k + 2) == 0] for number in range(240)]


def many(names=MANY, labels=SAMPLES, named=False):
    return Samples(names, named=named, labels=labels)


def test_a_validation_set_without_names_is_compared_with_the_training_set(tmp_path):
    build(tmp_path, Recorder(num_classes=20), train=many(), val=many(labels=SAMPLES[::3])).train()
    with pytest.raises(InputError, match=r'validation set.* in another order than the training set: label 0 '):
        build(tmp_path, Recorder(num_classes=20), train=many(), val=many(MANY[::-1])).train()


@pytest.mark.parametrize('names', [MANY, None])
def test_a_test_set_without_names_is_compared_with_the_counts_in_the_checkpoint(tmp_path, names):
    hook, content = LabelOrderHook(), dict(meta={})
    hook.trained = label_counts(many(), MANY)
    hook.before_save_checkpoint(None, content)
    path = checkpoint(tmp_path, names, **content['meta'])
    build(tmp_path, Recorder(num_classes=20), test=many(labels=SAMPLES[::3]), load_from=path).test()
    with pytest.raises(InputError, match=r'that the checkpoint was trained on: label 0 .*; write them in that order'):
        build(tmp_path, Recorder(num_classes=20), test=many(MANY[::-1]), load_from=path).test()


def test_parts_of_a_training_set_are_compared(tmp_path):
    both = ConcatDataset([many(labels=SAMPLES[:120]), many(MANY[::-1], labels=SAMPLES[120:])])
    with pytest.raises(InputError, match='than another part of the training set'):
        build(tmp_path, Recorder(num_classes=20), train=both).train()
    build(tmp_path, Recorder(num_classes=20), train=ConcatDataset([many(labels=SAMPLES[:120]),
                                                                  many(labels=SAMPLES[120:])])).train()


def test_a_graph_of_a_prior_names_and_checks_as_that_of_a_neck(tmp_path):
    model = Recorder(num_classes=3)
    model.head.classifier = nn.Module()
    model.head.classifier.prior_labels = GraphLabels(CLASSES, LabelCounts(np.array([4, 2, 2]), 6))
    runner = build(tmp_path, model, train=Samples('abc', named=False))
    with pytest.raises(InputError, match='another order only'):
        runner.train()


def test_a_name_in_place_of_the_names_is_refused(tmp_path):
    dataset = Samples('abc')
    dataset._metainfo['classes'] = 'names.txt'
    with pytest.raises(InputError, match="'names.txt': no such file of class names"):
        build(tmp_path, Recorder(), train=dataset).train()
