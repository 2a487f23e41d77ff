"""Thresholds and label graph of a report out of its model's checkpoint."""

import numpy as np
import pytest
import torch
from report_data import data_of, made_up, saved

import kss_mm
from kss_mm.checkpoints.stored_graph import as_tensors
from kss_mm.errors import InputError

CONFIG = "lam = 0.7\nmodel = dict(neck=dict(type='kss_mm.LabelGCN', lam=0.7, tau=0.05))\n"


@pytest.fixture
def report(tmp_path, make_graph):
    def make(names=None, config=CONFIG, key='cls_head.classifier.threshold_logits', **options):
        content = made_up()
        names = list(reversed(content.classes)) if names is None else names
        meta = {'dataset_meta': {'classes': names}, 'cfg': config}
        graph = make_graph(6)
        object.__setattr__(graph, 'classes', tuple(content.classes))
        torch.save({'state_dict': {key: torch.linspace(-1, 1, 6)}, 'meta': meta, 'label_graph': as_tensors(graph)},
                   tmp_path / 'model.pth')
        written = kss_mm.report(saved(content, tmp_path / 'scores.npz'), tmp_path / 'page.html',
                                model=tmp_path / 'model.pth', draws=0, **options)
        return content, data_of(tmp_path / 'page.html'), written
    return make


def test_thresholds_go_to_the_classes_by_name(report):
    content, data, written = report()
    logits = torch.linspace(-1, 1, 6).flip(0)
    np.testing.assert_allclose(data['classes']['threshold'], logits.sigmoid(), atol=1e-4)
    assert data['classes']['predicted'] == (content.logits >= logits.numpy()).sum(axis=0).tolist()
    assert 'that of its class in model.pth' in data['thresholds']
    assert any('mapped by name' in note for note in written.notes)


def test_the_graph_is_mixed_as_the_model_does_it_unless_said_otherwise(report):
    graph = report()[1]['graph']
    assert (graph['lam'], graph['tau'], graph['eta']) == (.7, .05, .4)
    graph = report(lam=.2, eta=.5)[1]['graph']
    assert (graph['lam'], graph['tau'], graph['eta']) == (.2, .05, .5)
    assert report(config=None)[1]['graph']['lam'] == .4


@pytest.mark.parametrize(('options', 'message'), [
    ({'names': ['a', 'b', 'c', 'd', 'e', 'f']}, "its 6 classes are not the 6 of .*model.pth, which has no 'class 0'"),
    ({'key': 'head.weight'}, 'model.pth: has no thresholds'),
    ({'config': 'import os'}, 'the config in it cannot be read'),
])
def test_other_models_are_refused(report, options, message):
    with pytest.raises(InputError, match=message):
        report(**options)
