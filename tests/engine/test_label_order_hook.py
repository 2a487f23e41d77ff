from types import SimpleNamespace

import pytest
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
