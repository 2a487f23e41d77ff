import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from torch import nn

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph
from kss_mm.models import FixedLabelEmbedding, LabelClassifier, LabelGCN, LabelQueryClassifier, inject
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.label_pathway import check_pathway, encode_labels, set_widths

K, TAPPED, POOLED = 5, 6, 4


@pytest.fixture
def parts(make_graph):
    """Neck, lateral connections and head."""
    def make(kind=LabelGCN, residual_fc=True, **options):
        head, backbone = nn.Module(), nn.Sequential(nn.Conv2d(3, TAPPED, 1), nn.Conv2d(TAPPED, POOLED, 1))
        head.num_classes, head.in_channels = K, POOLED
        head.classifier = LabelClassifier(POOLED, K, residual_fc=residual_fc)
        inject(backbone, ['0'], [TAPPED], K)
        graph = dict(lam=.6, tau=.03, eta=.4) if kind is LabelGCN else {}
        return kind(make_graph(K), **graph, **options), backbone.laterals, head
    return make


@pytest.mark.parametrize(('kind', 'widths'), [(LabelGCN, (TAPPED, POOLED)), (FixedLabelEmbedding, (TAPPED,))])
def test_widths_are_those_of_taps_and_pooled_features(parts, kind, widths):
    neck, laterals, head = parts(kind)
    set_widths(neck, laterals, head)
    assert neck.channels == widths
    check_pathway(neck, laterals, head)


def test_widths_that_were_given_stay_and_are_checked(parts):
    neck, laterals, head = parts(channels=(TAPPED + 1, POOLED))
    set_widths(neck, laterals, head)
    assert neck.channels == (TAPPED + 1, POOLED)
    with pytest.raises(InputError, match=r'channels=\(7, 4\), the taps of the backbone have \(6,\)'):
        check_pathway(neck, laterals, head)


@pytest.mark.parametrize('function', [set_widths, check_pathway])
def test_parts_of_another_kind_are_named(parts, function):
    neck, laterals, head = parts(channels=(TAPPED, POOLED))
    with pytest.raises(InputError, match='got Linear'):
        function(neck, laterals, nn.Linear(1, 1))
    with pytest.raises(InputError, match='got Linear'):
        function(nn.Linear(1, 1), laterals, head)


def test_a_fixed_embedding_needs_a_head_that_classifies_alone(parts):
    neck, laterals, head = parts(FixedLabelEmbedding, residual_fc=False)
    set_widths(neck, laterals, head)
    with pytest.raises(InputError, match='residual_fc=True'):
        check_pathway(neck, laterals, head)


@pytest.mark.parametrize(('kind', 'queries', 'message'), [
    (LabelGCN, 'graph', None), (FixedLabelEmbedding, 'words', None), (FixedLabelEmbedding, 'learned', None),
    (LabelGCN, 'words', "queries are 'words' and take no label embedding"),
    (LabelGCN, 'learned', "queries are 'learned' and take no label embedding"),
    (FixedLabelEmbedding, 'graph', "other queries than 'graph'")])
def test_queries_that_take_the_embedding_get_one_and_no_others(parts, make_graph, kind, queries, message):
    neck, laterals, head = parts(kind)
    head.classifier = LabelQueryClassifier(POOLED, K, queries=queries, embed_dims=8,
                                           graph=make_graph(K) if queries == 'words' else None)
    set_widths(neck, laterals, head)
    if message is None:
        return check_pathway(neck, laterals, head)
    with pytest.raises(InputError, match=message):
        check_pathway(neck, laterals, head)


def test_words_in_another_order_than_the_labels_of_the_neck_are_refused(parts, make_graph):
    neck, laterals, head = parts(FixedLabelEmbedding)
    set_widths(neck, laterals, head)
    graph = make_graph(K)
    for classes in (graph.classes, graph.classes[::-1]):
        other = LabelGraph(classes, embeddings=graph.embeddings, superimposed=np.eye(K))
        head.classifier = LabelQueryClassifier(POOLED, K, queries='words', graph=other, embed_dims=8)
        if classes == graph.classes:
            check_pathway(neck, laterals, head)
    with pytest.raises(InputError, match='have other labels, or in another order'):
        check_pathway(neck, laterals, head)


def test_the_deepest_layers_before_the_last_feed_fewer_connections(parts):
    neck, laterals, head = parts(channels=(9, TAPPED, POOLED))
    backbone = nn.Module()
    backbone.laterals = laterals
    first, second, last = neck()
    found = encode_labels(neck, backbone, head.classifier)
    torch.testing.assert_close((laterals.embeddings, found), ((second,), last))


@pytest.mark.parametrize('name', ['cls_head', 'head'])
def test_the_head_of_either_host(name):
    model = nn.Module()
    assert head_of(model) is None
    setattr(model, name, nn.Linear(1, 1))
    assert head_of(model) is getattr(model, name)
    assert head_of(ConfigDict({name: dict(num_classes=3)})).num_classes == 3
