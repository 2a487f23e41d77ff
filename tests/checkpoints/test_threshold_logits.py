import pytest
import torch
from mmengine.runner.checkpoint import load_state_dict
from torch import nn

from kss_mm.checkpoints.match_weights import weights_in
from kss_mm.checkpoints.threshold_logits import reaching
from kss_mm.models import LabelClassifier

ONE_LESS = 1 - 2 ** -24  # the float32 number below 1
FORMER = torch.tensor([.5, .7, .999, 1e-6, ONE_LESS, 1., 0., 1.5])


@pytest.mark.parametrize('probability', [.1, .3, .7, .999, 1e-6, 1e-30, ONE_LESS, 1.])
def test_a_threshold_is_the_smallest_logit_whose_probability_reaches_it(probability):
    wanted = torch.tensor([probability])
    logit = reaching(wanted)
    assert logit.sigmoid() >= wanted > torch.nextafter(logit, torch.tensor(-torch.inf)).sigmoid()


def test_one_half_is_zero_and_what_is_no_probability_keeps_its_sense():
    assert reaching(torch.tensor([.5])).item() == 0
    always, never, unknown = reaching(torch.tensor([0., 1.1, torch.nan])).tolist()
    assert always < -1e38 and never > 1e38 and unknown != unknown
    assert reaching(FORMER).isfinite().all()  # averaging of weights makes NaN of infinity


@pytest.fixture
def former() -> tuple[nn.Module, dict]:
    """A network, and a checkpoint of it from when thresholds were probabilities."""
    net = nn.Sequential(LabelClassifier(4, len(FORMER), residual_fc=True).eval())
    state = net.state_dict()
    del state['0.threshold_logits']
    return net, {**state, '0.thresholds': FORMER.clone()}


@pytest.mark.parametrize('load', [lambda net, state: net.load_state_dict(state, strict=True),
                                  lambda net, state: load_state_dict(net, state, strict=True)],
                         ids=['torch', 'mmengine'])
def test_checkpoints_from_before_predict_the_same(former, load):
    net, state = former
    load(net, state)
    logits = torch.cat([torch.randn(400, len(FORMER)) * 12, torch.linspace(14, 18, 400)[:, None].expand(-1, 8)])
    before = logits.sigmoid() >= FORMER
    assert [row.tolist() for row in net[0].predicted(logits)] == [row.nonzero().flatten().tolist() for row in before]
    assert before.any(0).tolist() == [True] * 7 + [False] and '0.thresholds' in state  # the file's own dict stays


def test_moving_averages_of_before_load(former):
    from mmengine.model import ExponentialMovingAverage

    net, state = former
    averaged = ExponentialMovingAverage(net)
    averaged.load_state_dict({'steps': torch.tensor(3), **{f'module.{key}': value for key, value in state.items()}})
    torch.testing.assert_close(averaged.module[0].threshold_logits, reaching(FORMER))


def test_a_checkpoint_with_both_forms_is_told(former):
    net, state = former
    with pytest.raises(RuntimeError, match='Unexpected key.*0.thresholds'):
        net.load_state_dict({**state, '0.threshold_logits': torch.zeros(len(FORMER))})


def test_readers_of_files_see_the_form_of_now():
    found = weights_in(dict(state_dict={'module.cls_head.classifier.thresholds': FORMER}), 'a.pth')
    torch.testing.assert_close(found, {'cls_head.classifier.threshold_logits': reaching(FORMER)})


def test_probabilities_are_for_showing_only():
    classifier = LabelClassifier(4, 2, threshold=.3)
    torch.testing.assert_close(classifier.thresholds + 0, torch.full((2,), .3))
    with pytest.raises(RuntimeError, match='(?i)inference'):
        classifier.thresholds.fill_(.9)
    with pytest.raises(AttributeError):
        classifier.thresholds = torch.ones(2)
