import pytest
import torch

pytest.importorskip('mmaction')
from mmaction.structures import ActionDataSample  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models import KSSHead  # noqa: E402


def head(num_classes=3, **kwargs) -> KSSHead:
    return KSSHead(num_classes, 4, **kwargs).eval()


def samples(targets) -> list[ActionDataSample]:
    return [ActionDataSample().set_gt_label(torch.as_tensor(row)) for row in targets]


@pytest.mark.parametrize('batch', [1, 2])
@pytest.mark.parametrize('num_classes', [1, 3])
@pytest.mark.parametrize('clips', [1, 2])
def test_loss_is_binary_cross_entropy_over_every_clip(batch, num_classes, clips):
    targets = torch.randint(0, 2, (batch, num_classes)).float()
    logits = torch.randn(batch * clips, num_classes)
    loss = head(num_classes).loss_by_feat(logits, samples(targets))['loss_cls']
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        logits.view(batch, clips, -1), targets[:, None].expand(-1, clips, -1))
    torch.testing.assert_close(loss, expected)


@pytest.mark.parametrize('average_clips', ['prob', 'score', 'max'])
def test_prediction_averages_clips_and_thresholds(average_clips):
    logits = torch.tensor([[4., -1., 0.], [-2., -1., 0.], [1., 1., -3.], [1., 1., -3.]])  # 2 videos of 2 clips
    first, second = head(average_clips=average_clips).predict_by_feat(logits, samples(torch.zeros(2, 3)))
    expected = {'prob': (torch.tensor(4.).sigmoid() + torch.tensor(-2.).sigmoid()) / 2,
                'score': torch.tensor(1.).sigmoid(), 'max': torch.tensor(4.).sigmoid()}[average_clips]
    torch.testing.assert_close(first.pred_score[0], expected)
    assert first.pred_label.tolist() == [0, 2]  # probability one half is a prediction
    assert second.pred_label.tolist() == [0, 1]


@pytest.mark.parametrize('average_clips', ['prob', 'score', 'max'])
def test_logits_stand_beside_probabilities(average_clips):
    logits = torch.randn(6, 3)
    made = head(average_clips=average_clips)
    predicted = made.predict_by_feat(logits, samples(torch.zeros(2, 3)))
    for sample in predicted:
        torch.testing.assert_close(sample.pred_logit.sigmoid().float(), sample.pred_score)
    if average_clips == 'score':
        torch.testing.assert_close(predicted[0].pred_logit.float(), logits[:3].mean(0))
    singles = made.predict_by_feat(logits, samples(torch.zeros(6, 3)))
    assert torch.equal(torch.stack([sample.pred_logit for sample in singles]), logits)


def test_a_prediction_may_be_empty():
    (sample,) = head().predict_by_feat(torch.full((1, 3), -5.), samples(torch.zeros(1, 3)))
    assert sample.pred_label.tolist() == [] and sample.pred_score.shape == (3,)


def test_threshold_is_a_probability():
    (sample,) = head(threshold=.9).predict_by_feat(torch.tensor([[2., 3., 0.]]), samples(torch.zeros(1, 3)))
    assert sample.pred_label.tolist() == [1]


@pytest.mark.parametrize('arguments', [dict(average_clips=None), dict(average_clips='softmax'), dict(threshold=2.)])
def test_mistakes_are_named(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        head(**arguments)


def test_the_index_of_a_single_label_is_as_good_as_zeros_and_ones():
    """The labels that MMAction2's single-label datasets give, so that their configs need no other data."""
    logits = torch.randn(4, 3)
    loss = head().loss_by_feat(logits, samples([[1], [2]]))['loss_cls']
    expected = head().loss_by_feat(logits, samples([[0., 1., 0.], [0., 0., 1.]]))['loss_cls']
    torch.testing.assert_close(loss, expected)


@pytest.mark.parametrize('label', [[3], [-1], [0, 1], [1.], [0., 1.]])
def test_labels_of_another_number_of_classes_are_refused(label):
    with pytest.raises(InputError, match='multi_class=True and num_classes=3'):
        head().loss_by_feat(torch.randn(1, 3), samples([label]))


def test_a_tuple_of_features_is_pooled_one_by_one():
    """SlowFast's pathways have different lengths in time."""
    slow, fast = torch.randn(2, 3, 2, 4, 4), torch.randn(2, 1, 8, 4, 4)
    net = head(residual_fc=True)
    pooled = torch.cat([slow.mean((2, 3, 4)), fast.mean((2, 3, 4))], dim=1)
    torch.testing.assert_close(net((slow, fast)), net.classifier.fc(pooled))
