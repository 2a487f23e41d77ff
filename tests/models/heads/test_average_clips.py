from decimal import Decimal, localcontext

import pytest
import torch

from kss_mm.models.heads.average_clips import average_logits


def exact(logits: list[float]) -> float:
    """The log-odds of the mean probability, in more digits than there are nines in a probability of logit 700."""
    with localcontext() as context:
        context.prec = 400
        shares = [1 / (1 + (-Decimal(x)).exp()) for x in logits]
        mean = sum(shares) / len(shares)
        return float((mean / (1 - mean)).ln())


@pytest.mark.parametrize('logits', [[.3, -2., 1.], [18., 30.], [-18., -30., 4.], [40., 41., 39.], [700., 690.],
                                    [-500., -510.], [1e-3, -1e-3]])
def test_the_log_odds_of_the_mean_probability(logits):
    found = average_logits(torch.tensor(logits)[None, :, None], 'prob')
    assert found.item() == pytest.approx(exact(torch.tensor(logits).tolist()), rel=1e-12, abs=1e-12)


def test_the_mean_of_the_logits():
    x = torch.randn(2, 3, 4) * 1e4
    torch.testing.assert_close(average_logits(x, 'score'), x.double().mean(1))


def test_the_highest_clip_of_every_label():
    clips = torch.tensor([[[1., -3.], [-2., 5.], [0., -9.]]])
    assert average_logits(clips, 'max').tolist() == [[1., 5.]]


@pytest.mark.parametrize('how', ['prob', 'score', 'max'])
def test_one_clip_keeps_its_logit(how):
    x = torch.randn(5, 1, 3) * 1e4
    assert torch.equal(average_logits(x, how), x[:, 0])


@pytest.mark.parametrize('how', ['prob', 'score', 'max'])
def test_large_logits_keep_their_order(how):
    x = torch.linspace(-1e4, 1e4, 2001)
    found = average_logits(x[:, None, None].expand(-1, 3, 1), how).flatten()
    assert (found.diff() > 0).all() and found.isfinite().all()
