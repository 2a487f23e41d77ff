from types import SimpleNamespace

import pytest
import torch
from mmengine.runner.base_loop import BaseLoop
from torch import nn

from kss_mm.engine import LabelGraphStartHook
from kss_mm.models.graph_labels import GraphLabels


class Loop(BaseLoop):
    def run(self):
        raise NotImplementedError


def runner(*, trains=True, resumes=False) -> SimpleNamespace:
    model = nn.Module()
    model.neck = nn.Module()
    model.neck.classes = ('a', 'b')
    model.neck.graph_labels = GraphLabels(model.neck.classes, None)
    model.neck.register_buffer('rows', torch.zeros(3))
    model.neck.register_buffer('values', torch.tensor([1., 2.]))
    loop = Loop.__new__(Loop) if trains else dict()
    return SimpleNamespace(model=model, _train_loop=loop, _resume=resumes)


@pytest.mark.parametrize(('value', 'classes', 'taken', 'evaluated'), [
    ([1., 2.], ['a', 'b'], True, True),  # the graph of a resumed run
    ([3., 2.], ['a', 'b'], True, True),  # the same labels, other tau
    ([3., 2.], ['b', 'a'], False, True),  # the same labels in another order
    ([3., 2.], ['b', 'c'], False, True),  # as many labels, but others: they would all fit
    ([3., 2., 1.], ['a', 'b'], False, False),  # a sparse graph with another edge: a part of it would fit
    (None, None, False, False),  # a backbone alone
])
@pytest.mark.parametrize('run', [dict(), dict(trains=False), dict(resumes=True)])
def test_the_graph_of_a_checkpoint(value, classes, taken, evaluated, run):
    graph = {} if value is None else {'neck.rows': torch.zeros(3), 'neck.values': torch.tensor(value)}
    content = dict(state_dict={'backbone.weight': torch.ones(1), **graph},
                   meta=dict(dataset_meta=dict(classes=classes)))
    LabelGraphStartHook().after_load_checkpoint(runner(**run), content)
    # To evaluate, or to go on, is to take what was trained.
    assert set(content['state_dict']) == {'backbone.weight', *(graph if (evaluated if run else taken) else ())}


def test_a_start_from_the_same_labels_in_another_order_is_told(monkeypatch):
    lines = []
    monkeypatch.setattr('kss_mm.engine.label_graph_start_hook.print_log', lambda text, **options: lines.append(text))
    state = {'neck.rows': torch.zeros(3), 'neck.values': torch.tensor([3., 2.])}
    LabelGraphStartHook().after_load_checkpoint(runner(), dict(state_dict=state,
                                                               meta=dict(dataset_meta=dict(classes=['b', 'a']))))
    assert len(lines) == 1 and 'in another order' in lines[0]


def test_averaged_weights_start_with_the_same_graph():
    from mmengine.hooks import EMAHook
    from mmengine.runner import get_priority

    assert get_priority(LabelGraphStartHook.priority) < get_priority(EMAHook.priority)
