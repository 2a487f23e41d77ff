"""The query head in classifiers of MMPretrain: training, prediction, deployed form."""

import pytest
import torch
from mmengine.registry import MODELS, init_default_scope

pytest.importorskip('mmpretrain')
from mmpretrain.structures import DataSample  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models import LabelQueryClsHead  # noqa: E402

K = 5
SMALL = dict(embed_dims=16, num_heads=2, feedforward_channels=24)
RESNET = dict(depth=18, stem_channels=8, base_channels=8)
LATERAL = dict(type='kss_mm.LCResNet', num_classes=K, zero_init=False, **RESNET)
SWIN = dict(type='mmpretrain.SwinTransformer', img_size=64, window_size=2,
            arch=dict(embed_dims=16, depths=[1] * 4, num_heads=[1, 2, 2, 2]))


@pytest.fixture
def build(make_graph):
    """A model of one of the forms in which the head works, in evaluation mode."""
    def make(form: str, **options):
        init_default_scope('mmpretrain')
        graph = make_graph(K)
        neck = dict(type='kss_mm.LabelGCN', graph=graph, lam=.6, tau=.03, eta=.4)
        kind, backbone, neck, pooled, head = {
            'laterals': ('kss_mm.KSSNetClassifier', LATERAL, neck, 64, dict(queries='graph')),
            'no laterals': ('kss_mm.KSSNetClassifier', dict(type='ResNet', **RESNET), {**neck, 'channels': (64,)}, 64,
                            dict(queries='graph')),
            'fixed': ('kss_mm.KSSNetClassifier', LATERAL, dict(type='kss_mm.FixedLabelEmbedding', graph=graph), 64,
                      dict(groups=3)),
            'alone': ('ImageClassifier', dict(type='ResNet', **RESNET), None, 64, {}),
            'transformer': ('ImageClassifier', SWIN, None, 128, dict(queries='words', graph=graph)),
        }[form]
        return MODELS.build(dict(
            type=kind, backbone=backbone, neck=neck, data_preprocessor=dict(mean=[120.] * 3, std=[60.] * 3),
            head=dict(type='kss_mm.LabelQueryClsHead', num_classes=K, in_channels=pooled, **SMALL, **head,
                      **options))).eval()
    return make


FORMS = ['laterals', 'no laterals', 'fixed', 'alone', 'transformer']


@pytest.mark.parametrize('form', FORMS)
def test_it_trains_and_predicts(build, form):
    model, x = build(form), torch.randn(2, 3, 64, 64)
    samples = [DataSample().set_gt_label([0, 3]), DataSample().set_gt_label([])]
    predicted = model(x, [DataSample(), DataSample()], mode='predict')
    assert torch.equal(torch.stack([sample.pred_logit for sample in predicted]), model(x))
    model.train()
    model(x, samples, mode='loss')['loss'].backward()
    assert not [name for name, parameter in model.named_parameters() if parameter.grad is None]


@pytest.mark.parametrize('form', FORMS)
def test_deployed_is_trained_without_a_graph(build, form):
    from kss_mm.models.deploy import switch_to_deploy

    model, x = build(form, prior=[.1, .2, .3, .4, .5], num_layers=2, self_attention=True), torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = model(x)
        switch_to_deploy(model)
        found = model(x)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * expected.abs().max().item())
    classifier = model.head.classifier
    assert classifier.kind == 'learned' and not {'words', 'bias'} & set(classifier.state_dict())


@pytest.mark.parametrize(('options', 'labels'), [
    ({}, [0, 2, 3]), (dict(threshold=.9), [2]), (dict(topk=2), [2, 3])])
def test_predictions_are_those_of_every_head(options, labels):
    head = LabelQueryClsHead(K, 6, **SMALL, **options).eval()
    head.forward = lambda feats: torch.tensor([[0., -.1, 3., 1., -9.]])
    (sample,) = head.predict((None,))
    assert sorted(sample.pred_label.tolist()) == labels


def test_pooled_features_are_refused():
    with pytest.raises(InputError, match='pooled already'):
        LabelQueryClsHead(K, 6, **SMALL)((torch.randn(2, 6),))
