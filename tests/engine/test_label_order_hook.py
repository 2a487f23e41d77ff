from types import SimpleNamespace

import pytest
import torch
from torch import nn

from kss_mm.engine import LabelOrderHook
from kss_mm.errors import InputError


def runner(graph, dataset) -> SimpleNamespace:
    model = nn.Module()
    model.neck = nn.Module()
    model.neck.classes = graph
    loader = SimpleNamespace(dataset=SimpleNamespace(metainfo={} if dataset is None else dict(classes=dataset)))
    return SimpleNamespace(model=model, train_dataloader=loader, test_dataloader=loader)


@pytest.mark.parametrize('dataset', [['a', 'b'], ('a', 'b'), None])
def test_the_same_classes_pass(dataset):
    LabelOrderHook().before_train(runner(('a', 'b'), dataset))


def test_a_model_without_a_graph_passes():
    LabelOrderHook().before_test(runner(None, ['a']))


@pytest.mark.parametrize(('dataset', 'message'), [(['b', 'a'], 'from number 0'), (['a'], 'from number 1')])
def test_another_order_or_number_stops_the_run(dataset, message):
    for check in (LabelOrderHook().before_train, LabelOrderHook().before_test):
        with pytest.raises(InputError, match=message):
            check(runner(('a', 'b'), dataset))


@pytest.mark.parametrize(('graph', 'meta', 'kept'), [
    (('a', 'b'), {}, ['a', 'b']), (('a', 'b'), None, ['a', 'b']), (('a', 'b'), dict(classes=['a', 'b']), ['a', 'b']),
    (None, {}, None),
])
def test_a_checkpoint_names_the_classes_of_the_graph_where_the_dataset_names_none(graph, meta, kept):
    content = dict(meta=dict(dataset_meta=meta))
    LabelOrderHook().before_save_checkpoint(runner(graph, None), content)
    assert content['meta']['dataset_meta'].get('classes') == kept


@pytest.mark.parametrize(('value', 'classes', 'taken'), [
    ([1., 2.], ['a', 'b'], True),  # the graph of a resumed run
    ([3., 2.], ['a', 'b'], True),  # the same labels, other tau
    ([3., 2.], ['b', 'c'], False),  # as many labels, but others: they would all fit
    ([3., 2., 1.], ['a', 'b'], False),  # a sparse graph with another edge: a part of it would fit
    (None, None, False),  # a backbone alone
])
def test_the_graph_of_a_checkpoint_to_start_from(value, classes, taken):
    run = runner(('a', 'b'), None)
    run.model.neck.register_buffer('rows', torch.zeros(3))
    run.model.neck.register_buffer('values', torch.tensor([1., 2.]))
    graph = {} if value is None else {'neck.rows': torch.zeros(3), 'neck.values': torch.tensor(value)}
    content = dict(state_dict={'backbone.weight': torch.ones(1), **graph},
                   meta=dict(dataset_meta=dict(classes=classes)))
    LabelOrderHook().after_load_checkpoint(run, content)
    assert set(content['state_dict']) == {'backbone.weight', *(graph if taken else ())}
