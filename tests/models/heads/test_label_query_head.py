"""The query head in recognisers of MMAction2: training, prediction, deployed form."""

import pytest
import torch
from mmengine.registry import MODELS, init_default_scope

pytest.importorskip('mmaction')
from mmaction.structures import ActionDataSample  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402

K = 5
SMALL = dict(embed_dims=16, num_heads=2, feedforward_channels=24)
I3D = dict(type='kss_mm.LCInceptionI3d', num_classes=K, width=.125, zero_init=False, ends='Mixed_3c',
           taps=('Conv3d_2c_3x3', 'Mixed_3b'))
PLAIN = dict(type='kss_mm.InceptionI3d', width=.125, ends='Mixed_3c')
TSM = dict(type='mmaction.ResNetTSM', depth=18, num_segments=4, pretrained2d=False)
NORMALISED = dict(type='mmaction.ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3)


def gcn(graph) -> dict:
    return dict(type='kss_mm.LabelGCN', graph=graph, lam=.6, tau=.03, eta=.4)


@pytest.fixture
def build(make_graph):
    """A model of one of the forms in which the head works, in evaluation mode, and one sample of its input."""
    def make(form: str, **options):
        init_default_scope('mmaction')
        graph = make_graph(K)
        kind, backbone, neck, pooled, head, layout = {
            'laterals': ('kss_mm.KSSNet', I3D, gcn(graph), 60, dict(queries='graph'), 'NCTHW'),
            'no laterals': ('kss_mm.KSSNet', PLAIN, {**gcn(graph), 'channels': (60,)}, 60, dict(queries='graph'),
                            'NCTHW'),
            'frames': ('kss_mm.KSSNet2D', TSM, {**gcn(graph), 'channels': (8, 512)}, 512, dict(queries='graph'),
                       'NCHW'),
            'fixed': ('kss_mm.KSSNet', I3D, dict(type='kss_mm.FixedLabelEmbedding', graph=graph), 60,
                      dict(queries='words', graph=graph), 'NCTHW'),
            'alone': ('Recognizer3D', PLAIN, None, 60, dict(groups=2), 'NCTHW'),
            'words alone': ('Recognizer3D', PLAIN, None, 60, dict(queries='words', graph=graph), 'NCTHW'),
        }[form]
        model = MODELS.build(dict(
            type=kind, backbone=backbone, neck=neck, data_preprocessor=dict(NORMALISED, format_shape=layout),
            cls_head=dict(type='kss_mm.LabelQueryHead', num_classes=K, in_channels=pooled, **SMALL, **head,
                          **options)))
        shape = (1, 3, 5, 40, 57) if layout == 'NCTHW' else (4, 3, 40, 57)
        return model.eval(), torch.randint(0, 256, shape, dtype=torch.uint8)
    return make


FORMS = ['laterals', 'no laterals', 'frames', 'fixed', 'alone', 'words alone']


def samples(number: int) -> list[ActionDataSample]:
    return [ActionDataSample().set_gt_label(torch.eye(K)[index]) for index in range(number)]


@pytest.mark.parametrize('form', FORMS)
def test_it_trains_and_predicts(build, form):
    model, pixels = build(form)
    predicted = model.test_step(dict(inputs=[pixels, pixels.flip(-1)], data_samples=samples(2)))
    scores = torch.stack([sample.pred_score for sample in predicted])
    assert scores.shape == (2, K) and not torch.allclose(scores[0], scores[1])
    model.train()
    data = model.data_preprocessor(dict(inputs=[pixels, pixels.flip(-1)], data_samples=samples(2)), True)
    model(**data, mode='loss')['loss_cls'].backward()
    # None for DistributedDataParallel to wait for.
    assert not [name for name, parameter in model.named_parameters() if parameter.grad is None]


def test_clips_are_averaged_as_by_every_head(build):
    model, pixels = build('alone', average_clips='max')
    clips = torch.cat([pixels, pixels.flip(-1)])
    logits = torch.stack([model.test_step(dict(inputs=[clip[None]], data_samples=samples(1)))[0].pred_logit
                          for clip in clips])
    (both,) = model.test_step(dict(inputs=[clips], data_samples=samples(1)))
    torch.testing.assert_close(both.pred_logit, logits.amax(0))


@pytest.mark.parametrize('form', FORMS)
def test_deployed_is_trained_without_a_graph(build, form):
    from kss_mm.models.deploy import switch_to_deploy

    model, pixels = build(form, prior=[.1, .2, .3, .4, .5], positions='sine')
    data = dict(inputs=[pixels, pixels.flip(-1)], data_samples=samples(2))
    expected = torch.stack([sample.pred_logit for sample in model.test_step(data)])
    switch_to_deploy(model)
    found = torch.stack([sample.pred_logit for sample in model.test_step(data)])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * expected.abs().max().item())
    classifier = model.cls_head.classifier
    assert getattr(model, 'neck', None) is None and classifier.project is None and classifier.bias is None
    assert not {'words', 'embedding', 'bias'} & set(classifier.state_dict())
    assert classifier.queries.shape == (2 if form == 'alone' else K, 16)


def test_built_in_deployed_form(build):
    model, pixels = build('laterals')
    data = dict(inputs=[pixels], data_samples=samples(1))
    model.switch_to_deploy()
    again = MODELS.build(dict(
        type='kss_mm.KSSNet', backbone=I3D, deploy=True, data_preprocessor=dict(NORMALISED, format_shape='NCTHW'),
        cls_head=dict(type='kss_mm.LabelQueryHead', num_classes=K, in_channels=60, queries='graph', **SMALL))).eval()
    again.load_state_dict(model.state_dict())
    assert torch.equal(again.test_step(data)[0].pred_logit, model.test_step(data)[0].pred_logit)


def test_the_two_pathways_of_slowfast_are_refused(build):
    model, _ = build('alone')
    with pytest.raises(InputError, match='2 feature maps, as SlowFast does'):
        model.cls_head((torch.randn(1, 40, 2, 3, 3), torch.randn(1, 20, 8, 3, 3)))
