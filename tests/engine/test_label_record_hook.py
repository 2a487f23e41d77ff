from types import SimpleNamespace

import pytest
from torch import nn

from kss_mm.engine import LabelRecordHook
from kss_mm.models.graph_labels import GraphLabels


def runner(graph, **neck) -> SimpleNamespace:
    model = nn.Module()
    model.neck = nn.Module()
    labels = None if graph is None else GraphLabels(graph, None)
    for name, value in dict(graph_labels=labels, **neck).items():
        setattr(model.neck, name, value)
    return SimpleNamespace(model=model)


@pytest.mark.parametrize(('graph', 'meta', 'kept'), [
    (('a', 'b'), {}, ['a', 'b']), (('a', 'b'), None, ['a', 'b']), (('a', 'b'), dict(classes=['a', 'b']), ['a', 'b']),
    (None, {}, None),
])
def test_a_checkpoint_names_the_classes_of_the_graph_where_the_dataset_names_none(graph, meta, kept):
    content = dict(meta=dict(dataset_meta=meta))
    LabelRecordHook().before_save_checkpoint(runner(graph), content)
    assert content['meta']['dataset_meta'].get('classes') == kept


@pytest.mark.parametrize(('neck', 'kept'), [(dict(awaits_weights=False), True), ({}, False)])
def test_the_graph_of_a_published_checkpoint_is_handed_on(neck, kept):
    hook, run, content = LabelRecordHook(), runner(('a', 'b'), **neck), dict(meta={})
    hook.after_load_checkpoint(run, dict(label_graph=dict(total=5)))
    hook.before_save_checkpoint(run, content)
    assert content.get('label_graph') == (dict(total=5) if kept else None)
