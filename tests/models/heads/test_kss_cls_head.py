import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

pytest.importorskip('mmpretrain')
from mmpretrain.structures import DataSample  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models import KSSClsHead  # noqa: E402
from kss_mm.models.heads.kss_cls_head import LabelledFeatures  # noqa: E402

K = 4


def head(**kwargs) -> KSSClsHead:
    return KSSClsHead(K, 6, **{'residual_fc': True, **kwargs}).eval()


def samples(*labels) -> list[DataSample]:
    return [DataSample().set_gt_label(list(label)) for label in labels]


def logits_head(logits: torch.Tensor, **kwargs) -> KSSClsHead:
    """A head that gives these logits, whatever it sees."""
    made = head(**kwargs)
    made.forward = lambda feats: logits
    return made


@pytest.mark.parametrize('feats', [(torch.randn(2, 6, 3, 5),), (torch.randn(2, 9, 8, 8), torch.randn(2, 6, 3, 5)),
                                   (torch.randn(2, 6),)])
def test_a_plain_head_classifies_the_last_feature(feats):
    made = head()
    pooled = feats[-1].flatten(2).amax(2) if feats[-1].ndim > 2 else feats[-1]
    torch.testing.assert_close(made(feats), made.classifier.fc(pooled))


def test_average_pooling():
    x = torch.randn(2, 6, 3, 5)
    made = head(pool='avg')
    torch.testing.assert_close(made((x,)), made.classifier.fc(x.mean((2, 3))))


def test_label_embedding_beside_the_features():
    feats = LabelledFeatures((torch.randn(2, 6, 3, 5),))
    feats.label_embedding = torch.randn(K, 6)
    expected = feats[-1].amax((2, 3)) @ feats.label_embedding.tanh().t()
    torch.testing.assert_close(head(residual_fc=False)(feats), expected)
    with pytest.raises(InputError, match='residual_fc'):
        head(residual_fc=False)((feats[-1],))


def test_loss_is_the_mean_over_labels_and_samples_also_without_labels():
    logits = torch.randn(3, K)
    loss = logits_head(logits).loss((None,), samples([0, 3], [], [1]))['loss']
    target = torch.tensor([[1., 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]])
    torch.testing.assert_close(loss, binary_cross_entropy_with_logits(logits, target))


def test_loss_of_soft_targets_after_mixing_of_images():
    logits, target = torch.randn(2, K), torch.rand(2, K)
    mixed = [DataSample().set_gt_label([0]).set_gt_score(score) for score in target]
    torch.testing.assert_close(logits_head(logits).loss((None,), mixed)['loss'],
                               binary_cross_entropy_with_logits(logits, target))


@pytest.mark.parametrize('loss', [dict(type='mmpretrain.AsymmetricLoss', use_sigmoid=True),
                                  dict(type='mmpretrain.CrossEntropyLoss', use_sigmoid=True, pos_weight=[2.] * K)])
def test_losses_of_the_host_plug_in(loss):
    made = head(loss=loss)
    value = made.loss((torch.randn(2, 6, 3, 3),), samples([0], [1, 2]))['loss']
    value.backward()
    assert value.ndim == 0 and made.classifier.fc.weight.grad.abs().sum() > 0


LOGITS = torch.tensor([[0., -.1, 3., 1.], [-5., -6., -7., -8.]])


def test_every_loss_is_a_mean_over_labels():
    """Ours average by themselves, the host's divide by what the head tells them."""
    feats, target = (torch.randn(2, 6, 3, 3),), samples([0], [1, 2])
    losses = []
    for loss in (dict(type='kss_mm.WeightedBCELoss', pos_weight=2.),
                 dict(type='mmpretrain.CrossEntropyLoss', use_sigmoid=True, pos_weight=[2.] * K)):
        torch.manual_seed(0)
        losses.append(head(loss=loss).loss(feats, target)['loss'])
    torch.testing.assert_close(*losses)


def test_every_label_may_have_a_threshold_of_its_own():
    made = logits_head(LOGITS)
    made.classifier.threshold_logits.copy_(torch.tensor([.6, .4, .99, .5]).logit())
    assert [sample.pred_label.tolist() for sample in made.predict((None,))] == [[1, 3], []]


@pytest.mark.parametrize(('options', 'labels'), [
    ({}, [[0, 2, 3], []]), (dict(threshold=.9), [[2], []]), (dict(topk=2), [[2, 3], [0, 1]]),
    (dict(threshold=.9, topk=2), [[2], []])])
def test_predictions(options, labels):
    predicted = logits_head(LOGITS, **options).predict((None,), samples([0], [1]))
    assert [sorted(sample.pred_label.tolist()) for sample in predicted] == labels
    torch.testing.assert_close(torch.stack([sample.pred_score for sample in predicted]), LOGITS.sigmoid())


def test_logits_stand_beside_probabilities():
    predicted = logits_head(LOGITS).predict((None,))
    assert torch.equal(torch.stack([sample.pred_logit for sample in predicted]), LOGITS)


def test_the_highest_of_probabilities_that_all_round_to_1():
    (sample,) = logits_head(torch.tensor([[30., 50., 40., 20.]]), topk=2).predict((None,))
    assert sample.pred_label.tolist() == [1, 2]


def test_scores_of_mixed_precision_are_float32():
    (sample, _) = logits_head(LOGITS.bfloat16()).predict((None,))
    assert sample.pred_score.dtype == torch.float32


@pytest.mark.parametrize('options', [dict(threshold=1.5), dict(topk=0), dict(topk=5), dict(pool='min')])
def test_mistakes_are_named(options):
    with pytest.raises(InputError, match=next(iter(options))):
        head(**options)
